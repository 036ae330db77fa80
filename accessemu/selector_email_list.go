package accessemu

// EmailListRule admits the addresses of a list.
type EmailListRule struct {
	ID string `json:"id"` // here the list's name will do, too
}

func (r EmailListRule) compile(field string, f *faults) matcher {
	if r.ID == "" {
		f.add(join(field, "id"), `""`, "the id or name of a list", "")
		return nil
	}
	return emailListMatcher{ref: r.ID}
}

type emailListMatcher struct {
	ref  string
	list *list
}

func (m emailListMatcher) refs() []string { return []string{refTo("list", m.ref)} }

func (m emailListMatcher) resolve(x *resolver, field string, f *faults) matcher {
	l, ok := x.list(m.ref, listEmail, field, f)
	if !ok {
		return nil
	}
	return emailListMatcher{m.ref, l}
}

func (m emailListMatcher) match(s subject) bool { return m.list != nil && m.list.emails[s.email] }
func (m emailListMatcher) say() string          { return "an e-mail address of the list " + quote(m.ref) }
