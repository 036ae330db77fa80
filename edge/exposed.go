package edge

// Exposed is an entrypoint that anyone enters without a login, and did not before.
type Exposed struct {
	Entrypoint
	Was string `json:"was,omitempty"` // the application that asked for a login; empty: the entrypoint is new
}

// exposed are the entrypoints of now that are public and were not before, in the order of now.
func (e *Edge) exposed(before, now *snapshot) (list []Exposed) {
	type guard struct {
		public bool
		name   string
	}
	was := map[string]guard{}
	for _, d := range before.doors() {
		public, name := true, ""
		if d.app != nil {
			name = d.app.Name
			public, _ = whoEnters(d.app)
		}
		was[d.url()] = guard{public, name}
	}
	for _, d := range now.doors() {
		if d.app != nil {
			if public, _ := whoEnters(d.app); !public {
				continue
			}
		}
		old, known := was[d.url()]
		if !known {
			list = append(list, Exposed{e.entrypoint(now, d), ""})
		} else if !old.public {
			list = append(list, Exposed{e.entrypoint(now, d), old.name})
		}
	}
	return list
}
