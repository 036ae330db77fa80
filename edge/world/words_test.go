package world

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChangesInWords(t *testing.T) {
	before, err := Parse("sundog.yaml", []byte(`team: acme
zones: [{name: example.com, records: [{type: A, name: www, content: 192.0.2.1}, {type: A, name: old, content: 192.0.2.2}]}]
tunnels: [{id: abc123, name: web, config: {ingress: [{service: "http_status:404"}]}}]
access: {apps: [{name: App, domain: www.example.com, policies: [{decision: allow, include: [{everyone: {}}]}]}]}
egress: [a.test:443]
`), "")
	if err != nil {
		t.Fatal(err)
	}
	after, err := Parse("sundog.yaml", []byte(`
team: acme
account: {name: Acme}
zones: [{name: example.com, records: [{type: A, name: www, content: 192.0.2.1, proxied: true}]}]
tunnels: [{id: abc123, name: web, config: {ingress: [{service: "http_status:410"}]}}]
access: {apps: [{name: App, domain: www.example.com, policies: [{decision: bypass, include: [{everyone: {}}]}]}]}
clients: {office: {country: DE}}
origins: {"http://a:1": "http://127.0.0.1:2"}
quirks: {top-level-access-ignored: false}
`), "")
	if err != nil {
		t.Fatal(err)
	}
	_, changes, _ := Layers{files: before}.SetFiles(after)
	var got []string
	for _, c := range changes {
		got = append(got, c.String())
	}
	want := []string{
		"changed the settings: account_name (sundog.yaml:2:1)",
		"removed the record A old.example.com",
		"changed the record A www.example.com: proxied (sundog.yaml:4:39)",
		`changed the tunnel "web": config (sundog.yaml:5:11)`,
		`changed the Access application "App": policies (sundog.yaml:6:17)`,
		`added the client "office" (sundog.yaml:7:19)`,
		"added the origin http://a:1 (sundog.yaml:8:25)",
		"removed the egress a.test:443",
		"added the quirk top-level-access-ignored (sundog.yaml:9:36)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A comment above everything moves what has positions, and changes nothing.
func TestMovedIsNotChanged(t *testing.T) {
	text := "tunnels: [{id: abc123, config: {ingress: [{service: 'http_status:404'}]}}]\n"
	before := MustParse(text)
	after := MustParse("# moved\n" + text)
	_, changes, _ := Layers{files: before}.SetFiles(after)
	if len(changes) != 1 || !changes[0].Moved() {
		t.Errorf("got %v, want one tunnel that moved", changes)
	}
}
