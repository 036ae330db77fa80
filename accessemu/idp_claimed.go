package accessemu

import (
	"encoding/json"
	"slices"
	"strings"
)

// claimed is what an identity provider says of who has signed in there.
type claimed struct {
	provider *provider
	id       string // at the provider; empty: the user id of the account
	email    string // canonical
	name     string
	groups   []membership
	shown    []any // groups as the identity has them
	amr      []string
	claims   map[string]any // those that the provider's document takes
	country  string         // empty: the client's
}

// traits are what policies see of it.
func (w *claimed) traits() *traits {
	return &traits{idp: w.provider.identity(), groups: w.groups, amr: w.amr, claims: claimTexts(w.claims)}
}

// put fills an identity in.
func (w *claimed) put(d *identityDocument) {
	d.IdP, d.Name = w.provider.identity(), w.name
	if w.id != "" {
		d.ID = w.id
	}
	if len(w.shown) > 0 {
		d.Groups = w.shown
	}
	if len(w.amr) > 0 {
		d.AMR = w.amr
	}
	if len(w.claims) > 0 {
		d.OIDCFields = w.claims
	}
}

// join puts groups in by their names. A name that is an address is also one of Google's.
func (w *claimed) join(names []string) {
	for _, name := range names {
		m := membership{ID: name, Name: name}
		if email, ok := canonicalEmail(name); ok {
			m.Email = email
		}
		w.groups, w.shown = append(w.groups, m), append(w.shown, name)
	}
}

// take keeps the claims that the provider's document lists. The lookalike's own
// page lists none to have all.
func (w *claimed) take(claims map[string]any) {
	for name, value := range claims {
		if w.provider.builtIn && w.provider.doc.Config.Claims == nil || slices.Contains(w.provider.doc.Config.Claims, name) {
			if w.claims == nil {
				w.claims = map[string]any{}
			}
			w.claims[name] = value
		}
	}
}

// claimedBy is what a provider says of an address: of a person of the world what
// the world says. The one-time PIN knows no groups and no claims; only where it is
// the one way to sign in has a person those of the world.
func (c *Config) claimedBy(p *provider, email string) *claimed {
	w := &claimed{provider: p, email: email}
	person, ok := c.Person(email)
	if !ok {
		return w
	}
	w.name = person.Name
	if p.pin() {
		if c.onlyPIN() {
			w.join(person.Groups)
			w.claims = person.Claims
		}
		return w
	}
	w.join(person.Groups)
	w.take(person.Claims)
	w.country = person.Country
	return w
}

// pin is the provider of one-time PINs, which there may be none of.
func (c *Config) pin() *provider {
	for _, p := range c.offers {
		if p.pin() {
			return p
		}
	}
	return nil
}

// pinned is what the one-time PIN says of an address.
func (c *Config) pinned(email string) *claimed {
	p := c.pin()
	if p == nil {
		p = implicitProviders(c.account)[0]
	}
	return c.claimedBy(p, email)
}

// usual is the provider that somebody would sign in with to an application (nil: to
// any): the person's own; for who has groups or claims one that tells them; else
// the one-time PIN; else the first.
func (c *Config) usual(a *App, email string) *provider {
	all := c.offers
	if a != nil && len(c.offered(a)) > 0 {
		all = c.offered(a)
	}
	person, known := c.Person(email)
	if known && person.IDP != "" {
		for _, list := range [][]*provider{all, c.offers} {
			for _, p := range list {
				if p.named(person.IDP) {
					return p
				}
			}
		}
	}
	tells := known && len(person.Groups)+len(person.Claims) > 0
	for _, p := range all {
		if tells && p.builtIn || !tells && p.pin() {
			return p
		}
	}
	for _, p := range all {
		if p.pin() {
			return p
		}
	}
	return all[0]
}

// SignInWith is the identity provider that somebody would sign in with to an application,
// and whether the lookalike plays it on a page of its own.
func (c *Config) SignInWith(a *App, email string) (doc IdentityProvider, builtIn bool) {
	p := c.usual(a, email)
	return p.doc, p.builtIn
}

// assumed is whom policies see when somebody counts as signed in to an application.
func assumed(c *Config, a *App, client Client, email string) subject {
	s := subjectFrom(client)
	s.email, s.traits = email, c.claimedBy(c.usual(a, email), email).traits()
	return s
}

const maxCustom = 1024 // bytes of "custom" in a token

// customClaims are the claims that fit into a token, in the order of their names.
func customClaims(claims map[string]any) map[string]any {
	if len(claims) == 0 {
		return nil
	}
	kept, size := map[string]any{}, 2
	for _, name := range known(claims) {
		text, err := json.Marshal(map[string]any{name: claims[name]})
		if err != nil {
			continue
		}
		if size += len(text) - 1; size > maxCustom {
			break
		}
		kept[name] = claims[name]
	}
	return kept
}

// clean is a short text of somebody else's that can stand in a sentence.
func clean(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == 0xfffd {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, ""))
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}
