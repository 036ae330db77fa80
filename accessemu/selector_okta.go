package accessemu

// OktaGroupRule admits the members of one Okta group, by its name.
type OktaGroupRule struct {
	Name       string `json:"name"`
	ProviderID string `json:"identity_provider_id,omitempty"`
}

func (r OktaGroupRule) compile(field string, f *faults) matcher {
	if r.Name == "" {
		f.add(join(field, "name"), `""`, "the name of a group", "")
		return nil
	}
	return oktaMatcher(r)
}

type oktaMatcher OktaGroupRule

func (m oktaMatcher) match(s subject) bool {
	return s.traits.by(m.ProviderID) && s.traits.member(func(g *membership) bool { return g.Name == m.Name })
}
func (m oktaMatcher) say() string { return "a member of the Okta group " + quote(m.Name) }
