package accessemu

// GSuiteGroupRule admits the members of one Google group, by its address.
type GSuiteGroupRule struct {
	Email      string `json:"email"`
	ProviderID string `json:"identity_provider_id,omitempty"`
}

func (r GSuiteGroupRule) compile(field string, f *faults) matcher {
	email, ok := canonicalEmail(r.Email)
	if !ok {
		f.add(join(field, "email"), quote(r.Email), `the address of a group, as "devs@example.com"`, "")
		return nil
	}
	return gsuiteMatcher{email, r.ProviderID}
}

type gsuiteMatcher struct{ email, provider string }

func (m gsuiteMatcher) match(s subject) bool {
	return s.traits.by(m.provider) && s.traits.member(func(g *membership) bool { return lowerASCII(g.Email) == m.email })
}
func (m gsuiteMatcher) say() string { return "a member of the Google group " + m.email }
