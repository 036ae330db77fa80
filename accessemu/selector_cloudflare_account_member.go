package accessemu

// CloudflareAccountMemberRule admits members of an account who signed in at the
// identity provider "cloudflare", as its claim account_ids tells.
type CloudflareAccountMemberRule struct {
	AccountID string `json:"account_id,omitempty"` // empty: any
}

func (r CloudflareAccountMemberRule) compile(string, *faults) matcher {
	return memberMatcher(r.AccountID)
}

type memberMatcher string

func (m memberMatcher) match(s subject) bool {
	return s.traits.by("cloudflare") && (m == "" || s.traits.claim("account_ids", string(m)))
}
func (m memberMatcher) say() string {
	if m == "" {
		return "a member of a Cloudflare account"
	}
	return "a member of the Cloudflare account " + string(m)
}
