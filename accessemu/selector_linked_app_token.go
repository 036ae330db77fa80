package accessemu

// LinkedAppTokenRule admits who shows, in the header Cf-Access-Token, a token of
// another application: the person stays who it is.
type LinkedAppTokenRule struct {
	AppUID string `json:"app_uid"` // id of the other application
}

func (r LinkedAppTokenRule) compile(field string, f *faults) matcher {
	if r.AppUID == "" {
		f.add(join(field, "app_uid"), `""`, "the id of an application", "")
		return nil
	}
	return linkedMatcher(r.AppUID)
}

type linkedMatcher string

func (m linkedMatcher) match(s subject) bool { return s.linked != nil && s.linked.ID == string(m) }
func (m linkedMatcher) say() string          { return "a token of the application " + quote(string(m)) }
