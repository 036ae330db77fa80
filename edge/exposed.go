package edge

// Exposed is an entrypoint that anyone enters without a login, and did not before.
type Exposed struct {
	Entrypoint
	Was string `json:"was,omitempty"` // the application that asked for a login; empty: the entrypoint is new
}

// exposed are the entrypoints of now that are public and were not, in the order of now.
func exposed(before, now []Entrypoint) (list []Exposed) {
	was := make(map[string]*Entrypoint, len(before))
	for i := range before {
		was[before[i].URL] = &before[i]
	}
	for _, p := range now {
		if !p.Public {
			continue
		}
		old := was[p.URL]
		switch {
		case old == nil:
			list = append(list, Exposed{p, ""})
		case !old.Public:
			list = append(list, Exposed{p, old.Guard})
		}
	}
	return list
}
