package accessemu

import (
	"slices"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// route is one destination of one application.
type route struct {
	app   *App
	host  hostPattern
	path  pathPattern
	field string // of the application: "domain", "destinations[1].uri"

	destination string // host and path as text
}

// paths are the routes of one host, by the literal text before their first
// wildcard: every route that covers a path is found on the way to that path.
type paths = iradix.Tree[[]*route]

// wildHost is one host pattern with wildcards, and its routes.
type wildHost struct {
	pattern hostPattern
	paths   *paths
}

// wildHosts are the patterns that end alike, by the literal text before their
// first wildcard.
type wildHosts = iradix.Tree[[]*wildHost]

// index finds the route of a host and path in a number of steps that depends
// on their length, not on the number of routes. It is persistent: the index
// before a change stays whole.
type index struct {
	literal *iradix.Tree[*paths]     // by host
	wild    *iradix.Tree[*wildHosts] // by the literal text after the last wildcard, reversed
}

func newIndex() index {
	return index{iradix.New[*paths](), iradix.New[*wildHosts]()}
}

// indexTxn collects changes to an index.
type indexTxn struct {
	literal *iradix.Txn[*paths]
	wild    *iradix.Txn[*wildHosts]
}

func (x index) txn() indexTxn      { return indexTxn{x.literal.Txn(), x.wild.Txn()} }
func (t indexTxn) commit() index   { return index{t.literal.Commit(), t.wild.Commit()} }
func (t indexTxn) insert(r *route) { t.edit(r, insertRoute) }
func (t indexTxn) remove(r *route) { t.edit(r, removeRoute) }
func reversed(s string) (b []byte) { b = []byte(s); slices.Reverse(b); return b }
func emptyPaths() *paths           { return iradix.New[[]*route]() }
func sameRoute(a, b *route) bool   { return a.destination == b.destination }
func (r *route) precedes(o *route) bool {
	if a, b := r.host.rank(), o.host.rank(); a != b {
		return a > b
	}
	if a, b := r.path.literals, o.path.literals; a != b {
		return a > b
	}
	if a, b := r.host.stars+r.path.stars(), o.host.stars+o.path.stars(); a != b {
		return a < b
	}
	if a, b := len(r.host.text), len(o.host.text); a != b {
		return a > b
	}
	return r.app.order < o.app.order
}

func insertRoute(p *paths, r *route) *paths {
	key := []byte(r.path.head())
	list, _ := p.Get(key)
	p, _, _ = p.Insert(key, append(slices.Clone(list), r))
	return p
}

func removeRoute(p *paths, r *route) *paths {
	key := []byte(r.path.head())
	list, _ := p.Get(key)
	list = slices.DeleteFunc(slices.Clone(list), func(o *route) bool { return o.app.ID == r.app.ID && sameRoute(o, r) })
	if len(list) == 0 {
		p, _, _ = p.Delete(key)
	} else {
		p, _, _ = p.Insert(key, list)
	}
	return p
}

// find is the route of the same text, of whatever application.
func (t indexTxn) find(r *route) (found *route) {
	t.edit(r, func(p *paths, r *route) *paths {
		list, _ := p.Get([]byte(r.path.head()))
		if i := slices.IndexFunc(list, func(o *route) bool { return sameRoute(o, r) }); i >= 0 {
			found = list[i]
		}
		return p
	})
	return found
}

// edit replaces the paths of the route's host by what change makes of them.
func (t indexTxn) edit(r *route, change func(*paths, *route) *paths) {
	if r.host.literal() {
		key := []byte(r.host.text)
		old, ok := t.literal.Get(key)
		if !ok {
			old = emptyPaths()
		}
		switch p := change(old, r); {
		case p.Len() == 0 && ok:
			t.literal.Delete(key)
		case p != old:
			t.literal.Insert(key, p)
		}
		return
	}
	key, head := reversed(r.host.tail), []byte(r.host.head)
	hosts, ok := t.wild.Get(key)
	if !ok {
		hosts = iradix.New[[]*wildHost]()
	}
	list, _ := hosts.Get(head)
	i := slices.IndexFunc(list, func(w *wildHost) bool { return w.pattern.text == r.host.text })
	old := emptyPaths()
	if i >= 0 {
		old = list[i].paths
	}
	p := change(old, r)
	if p == old {
		return
	}
	list = slices.Clone(list)
	switch w := (&wildHost{r.host, p}); {
	case i < 0:
		list = append(list, w)
	case p.Len() == 0:
		list = slices.Delete(list, i, i+1)
	default:
		list[i] = w
	}
	if len(list) == 0 {
		hosts, _, _ = hosts.Delete(head)
	} else {
		hosts, _, _ = hosts.Insert(head, list)
	}
	if hosts.Len() == 0 {
		t.wild.Delete(key)
	} else {
		t.wild.Insert(key, hosts)
	}
}

// scratch holds keys on the stack; longer ones are allocated.
type scratch [256]byte

// match is the route that decides a canonical host and path, or nil.
func (x index) match(host, path string) *route { return x.find(host, path, false) }

// find matches the path as it is, or in lower case.
func (x index) find(host, path string, lower bool) *route {
	var best *route
	var buf scratch
	h := append(buf[:0], host...)
	if p, ok := x.literal.Get(h); ok {
		if best = bestPath(p, path, lower); best != nil {
			return best
		}
	}
	if x.wild.Len() == 0 {
		return nil
	}
	slices.Reverse(h)
	root := x.wild.Root()
	for k := h; ; {
		key, hosts, ok := root.LongestPrefix(k)
		if !ok {
			return best
		}
		best = bestHost(hosts, host, path, lower, best)
		if len(key) == 0 {
			return best
		}
		k = k[:len(key)-1]
	}
}

// bestHost is the route that precedes best, or best.
func bestHost(hosts *wildHosts, host, path string, lower bool, best *route) *route {
	var buf scratch
	root := hosts.Root()
	for k := append(buf[:0], host...); ; {
		head, list, ok := root.LongestPrefix(k)
		if !ok {
			return best
		}
		for _, w := range list {
			if w.pattern.match(host) {
				if r := bestPath(w.paths, path, lower); r != nil && (best == nil || r.precedes(best)) {
					best = r
				}
			}
		}
		if len(head) == 0 {
			return best
		}
		k = k[:len(head)-1]
	}
}

func bestPath(p *paths, path string, lower bool) *route {
	var best *route
	var buf scratch
	root := p.Root()
	whole := append(buf[:0], path...)
	if lower {
		for i, c := range whole {
			whole[i] = lowerByte(c)
		}
	}
	for k := whole; ; {
		head, list, ok := root.LongestPrefix(k)
		if !ok {
			return best
		}
		for _, r := range list {
			if r.path.match(whole) && (best == nil || r.precedes(best)) {
				best = r
			}
		}
		if len(head) == 0 {
			return best
		}
		k = k[:len(head)-1]
	}
}

// guards tells whether any application covers any path of host.
func (x index) guards(host string) bool {
	var buf scratch
	h := append(buf[:0], host...)
	if _, ok := x.literal.Get(h); ok {
		return true
	}
	slices.Reverse(h)
	root := x.wild.Root()
	for k := h; ; {
		key, hosts, ok := root.LongestPrefix(k)
		if !ok {
			return false
		}
		covered := false
		hosts.Root().Walk(func(_ []byte, list []*wildHost) bool {
			covered = slices.ContainsFunc(list, func(w *wildHost) bool { return w.pattern.match(host) })
			return covered
		})
		if covered {
			return true
		}
		if len(key) == 0 {
			return false
		}
		k = k[:len(key)-1]
	}
}
