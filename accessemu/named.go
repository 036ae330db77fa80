package accessemu

import (
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// document is a compiled document that others may name by its id or its name.
type document interface{ key() (id, name string) }

// named are documents of one kind, persistent: a set before a change stays
// whole. Names need not be unique.
type named[T document] struct {
	ids   *iradix.Tree[T]
	names *iradix.Tree[T] // by name, NUL, id
}

func newNamed[T document]() named[T] { return named[T]{iradix.New[T](), iradix.New[T]()} }

func (n named[T]) get(id string) (T, bool) {
	var buf scratch
	return n.ids.Get(append(buf[:0], id...))
}

// find looks for an id, else for a name; there may be several of that name.
func (n named[T]) find(ref string) (found []T) {
	if one, ok := n.get(ref); ok {
		return []T{one}
	}
	n.names.Root().WalkPrefix([]byte(ref+"\x00"), func(_ []byte, one T) bool {
		found = append(found, one)
		return false
	})
	return found
}

func (n named[T]) each(f func(T)) {
	n.ids.Root().Walk(func(_ []byte, one T) bool {
		f(one)
		return false
	})
}

// apply puts documents in, and takes out those that are nil. It tells the ids
// and names, old and new, by which they were or are known.
func apply[T interface {
	document
	comparable
}](n named[T], changes map[string]T, stale func(ref string)) named[T] {
	if len(changes) == 0 {
		return n
	}
	var none T
	ids, names := n.ids.Txn(), n.names.Txn()
	for id, now := range changes {
		stale(id)
		if old, ok := ids.Get([]byte(id)); ok {
			_, name := old.key()
			names.Delete(nameKey(name, id))
			ids.Delete([]byte(id))
			stale(name)
		}
		if now != none {
			_, name := now.key()
			ids.Insert([]byte(id), now)
			names.Insert(nameKey(name, id), now)
			stale(name)
		}
	}
	return named[T]{ids.Commit(), names.Commit()}
}

func nameKey(name, id string) []byte { return []byte(name + "\x00" + id) }

// find answers the one document that a field means, or says why there is none.
func find[T document](n named[T], ref, kind, field string, f *faults) (T, bool) {
	found := n.find(ref)
	switch len(found) {
	case 1:
		return found[0], true
	case 0:
		var all []string
		n.names.Root().Walk(func(key []byte, _ T) bool {
			name, _, _ := strings.Cut(string(key), "\x00")
			all = append(all, name)
			return false
		})
		f.add(field, quote(ref)+", which is the id or name of no "+kind, "", suggest(ref, all))
	default:
		f.add(field, quote(ref)+", which is the name of more than one "+kind, "the id of one", "")
	}
	var none T
	return none, false
}
