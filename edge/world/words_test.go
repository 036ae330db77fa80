package world

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/worker/version"
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

// No difference names a document by its kind and id.
func TestTitles(t *testing.T) {
	left := map[Kind]bool{}
	for _, k := range kinds() {
		left[k] = true
	}
	for _, value := range []any{
		Settings{}, dnsemu.Zone{ID: "1", Name: "example.com"}, Record{ZoneID: "1", Record: dnsemu.Record{ID: "1", Type: "A", Name: "www.example.com"}}, Tunnel{ID: "web", UUID: "1"},
		VPCService{ID: "1", Name: "db"}, version.Version{ID: "1", Worker: "api"}, Worker{Name: "api"}, PagesProject{ID: "1", Name: "site"},
		WorkerDomain{ID: "1", Hostname: "api.example.com"}, WorkerRoute{ID: "1", Pattern: "example.com/*"},
		accessemu.Organization{}, accessemu.ServiceToken{ID: "1", Name: "ci"}, accessemu.List{ID: "1", Name: "office"}, accessemu.Group{ID: "1", Name: "staff"},
		accessemu.CustomPage{ID: "1", Name: "sorry"}, accessemu.IdentityProvider{ID: "1", Type: "github"}, accessemu.Policy{ID: "1", Name: "all"},
		accessemu.Application{ID: "1", Name: "app"}, accessemu.Person{Email: "alice@example.com"}, Client{Name: "office"}, Origin{From: "http://a:1"},
		Egress{Pattern: "a.test:443"}, Quirk{Name: "quirk"}, Accepted{Host: "open.example.com"},
	} {
		doc, err := NewDocument(value)
		if err != nil {
			t.Errorf("%T: %v", value, err)
			continue
		}
		delete(left, doc.Key.Kind)
		if title := doc.Title(); title == doc.Key.String() {
			t.Errorf("%T is called %s", value, title)
		}
	}
	if len(left) > 0 {
		t.Errorf("not tried: %v", slices.Sorted(maps.Keys(left)))
	}
}
