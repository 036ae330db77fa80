package world

import (
	"fmt"
	"strings"
	"testing"
)

func TestAliasAbuse(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("account: {name: x}\nclients:\n")
	laugh := func(key, open, end string) string {
		var b strings.Builder
		b.WriteString(key + "0: &a0 " + open + "lol" + end + "\n")
		for i := 1; i < 12; i++ {
			fmt.Fprintf(&b, "%s%d: &a%d [%s]\n", key, i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
		}
		return b.String()
	}
	merges := "base: &m0 {a: 1}\n"
	for i := 1; i < 40; i++ {
		merges += fmt.Sprintf("m%d: &m%d {<<: [*m%d, *m%d]}\n", i, i, i-1, i-1)
	}
	for _, test := range []struct{ name, text, want string }{
		{"bomb in rules", laugh("x", "[", "]") + "access: {policies: [{name: p, decision: allow, include: *a11}]}", "aliases that make more than 100000 values"},
		{"bomb in an inline configuration", laugh("x", "[", "]") + "tunnels: [{id: a, config: {ingress: *a11}}]", "aliases that make more than 100000 values"},
		{"merge bomb", merges + "clients: *m39", "mappings merged into each other"},
		{"alias to itself in a mapping", "access: &a {organization: *a}", "the alias *a, which contains itself"},
		{"alias to itself in rules", "access: {policies: [{name: p, decision: allow, include: &r [{email: *r}]}]}", "the alias *r, which contains itself"},
		{"merge of itself", "account: &a {<<: *a}", "the alias *a, which contains itself"},
		{"merge of a text", "account: {<<: x}", `the text "x" behind <<`},
		{"deep lists in rules", "access: {policies: [{name: p, decision: allow, include: [{email: " + strings.Repeat("[", 500) + strings.Repeat("]", 500) + "}]}]}", "more than 100 levels"},
		{"unknown anchor", "team: a\nzones:\n  - name: *example", "unknown anchor"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := problemsOf(t, test.text)
			if !strings.Contains(strings.Join(got, "\n"), test.want) {
				t.Errorf("got %q, want something with %q", got, test.want)
			}
		})
	}
}

// Aliases within reason pass: a list of people used by hundreds of
// applications.
func TestAliasUse(t *testing.T) {
	var b strings.Builder
	b.WriteString("zones: [{name: example.com}]\naccess:\n  policies:\n    - {name: staff, decision: allow, include: &staff [{email: {email: a@example.com}}, {email: {email: b@example.com}}]}\n  apps:\n")
	for i := range 300 {
		fmt.Fprintf(&b, "    - {domain: a%d.example.com, policies: [{decision: allow, include: *staff}]}\n", i)
	}
	if w := MustParse(b.String()); w.Len() != 1+1+1+300 {
		t.Errorf("%d documents", w.Len())
	}
}
