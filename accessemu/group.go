package accessemu

import (
	"cmp"

	"github.com/sundog-edge/sundog/internal/derive"
)

// Group is a rule group, with the REST API's field names. Policies and other
// groups refer to it by a rule {"group": {"id": …}}.
type Group struct {
	ID        string `json:"id,omitempty"` // UUID; empty: derived from the name
	Name      string `json:"name"`
	Include   []Rule `json:"include"`
	Exclude   []Rule `json:"exclude,omitempty"`
	Require   []Rule `json:"require,omitempty"`
	IsDefault bool   `json:"is_default,omitempty"` // of no effect here, as for the real API's requests
}

// group is a compiled group.
type group struct {
	ruleset
	doc   Group
	names []string // of what its rules name
}

func compileGroup(doc Group, account string) (*group, error) {
	f := faults{kind: "group", id: doc.ID}
	if doc.Name == "" {
		f.add("name", `""`, "a name", "")
	}
	doc.ID = cmp.Or(doc.ID, derive.UUID(account, "access_group", doc.Name))
	f.id = doc.ID
	g := &group{doc: doc, ruleset: compileRuleset(doc.Include, doc.Exclude, doc.Require, place{"group", doc.ID, ""}, &f)}
	g.names = g.refs()
	return g, f.err()
}

func (g *group) key() (id, name string) { return g.doc.ID, g.doc.Name }
func (g *group) label() string          { return g.doc.Name }

// Groups are the documents of all rule groups, by id.
func (c *Config) Groups() []Group {
	var list []Group
	if c != nil {
		c.groups.each(func(g *group) { list = append(list, g.doc) })
	}
	return list
}
