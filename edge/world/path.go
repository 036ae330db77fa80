package world

import "strconv"

// path is a field path under construction. It is put into words only when
// there is something to report.
type path struct {
	up    *path
	name  string // of a key
	index int

	indexed bool // it is an index
}

func (p *path) key(name string) *path { return &path{up: p, name: name} }
func (p *path) item(index int) *path  { return &path{up: p, index: index, indexed: true} }

// String is "zones[0].records[2].ttl".
func (p *path) String() string {
	switch {
	case p == nil:
		return ""
	case p.indexed:
		return p.up.String() + "[" + strconv.Itoa(p.index) + "]"
	case p.up == nil:
		return p.name
	}
	return p.up.String() + "." + p.name
}

// join puts a path that starts inside a value behind the path of that value.
func join(outer, inner string) string {
	if outer == "" || inner == "" || inner[0] == '[' {
		return outer + inner
	}
	return outer + "." + inner
}
