package accessemu

// AuthContextRule admits who satisfied one authentication context of Entra ID,
// as its claim acrs tells.
type AuthContextRule struct {
	ID         string `json:"id"`
	ACID       string `json:"ac_id"` // "c1"
	ProviderID string `json:"identity_provider_id,omitempty"`
}

func (r AuthContextRule) compile(field string, f *faults) matcher {
	if r.ACID == "" {
		f.add(join(field, "ac_id"), `""`, `an authentication context, as "c1"`, "")
		return nil
	}
	return authContextMatcher(r)
}

type authContextMatcher AuthContextRule

func (m authContextMatcher) match(s subject) bool {
	return s.traits.by(m.ProviderID) && s.traits.claim("acrs", m.ACID)
}
func (m authContextMatcher) say() string {
	return "who satisfies the authentication context " + quote(m.ACID)
}
