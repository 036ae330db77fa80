package accessemu

// ServiceTokenRule admits one service token, by its id; here its name will do,
// too. In an allow policy it still means a login.
type ServiceTokenRule struct {
	TokenID string `json:"token_id"` // not the client id
}

func (r ServiceTokenRule) compile(field string, f *faults) matcher {
	if r.TokenID == "" {
		f.add(join(field, "token_id"), `""`, "the id or name of a service token", "")
		return nil
	}
	return serviceTokenMatcher{ref: r.TokenID}
}

type serviceTokenMatcher struct{ ref, id, name string }

func (m serviceTokenMatcher) refs() []string { return []string{refTo("service_token", m.ref)} }

func (m serviceTokenMatcher) resolve(x *resolver, field string, f *faults) matcher {
	t, ok := find(x.c.tokens, m.ref, "service token", join(field, "token_id"), f)
	if !ok {
		return nil
	}
	return serviceTokenMatcher{ref: m.ref, id: t.id, name: t.doc.Name}
}

func (m serviceTokenMatcher) match(s subject) bool { return s.service != nil && s.service.id == m.id }
func (m serviceTokenMatcher) say() string {
	if m.name == "" {
		return "the service token " + quote(m.ref)
	}
	return "the service token " + quote(m.name)
}
