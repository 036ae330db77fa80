package accessemu

import (
	"encoding/json"
	"iter"
	"slices"
)

// Person is somebody whom the lookalike knows: a developer picks one on the login
// page instead of typing an address. Policies decide about a Person as about
// anybody; one whom none admits is an outsider, for tests.
type Person struct {
	Email   string         `json:"email"`
	Name    string         `json:"name,omitempty"`    // "name" of the identity; empty: the real one-time PIN gives none either
	Groups  []string       `json:"groups,omitempty"`  // "groups" of the identity
	Claims  map[string]any `json:"claims,omitempty"`  // "oidc_fields" of the identity
	Country string         `json:"country,omitempty"` // two capital letters; empty: the client's own
	IDP     string         `json:"idp,omitempty"`     // identity provider by id, name or type; empty: any
}

// CanonicalEmail is an address in the form in which addresses are compared. It is
// false for a text that is no address.
func CanonicalEmail(address string) (string, bool) { return canonicalEmail(address) }

// Person finds somebody by address, however it is written.
func (c *Config) Person(email string) (*Person, bool) {
	if c == nil {
		return nil, false
	}
	email, _ = canonicalEmail(email)
	return c.people.Get([]byte(email))
}

// People lists everybody in the order of their addresses.
func (c *Config) People() iter.Seq[*Person] {
	return func(yield func(*Person) bool) {
		if c == nil {
			return
		}
		c.people.Root().Walk(func(_ []byte, p *Person) bool { return !yield(p) })
	}
}

// PutPerson adds somebody or replaces who has that address. With an error nothing
// is changed.
func (t *Txn) PutPerson(p Person) error {
	email, ok := canonicalEmail(p.Email)
	f := faults{kind: "person", id: email}
	if !ok {
		f.add("email", quote(p.Email), `an e-mail address, as "alice@example.com"`, "")
	}
	if p.Country != "" && !twoCapitals(p.Country) {
		hint := ""
		if len(p.Country) == 2 {
			up := []byte(p.Country)
			for i, c := range up {
				if 'a' <= c && c <= 'z' {
					up[i] = c - 'a' + 'A'
				}
			}
			if twoCapitals(string(up)) {
				hint = quote(string(up))
			}
		}
		f.add("country", quote(p.Country), `two capital letters, as "DE", or "T1"`, hint)
	}
	if slices.Contains(p.Groups, "") {
		f.add("groups", "a group without a name", "the names of groups", "")
	}
	if err := f.err(); err != nil {
		return err
	}
	p.Email = email
	t.people[email] = &p
	return nil
}

// DeletePerson removes somebody; an address that nobody has is no error.
func (t *Txn) DeletePerson(email string) {
	if email, ok := canonicalEmail(email); ok {
		t.people[email] = nil
	}
}

func twoCapitals(s string) bool {
	return s == "T1" || len(s) == 2 && 'A' <= s[0] && s[0] <= 'Z' && 'A' <= s[1] && s[1] <= 'Z'
}

// commitPeople is the next tree of people.
func (t *Txn) commitPeople(c *Config) {
	if len(t.people) == 0 {
		return
	}
	people := c.people.Txn()
	for email, p := range t.people {
		if p == nil {
			people.Delete([]byte(email))
		} else {
			people.Insert([]byte(email), p)
		}
	}
	c.people = people.Commit()
}

// claimTexts are claims as rules compare them: text as it is, a list by its members, the rest as JSON.
func claimTexts(claims map[string]any) map[string][]string {
	if len(claims) == 0 {
		return nil
	}
	texts := make(map[string][]string, len(claims))
	for name, value := range claims {
		members, ok := value.([]any)
		if !ok {
			members = []any{value}
		}
		for _, m := range members {
			text, ok := m.(string)
			if !ok {
				data, err := json.Marshal(m)
				if err != nil {
					continue
				}
				text = string(data)
			}
			texts[name] = append(texts[name], text)
		}
	}
	return texts
}

// maxListed is how many people a login page shows.
const maxListed = 100

// listed are the people whom a page lists who may sign in with a provider, and how many
// more there are.
func (c *Config) listed(with *provider) (people []*Person, more int) {
	for p := range c.People() {
		switch {
		case p.IDP != "" && !with.named(p.IDP):
		case len(people) < maxListed:
			people = append(people, p)
		default:
			more++
		}
	}
	return people, more
}

// checkPeople looks for the identity providers of people: of those that changed,
// and of all where the providers did.
func (t *Txn) checkPeople(c *Config) (errs []error) {
	check := func(p *Person) {
		if p == nil || p.IDP == "" || slices.ContainsFunc(c.offers, func(o *provider) bool { return o.named(p.IDP) }) {
			return
		}
		f := faults{kind: "person", id: p.Email}
		f.add("idp", quote(p.IDP)+", which is the id, name or type of no identity provider", either(c.providerNames()), suggest(p.IDP, c.providerNames()))
		errs = append(errs, f.list...)
	}
	if len(t.providers) > 0 {
		for p := range c.People() {
			check(p)
		}
		return errs
	}
	for _, email := range known(t.people) {
		check(t.people[email])
	}
	return errs
}
