package accessemu

import "slices"

// GroupRule admits whom a rule group describes: one of its include rules, all of
// its require rules, none of its exclude rules.
type GroupRule struct {
	ID string `json:"id"` // here the group's name will do, too
}

func (r GroupRule) compile(field string, f *faults) matcher {
	if r.ID == "" {
		f.add(join(field, "id"), `""`, "the id or name of a group", "")
		return nil
	}
	return groupMatcher{ref: r.ID}
}

type groupMatcher struct {
	ref   string
	group *group // nil: not resolved
}

func (m groupMatcher) refs() []string { return []string{refTo("group", m.ref)} }

func (m groupMatcher) resolve(x *resolver, field string, f *faults) matcher {
	g := x.group(m.ref, join(field, "id"), f)
	if g == nil {
		return nil
	}
	return groupMatcher{m.ref, g}
}

func (m groupMatcher) ask(s subject) answer {
	if m.group == nil {
		return no
	}
	return m.group.ask(s)
}

func (m groupMatcher) match(s subject) bool { return m.ask(s) == yes }

func (m groupMatcher) say() string {
	if m.group == nil {
		return "the group " + quote(m.ref)
	}
	return "the group " + quote(m.group.label()) + " (" + m.group.say() + ")"
}

// identity tells whether a sign-in decides some rule.
func (g *group) identity() bool {
	return slices.ContainsFunc(slices.Concat(g.include, g.exclude, g.require), func(r rule) bool {
		inner, ok := r.matcher.(groupMatcher)
		return r.about == aboutIdentity || ok && inner.group != nil && inner.group.identity()
	})
}
