package environ

import (
	"slices"
	"strings"
)

// remove lists the inherited variables that hold credentials of a real
// account. A value that this world issued, and an empty one, may stay.
func (p *Plan) remove() {
	for _, kv := range p.input.Inherited {
		name, value, ok := strings.Cut(kv, "=")
		if !ok || value == "" || !p.isCredential(name) || p.sets(name) || p.issued(value) {
			continue
		}
		if !slices.ContainsFunc(p.Removed, func(r Removal) bool { return r.Name == name }) {
			p.Removed = append(p.Removed, Removal{name, "a real credential, removed; this world did not issue it"})
		}
	}
	slices.SortFunc(p.Removed, func(a, b Removal) int { return strings.Compare(a.Name, b.Name) })
}

func (p *Plan) isCredential(name string) bool {
	name = p.fold(name)
	for _, family := range families {
		rest, ok := strings.CutPrefix(name, family)
		if ok && slices.ContainsFunc(secretWords[:], func(word string) bool { return strings.Contains(rest, word) }) {
			return true
		}
	}
	for _, pattern := range identities {
		prefix, any := strings.CutSuffix(pattern, "*")
		if name == pattern || any && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func (p *Plan) issued(value string) bool {
	return value == p.input.AccountID || p.input.Issued != nil && p.input.Issued(value)
}

func (p *Plan) sets(name string) bool {
	return slices.ContainsFunc(p.Set, func(v Var) bool { return p.same(v.Name, name) })
}

func (p *Plan) removes(name string) bool {
	return slices.ContainsFunc(p.Removed, func(r Removal) bool { return p.same(r.Name, name) })
}

// fold brings a name to the form in which the system compares it.
func (p *Plan) fold(name string) string {
	if p.input.GOOS == "windows" {
		return strings.ToUpper(name)
	}
	return name
}

func (p *Plan) same(a, b string) bool { return p.fold(a) == p.fold(b) }

// Environ is the inherited environment with the Plan carried out, for
// exec.Cmd.Env.
func (p *Plan) Environ() []string {
	env := make([]string, 0, len(p.input.Inherited)+len(p.Set))
	for _, kv := range p.input.Inherited {
		// Windows keeps per-drive folders in variables whose names begin with "=".
		if name, _, _ := strings.Cut(kv, "="); name == "" || !p.sets(name) && !p.removes(name) {
			env = append(env, kv)
		}
	}
	for _, v := range p.Set {
		env = append(env, v.Name+"="+v.Value)
	}
	return env
}
