// Package routes finds the Worker that takes a request by the Routes of a zone, as the platform does: patterns with
// wildcards at the start of the host and the end of the path, the most specific one first.
//
//	set, err := routes.Set{}.With("id", "example.com/api/*", "api")
//	match, ok := set.Find("https", "example.com", "/api/users?page=2")
package routes

import (
	"slices"
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// Match is a route that takes a request.
type Match struct {
	ID      string
	Pattern *Pattern
	Script  string // name of the Worker; empty: the route says that none takes the request
}

// Set is a set of routes. It is immutable: With and Without return another, and cost what they touch. The zero Set is
// empty.
type Set struct {
	byHost *iradix.Tree[[]Match] // by "=host", and by "*" and what follows the first dot of what hosts end in
}

// With is the set with one route more, in place of the one that had its id and pattern. An error is *Error.
func (s Set) With(id, pattern, script string) (Set, error) {
	p, err := Parse(pattern)
	if err != nil {
		return s, err
	}
	tree := s.byHost
	if tree == nil {
		tree = iradix.New[[]Match]()
	}
	key := p.key()
	old, _ := tree.Get(key)
	list := slices.DeleteFunc(slices.Clone(old), func(m Match) bool { return m.ID == id })
	list = append(list, Match{id, p, script})
	slices.SortFunc(list, func(a, b Match) int {
		switch {
		case a.Pattern.before(b.Pattern):
			return -1
		case b.Pattern.before(a.Pattern):
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	tree, _, _ = tree.Insert(key, list)
	return Set{tree}, nil
}

// Without is the set without one route.
func (s Set) Without(id, pattern string) Set {
	p, err := Parse(pattern)
	if err != nil || s.byHost == nil {
		return s
	}
	key := p.key()
	old, _ := s.byHost.Get(key)
	list := slices.DeleteFunc(slices.Clone(old), func(m Match) bool { return m.ID == id })
	tree := s.byHost
	if len(list) == 0 {
		tree, _, _ = tree.Delete(key)
	} else {
		tree, _, _ = tree.Insert(key, list)
	}
	return Set{tree}
}

// Len is how many hosts have routes, with and without wildcards.
func (s Set) Len() int {
	if s.byHost == nil {
		return 0
	}
	return s.byHost.Len()
}

// key is where a pattern lies. What follows "*" in a pattern may begin in the middle of a label, so that it is found by
// the labels that are whole.
func (p *Pattern) key() []byte {
	if !p.any {
		return []byte("=" + p.host)
	}
	_, whole, _ := strings.Cut(p.host, ".")
	return []byte("*" + whole)
}

// Find is the most specific route that takes a request: scheme is "http" or "https", host is in lower case without a
// port, uri is path and query. It looks at the routes of the host and of wildcards above it, however many there are of
// others, and allocates nothing.
func (s Set) Find(scheme, host, uri string) (best Match, ok bool) {
	if s.byHost == nil || len(host) > 254 {
		return Match{}, false
	}
	s.lists(host, func(list []Match) {
		for i := range list {
			if m := &list[i]; m.Pattern.Matches(scheme, host, uri) {
				if !ok || m.Pattern.before(best.Pattern) {
					best, ok = *m, true
				}
				return // the others of this list are less specific
			}
		}
	})
	return best, ok
}

// On are the routes that take requests for a host by some path, in no order.
func (s Set) On(host string) (list []Match) {
	if s.byHost == nil || len(host) > 254 {
		return nil
	}
	s.lists(host, func(some []Match) {
		for _, m := range some {
			if m.Pattern.onHost(host) {
				list = append(list, m)
			}
		}
	})
	return list
}

// lists are those in which patterns of a host may be.
func (s Set) lists(host string, look func([]Match)) {
	var buf [256]byte
	at := func(key []byte) {
		if list, ok := s.byHost.Get(key); ok {
			look(list)
		}
	}
	at(append(append(buf[:0], '='), host...))
	for rest := host; ; {
		at(append(append(buf[:0], '*'), rest...))
		_, after, more := strings.Cut(rest, ".")
		if !more {
			break
		}
		rest = after
	}
	at(append(buf[:0], '*')) // of a pattern without a dot
}
