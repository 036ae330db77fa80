package accessemu

// LoginMethodRule admits who signed in at one identity provider.
type LoginMethodRule struct {
	ID string `json:"id"` // of the provider; its type, as "onetimepin", will do
}

func (r LoginMethodRule) compile(field string, f *faults) matcher {
	if r.ID == "" {
		f.add(join(field, "id"), `""`, `the id of an identity provider, or its type, as "onetimepin"`, "")
		return nil
	}
	return loginMethodMatcher(r.ID)
}

type loginMethodMatcher string

func (m loginMethodMatcher) match(s subject) bool { return s.traits.by(string(m)) }
func (m loginMethodMatcher) say() string {
	return "who signs in at the identity provider " + quote(string(m))
}
