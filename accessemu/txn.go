package accessemu

import (
	"errors"
	"maps"
	"slices"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// Txn collects changes to a Config and makes another of it. Only what is
// touched, and applications that refer to a policy that is touched, are
// compiled. A Txn is used by one goroutine.
type Txn struct {
	base     *Config
	head     Config          // organization and what depends on it
	apps     map[string]*App // nil: deleted, as in all of these
	policies map[string]*policy
	groups   map[string]*group
	lists    map[string]*list
	tokens   map[string]*serviceToken
	pages    map[string]*customPage
	people   map[string]*Person

	providers map[string]*provider
}

// Txn begins a set of changes.
func (c *Config) Txn() *Txn {
	return &Txn{
		base: c, head: *c, apps: map[string]*App{}, policies: map[string]*policy{},
		groups: map[string]*group{}, lists: map[string]*list{}, tokens: map[string]*serviceToken{}, pages: map[string]*customPage{},
		people: map[string]*Person{}, providers: map[string]*provider{},
	}
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

// PutGroup adds a rule group or replaces the one of that id. With an error
// nothing is changed.
func (t *Txn) PutGroup(doc Group) error {
	g, err := compileGroup(doc, t.head.account)
	if err == nil {
		t.groups[g.doc.ID] = g
	}
	return err
}

// DeleteGroup removes a rule group; one that is not there is no error.
func (t *Txn) DeleteGroup(id string) { t.groups[id] = nil }

// PutList adds a list or replaces the one of that id. With an error nothing is
// changed.
func (t *Txn) PutList(doc List) error {
	l, err := compileList(doc, t.head.account)
	if err == nil {
		t.lists[l.doc.ID] = l
	}
	return err
}

// DeleteList removes a list; one that is not there is no error.
func (t *Txn) DeleteList(id string) { t.lists[id] = nil }

// PutCustomPage adds a custom page or replaces the one of that id. With an error
// nothing is changed.
func (t *Txn) PutCustomPage(doc CustomPage) error {
	p, err := compileCustomPage(doc, t.head.account)
	if err == nil {
		t.pages[p.doc.ID] = p
	}
	return err
}

// DeleteCustomPage removes a custom page; one that is not there is no error.
func (t *Txn) DeleteCustomPage(id string) { t.pages[id] = nil }

// PutServiceToken adds a service token or replaces the one of that id. With an
// error nothing is changed.
func (t *Txn) PutServiceToken(doc ServiceToken) error {
	token, err := compileServiceToken(doc, t.head.account)
	if err == nil {
		t.tokens[token.id] = token
	}
	return err
}

// DeleteServiceToken removes a service token; one that is not there is no error.
func (t *Txn) DeleteServiceToken(id string) { t.tokens[id] = nil }

// Commit makes the changed Config; the one before stays as it was. Its error
// joins FieldErrors, each with the Kind and ID of its document. After an error
// the Txn can be mended (by deleting the document, say) and committed again.
func (t *Txn) Commit() (*Config, error) {
	c := t.head
	errs := t.putClients(&c)
	var stale []string
	noting := func(kind string) func(string) {
		return func(ref string) { stale = append(stale, refTo(kind, ref)) }
	}
	t.noteTokens(noting("service_token"))
	errs = append(errs, t.commitProviders(&c, noting("identity_provider"))...)
	c.policies = apply(c.policies, t.policies, noting("policy"))
	c.groups = apply(c.groups, t.groups, noting("group"))
	c.lists = apply(c.lists, t.lists, noting("list"))
	c.pages = apply(c.pages, t.pages, noting("custom_page"))
	c.tokens = apply(c.tokens, t.tokens, func(string) {})

	touched := map[string]*App{}
	x := &resolver{c: &c, groups: map[string]resolved[*group]{}, policies: map[string]resolved[*policy]{}}
	for _, by := range closure(t.base.uses, stale, t.base.namesOf) {
		switch by.kind {
		case "app":
			touched[by.id], _ = t.base.App(by.id)
		case "group":
			if g, ok := c.groups.get(by.id); ok {
				errs = append(errs, x.resolveGroup(g).errs...)
			}
		case "policy":
			if p, ok := c.policies.get(by.id); ok {
				errs = append(errs, x.resolvePolicy(p).errs...)
			}
		}
	}
	uses := c.uses.Txn()
	for _, id := range known(t.groups) {
		old, _ := t.base.groups.get(id)
		recite(uses, citer{"group", id}, old.refsOf(), t.groups[id].refsOf())
		if g := t.groups[id]; g != nil {
			errs = appendNew(errs, x.resolveGroup(g).errs)
		}
	}
	for _, id := range known(t.policies) {
		old, _ := t.base.policies.get(id)
		recite(uses, citer{"policy", id}, old.refsOf(), t.policies[id].refsOf())
		if p := t.policies[id]; p != nil {
			errs = appendNew(errs, x.resolvePolicy(p).errs)
		}
	}
	maps.Copy(touched, t.apps)
	errs = append(errs, c.orgPages(x)...)

	apps, auds, index, folded := c.apps.Txn(), c.auds.Txn(), c.index.txn(), c.folded.txn()
	workers := c.workers.Txn()
	var put []*App
	for id, a := range touched {
		old, ok := t.base.App(id)
		if ok {
			apps.Delete([]byte(id))
			auds.Delete([]byte(old.AUD))
			for _, r := range old.routes {
				index.remove(r)
				if r, ok := r.fold(); ok {
					folded.remove(r)
				}
			}
			for _, r := range old.workers {
				workers.Delete([]byte(r.destination))
			}
		}
		recite(uses, citer{"app", id}, old.refsOf(), a.refsOf())
		if a != nil {
			put = append(put, a)
		}
	}
	slices.SortFunc(put, func(a, b *App) int { return int(int64(a.order) - int64(b.order)) })
	for _, draft := range put {
		f := faults{kind: "app", id: draft.ID}
		a := draft.resolve(x, &f)
		a.allowProviders(&c, &f)
		checkUnique(a, auds, index, workers, &f)
		errs = append(errs, f.list...)
		apps.Insert([]byte(a.ID), a)
		auds.Insert([]byte(a.AUD), a)
		for _, r := range a.routes {
			index.insert(r)
			if r, ok := r.fold(); ok {
				folded.insert(r)
			}
		}
		for _, r := range a.workers {
			workers.Insert([]byte(r.destination), r)
		}
	}
	t.commitPeople(&c)
	errs = append(errs, t.checkPeople(&c)...)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	c.apps, c.auds, c.uses, c.index = apps.Commit(), auds.Commit(), uses.Commit(), index.commit()
	c.folded, c.workers = folded.commit(), workers.Commit()
	return &c, nil
}

// recite notes what a document names now in place of what it named.
func recite(uses *iradix.Txn[citer], by citer, old, now []string) {
	for _, ref := range old {
		uses.Delete(by.path(ref))
	}
	for _, ref := range now {
		uses.Insert(by.path(ref), by)
	}
}

func (g *group) refsOf() []string {
	if g == nil {
		return nil
	}
	return g.names
}

func (p *policy) refsOf() []string {
	if p == nil {
		return nil
	}
	return p.names
}

func (a *App) refsOf() []string {
	if a == nil {
		return nil
	}
	return a.refs
}

// namesOf are the references by which others may name a document.
func (c *Config) namesOf(by citer) []string {
	switch by.kind {
	case "group":
		if g, ok := c.groups.get(by.id); ok {
			return []string{refTo("group", by.id), refTo("group", g.doc.Name)}
		}
	case "policy":
		if p, ok := c.policies.get(by.id); ok {
			return []string{refTo("policy", by.id), refTo("policy", p.doc.Name)}
		}
	}
	return nil
}

// noteTokens tells the names of tokens that come, go or change their name. A
// rotated secret concerns nobody who names the token.
func (t *Txn) noteTokens(stale func(string)) {
	for id, now := range t.tokens {
		old, ok := t.base.tokens.get(id)
		if ok && now != nil && old.doc.Name == now.doc.Name {
			continue
		}
		stale(id)
		for _, one := range []*serviceToken{old, now} {
			if one != nil {
				stale(one.doc.Name)
			}
		}
	}
}

// putClients brings the index by client id up to date.
func (t *Txn) putClients(c *Config) (errs []error) {
	clients := c.clients.Txn()
	for id := range t.tokens {
		if old, ok := c.tokens.get(id); ok {
			clients.Delete([]byte(old.doc.ClientID))
		}
	}
	for _, id := range known(t.tokens) {
		now := t.tokens[id]
		if now == nil {
			continue
		}
		if other, ok := clients.Get([]byte(now.doc.ClientID)); ok {
			f := faults{kind: "service_token", id: id}
			f.add("client_id", quote(now.doc.ClientID)+", which the "+other.label()+" has, too", "a client id of its own", "")
			errs = append(errs, f.list...)
		}
		clients.Insert([]byte(now.doc.ClientID), now)
	}
	c.clients = clients.Commit()
	return errs
}

// appendNew leaves out what is there already: a group may be asked about twice.
func appendNew(errs, more []error) []error {
	for _, err := range more {
		if !slices.Contains(errs, err) {
			errs = append(errs, err)
		}
	}
	return errs
}

func checkUnique(a *App, auds *iradix.Txn[*App], index indexTxn, workers *iradix.Txn[*route], f *faults) {
	if other, ok := auds.Get([]byte(a.AUD)); ok {
		f.add("aud", quote(a.AUD)+", which "+other.label()+" has, too", "an audience tag of its own", "")
	}
	for _, r := range a.routes {
		if other := index.find(r); other != nil {
			f.add(r.field, quote(r.destination)+", which is a destination of "+other.app.label()+" already", "", "")
		}
	}
	for _, r := range a.workers {
		if other, ok := workers.Get([]byte(r.destination)); ok {
			f.add(r.field, quote(r.destination)+", which is a destination of "+other.app.label()+" already", "", "")
		}
	}
}
