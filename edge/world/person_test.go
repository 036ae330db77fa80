package world

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
)

func TestPeople(t *testing.T) {
	w := MustParse(`people: [
  {email: Alice@Example.com, name: Alice, groups: [admins], claims: {level: 3, tags: [a]}, country: FR, idp: onetimepin},
  {email: outsider@elsewhere.test},
]`)
	var got []accessemu.Person
	for doc := range w.All(KindPerson) {
		got = append(got, *doc.Value.(*accessemu.Person))
	}
	want := []accessemu.Person{
		{Email: "Alice@Example.com", Name: "Alice", Groups: []string{"admins"}, Claims: map[string]any{"level": 3.0, "tags": []any{"a"}}, Country: "FR", IDP: "onetimepin"},
		{Email: "outsider@elsewhere.test"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	doc, ok := w.Get(Key{KindPerson, "alice@example.com"})
	if !ok || doc.At("country").String() != "sundog.yaml:2:101" {
		t.Errorf("found by address: %v, %v", ok, doc.At("country"))
	}
	if Of(accessemu.Person{Email: "a@example.com"}).Len() != 2 {
		t.Error("a person made in Go is no document")
	}
}

// TestPeopleErrors are those of a world that has another mistake too, so that all
// are told at once; alone, compiling it reports those of fields.
func TestPeopleErrors(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"not a list", "people: {a: b}", []string{`f:1:9: people: a mapping; allowed: a list (start each entry with a dash)`}},
		{"unknown key", "people: [{email: a@b.com, nam: x}]", []string{`f:1:27: people[0].nam: the unknown key "nam"; allowed: one of email, name, groups, claims, country, idp (did you mean "name"?)`}},
		{"no address", "people: [{name: a}]", []string{`f:1:10: people[0].email: missing; allowed: a text (the key is required)`}},
		{"twice", "people: [{email: a@b.com}, {email: A@B.com}]", []string{`f:1:36: people[1].email: the same email as at f:1:18; allowed: one of its own`}},
		{"fields", "tema: x\npeople: [{email: alice, country: de, idp: github}]", []string{
			`f:1:1: tema: the unknown key "tema"; allowed: one of team, account, workers_subdomain, zones, tunnels, access, people, clients, origins, origins_from, egress, quirks, workers, pages, vpc_services, audit (did you mean "team"?)`,
			`f:2:18: people[0].email: "alice"; allowed: an e-mail address, as "alice@example.com"`,
			`f:2:34: people[0].country: "de"; allowed: two capital letters, as "DE", or "T1" (did you mean "DE"?)`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, problemsOf(t, test.text)); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}
