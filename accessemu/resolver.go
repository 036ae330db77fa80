package accessemu

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// refTo is what the index of uses knows a reference by.
func refTo(kind, ref string) string { return kind + ":" + ref }

// citer is a document that names others.
type citer struct{ kind, id string }

func (u citer) path(ref string) []byte { return []byte(ref + "\x00" + u.kind + "\x00" + u.id) }

// uses tell which documents name a reference.
type uses = iradix.Tree[citer]

// closure is every document that names one of the references, or names one that
// does, in the order of kinds and ids.
func closure(u *uses, refs []string, names func(citer) []string) []citer {
	touched := map[citer]bool{}
	for len(refs) > 0 {
		ref := refs[len(refs)-1]
		refs = refs[:len(refs)-1]
		u.Root().WalkPrefix([]byte(ref+"\x00"), func(_ []byte, by citer) bool {
			if !touched[by] {
				touched[by] = true
				refs = append(refs, names(by)...)
			}
			return false
		})
	}
	return slices.SortedFunc(maps.Keys(touched), func(a, b citer) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id)) })
}

// resolved is a document with others in the place of their names, and what is
// wrong with it.
type resolved[T any] struct {
	done T
	errs []error
}

// resolver puts documents in the place of their names. It resolves each group
// and each reusable policy once, and says what is wrong with one only when asked
// for it by itself.
type resolver struct {
	c        *Config
	groups   map[string]resolved[*group]
	policies map[string]resolved[*policy]
	path     []*group // being resolved, the outermost first
}

// group answers a resolved group.
func (x *resolver) group(ref, field string, f *faults) *group {
	draft, ok := find(x.c.groups, ref, "group", field, f)
	if !ok {
		return nil
	}
	if i := slices.Index(x.path, draft); i >= 0 {
		var names []string
		for _, g := range append(x.path[i:len(x.path):len(x.path)], draft) {
			names = append(names, quote(g.label()))
		}
		f.add(field, "a group that contains itself: "+strings.Join(names, " → "), "", "")
		return nil
	}
	return x.resolveGroup(draft).done
}

func (x *resolver) resolveGroup(draft *group) resolved[*group] {
	if memo, ok := x.groups[draft.doc.ID]; ok {
		return memo
	}
	f := faults{kind: "group", id: draft.doc.ID}
	x.path = append(x.path, draft)
	done := *draft
	done.ruleset = draft.ruleset.resolved(x, &f)
	x.path = x.path[:len(x.path)-1]
	memo := resolved[*group]{&done, f.list}
	x.groups[draft.doc.ID] = memo
	return memo
}

// policy answers a resolved reusable policy.
func (x *resolver) policy(ref, field string, f *faults) *policy {
	draft, ok := find(x.c.policies, ref, "reusable policy", field, f)
	if !ok {
		return nil
	}
	return x.resolvePolicy(draft).done
}

func (x *resolver) resolvePolicy(draft *policy) resolved[*policy] {
	if memo, ok := x.policies[draft.doc.ID]; ok {
		return memo
	}
	f := faults{kind: "policy", id: draft.doc.ID}
	memo := resolved[*policy]{draft.resolved(x, &f), f.list}
	x.policies[draft.doc.ID] = memo
	return memo
}

func (x *resolver) list(ref, kind, field string, f *faults) (*list, bool) {
	at := join(field, "id")
	l, ok := find(x.c.lists, ref, "list", at, f)
	if ok && l.doc.Type != kind {
		f.add(at, quote(ref)+", which is a list of the type "+l.doc.Type, "a list of the type "+kind, "")
		return nil, false
	}
	return l, ok
}
