package accessemu

import (
	"errors"
	"maps"
	"slices"
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// Txn collects changes to a Config and makes another of it. Only what is
// touched, and applications that refer to a policy that is touched, are
// compiled. A Txn is used by one goroutine.
type Txn struct {
	base     *Config
	head     Config             // organization and what depends on it
	apps     map[string]*App    // nil: deleted
	policies map[string]*policy // nil: deleted
	people   map[string]*Person // nil: deleted
}

// Txn begins a set of changes.
func (c *Config) Txn() *Txn {
	return &Txn{base: c, head: *c, apps: map[string]*App{}, policies: map[string]*policy{}, people: map[string]*Person{}}
}

// SetOrganization replaces the organization.
func (t *Txn) SetOrganization(o Organization) error {
	f := faults{kind: "organization"}
	head := t.head
	if o.AuthDomain == "" {
		o.AuthDomain = head.authDomain
	}
	if head.setOrganization(o, &f); len(f.list) == 0 {
		t.head = head
	}
	return f.err()
}

// PutApp adds an application or replaces the one of that id. With an error
// nothing is changed. Mistakes that show only beside other documents are
// answered by Commit.
func (t *Txn) PutApp(doc Application) error {
	a, err := compileApp(doc, t.head.account)
	if err != nil {
		return err
	}
	old, ok := t.apps[a.ID]
	if !ok {
		old, _ = t.base.App(a.ID)
	}
	if old != nil {
		a.order = old.order
	} else {
		a.order = t.head.order
		t.head.order++
	}
	t.apps[a.ID] = a
	return nil
}

// DeleteApp removes an application; one that is not there is no error.
func (t *Txn) DeleteApp(id string) { t.apps[id] = nil }

// PutPolicy adds a reusable policy or replaces the one of that id. With an
// error nothing is changed.
func (t *Txn) PutPolicy(doc Policy) error {
	f := faults{kind: "policy", id: doc.ID}
	if doc.ID == "" {
		doc.ID = policyID(t.head.account, "", doc.Name, 0)
		f.id = doc.ID
	}
	p := compilePolicy(doc, place{"policy", doc.ID, ""}, &f)
	if err := f.err(); err != nil {
		return err
	}
	t.policies[doc.ID] = p
	return nil
}

// DeletePolicy removes a reusable policy; one that is not there is no error.
func (t *Txn) DeletePolicy(id string) { t.policies[id] = nil }

// Commit makes the changed Config; the one before stays as it was. Its error
// joins FieldErrors, each with the Kind and ID of its document. After an error
// the Txn can be mended (by deleting the document, say) and committed again.
func (t *Txn) Commit() (*Config, error) {
	c := t.head
	policies, names := c.policies.Txn(), c.names.Txn()
	touched := map[string]*App{}
	for id, p := range t.policies {
		stale := []string{id}
		if old, ok := policies.Get([]byte(id)); ok {
			names.Delete(nameKey(old))
			policies.Delete([]byte(id))
			stale = append(stale, old.doc.Name)
		}
		if p != nil {
			policies.Insert([]byte(id), p)
			names.Insert(nameKey(p), p)
			stale = append(stale, p.doc.Name)
		}
		for _, ref := range stale {
			c.uses.Root().WalkPrefix([]byte(ref+"\x00"), func(_ []byte, app string) bool {
				touched[app], _ = t.base.App(app)
				return false
			})
		}
	}
	c.policies, c.names = policies.Commit(), names.Commit()
	maps.Copy(touched, t.apps)

	apps, auds, uses, index, folded := c.apps.Txn(), c.auds.Txn(), c.uses.Txn(), c.index.txn(), c.folded.txn()
	var put []*App
	for id, a := range touched {
		if old, ok := t.base.App(id); ok {
			apps.Delete([]byte(id))
			auds.Delete([]byte(old.AUD))
			for _, ref := range old.refs {
				uses.Delete([]byte(ref + "\x00" + id))
			}
			for _, r := range old.routes {
				index.remove(r)
				if r, ok := r.fold(); ok {
					folded.remove(r)
				}
			}
		}
		if a != nil {
			put = append(put, a)
		}
	}
	slices.SortFunc(put, func(a, b *App) int { return int(int64(a.order) - int64(b.order)) })
	var errs []error
	for _, draft := range put {
		f := faults{kind: "app", id: draft.ID}
		a := draft.resolve(&c, &f)
		checkUnique(a, auds, index, &f)
		errs = append(errs, f.list...)
		apps.Insert([]byte(a.ID), a)
		auds.Insert([]byte(a.AUD), a)
		for _, ref := range a.refs {
			uses.Insert([]byte(ref+"\x00"+a.ID), a.ID)
		}
		for _, r := range a.routes {
			index.insert(r)
			if r, ok := r.fold(); ok {
				folded.insert(r)
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	c.apps, c.auds, c.uses, c.index = apps.Commit(), auds.Commit(), uses.Commit(), index.commit()
	c.folded = folded.commit()
	t.commitPeople(&c)
	return &c, nil
}

func checkUnique(a *App, auds *iradix.Txn[*App], index indexTxn, f *faults) {
	if other, ok := auds.Get([]byte(a.AUD)); ok {
		f.add("aud", quote(a.AUD)+", which "+other.label()+" has, too", "an audience tag of its own", "")
	}
	for _, r := range a.routes {
		if other := index.find(r); other != nil {
			f.add(r.field, quote(r.destination)+", which is a destination of "+other.app.label()+" already", "", "")
		}
	}
}

func nameKey(p *policy) []byte { return []byte(p.doc.Name + "\x00" + p.doc.ID) }

// reusable finds a policy by id, else by name.
func (c *Config) reusable(ref, field string, f *faults) *policy {
	if p, ok := c.policies.Get([]byte(ref)); ok {
		return p
	}
	var named []*policy
	c.names.Root().WalkPrefix([]byte(ref+"\x00"), func(_ []byte, p *policy) bool {
		named = append(named, p)
		return false
	})
	switch len(named) {
	case 1:
		return named[0]
	case 0:
		var all []string
		c.names.Root().Walk(func(key []byte, _ *policy) bool {
			name, _, _ := strings.Cut(string(key), "\x00")
			all = append(all, name)
			return false
		})
		f.add(field, quote(ref)+", which is the id or name of no reusable policy", "", suggest(ref, all))
	default:
		f.add(field, quote(ref)+", which several reusable policies are called", "the id of one", "")
	}
	return nil
}
