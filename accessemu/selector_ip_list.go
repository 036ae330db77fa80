package accessemu

// IPListRule admits the addresses and ranges of a list. It is asked again at
// every request of a session.
type IPListRule struct {
	ID string `json:"id"` // here the list's name will do, too
}

func (r IPListRule) compile(field string, f *faults) matcher {
	if r.ID == "" {
		f.add(join(field, "id"), `""`, "the id or name of a list", "")
		return nil
	}
	return ipListMatcher{ref: r.ID}
}

type ipListMatcher struct {
	ref  string
	list *list
}

func (m ipListMatcher) refs() []string { return []string{refTo("list", m.ref)} }

func (m ipListMatcher) resolve(x *resolver, field string, f *faults) matcher {
	l, ok := x.list(m.ref, listIP, field, f)
	if !ok {
		return nil
	}
	return ipListMatcher{m.ref, l}
}

func (m ipListMatcher) match(s subject) bool {
	if m.list == nil {
		return false
	}
	for _, p := range m.list.prefixes {
		if p.Contains(s.ip) {
			return true
		}
	}
	return false
}
func (m ipListMatcher) say() string { return "an IP address of the list " + quote(m.ref) }
