package accessemu

// OIDCClaimRule admits who has exactly this value of a claim, perhaps among
// others.
type OIDCClaimRule struct {
	Name       string `json:"claim_name"`
	Value      string `json:"claim_value"`
	ProviderID string `json:"identity_provider_id,omitempty"`
}

func (r OIDCClaimRule) compile(field string, f *faults) matcher {
	if r.Name == "" {
		f.add(join(field, "claim_name"), `""`, "the name of a claim", "")
		return nil
	}
	return oidcMatcher(r)
}

type oidcMatcher OIDCClaimRule

func (m oidcMatcher) match(s subject) bool {
	return s.traits.by(m.ProviderID) && s.traits.claim(m.Name, m.Value)
}
func (m oidcMatcher) say() string { return "who has the claim " + m.Name + " " + quote(m.Value) }
