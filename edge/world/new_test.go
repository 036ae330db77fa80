package world

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/tunnelemu"
)

func TestNew(t *testing.T) {
	cfg, _, err := tunnelemu.ParseConfig("c.yml", []byte("ingress: [{hostname: a.example.com, service: http://localhost:1}, {service: http_status:404}]"))
	if err != nil {
		t.Fatal(err)
	}
	app := &accessemu.Application{Domain: "a.example.com", Policies: []accessemu.PolicyRef{{Policy: accessemu.Policy{Decision: "allow"}}}}
	w, err := New(Settings{Team: "acme"}, Tunnel{ID: "t", Config: cfg}, app, Client{Name: "c"}, &Origin{"http://a", "http://b"}, Egress{"a:1"},
		accessemu.Policy{Name: "p"}, accessemu.Organization{Name: "o"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`team acme
CNAME a.example.com t (inferred)
access_app
access_organization
access_policy
client
egress
origin
tunnel t 
zone example.com (inferred)
`, summary(w, "")); diff != "" {
		t.Error(diff)
	}
	if app.ID != "" || app.Policies[0].ID != "" {
		t.Error("New wrote into the caller's application")
	}
	if len(w.Files()) != 0 || w.Dir() != "" {
		t.Error("a world made in Go has files")
	}
}

func TestNewRecords(t *testing.T) {
	w := Of(dnsemu.Zone{Name: "example.com"}, dnsemu.Zone{Name: "sub.example.com"}, dnsemu.Zone{ID: "11111111111111111111111111111111", Name: "example.org"},
		dnsemu.Record{Type: "A", Name: "x.sub.example.com", Content: "192.0.2.1"},
		Record{ZoneID: "11111111111111111111111111111111", Record: dnsemu.Record{Type: "A", Name: "www", Content: "192.0.2.1"}})
	if diff := cmp.Diff(`team example
A www.example.org 
A x.sub.example.com 
zone example.com
zone example.org
zone sub.example.com
`, summary(w, "")); diff != "" {
		t.Error(diff)
	}
}

func TestNewErrors(t *testing.T) {
	_, err := New(42, dnsemu.Record{Type: "A", Name: "a.example.com"}, Client{Name: "a b"}, Client{Name: "c"}, Client{Name: "c"})
	want := `client/a b: the client name "a b"; allowed: letters, digits, dots, hyphens and underscores
client/c: the same client as at another document; allowed: one of its own
dns_record.name: the record "a.example.com", which lies in no zone; allowed: a name in one of the zones
documents[0]: world: int is not a document`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestZeroValues(t *testing.T) {
	var w *World
	var l Layers
	for d := range w.All("") {
		t.Error(d)
	}
	for d := range l.All(KindZone) {
		t.Error(d)
	}
	if _, ok := w.Get(Key{KindZone, "x"}); ok || w.Len() != 0 || w.Findings() != nil || w.Files() != nil || w.Dir() != "" || w.Settings() != (Settings{}) {
		t.Error("a nil world holds something")
	}
	if _, ok := l.Get(Key{KindZone, "x"}); ok || l.Files() != nil {
		t.Error("zero layers hold something")
	}
	if l, changes, fell := l.SetFiles(nil); l.Files() != nil || changes != nil || fell != nil {
		t.Error("setting no files changed something")
	}
	if _, changes := l.Edit(Edit{Delete: Key{KindZone, "x"}}); changes != nil {
		t.Error("deleting what is not there is a change")
	}
	if _, changes := l.Drop(Key{KindZone, "x"}); changes != nil {
		t.Error("dropping what is not there is a change")
	}
	new(World).All("")(func(*Document) bool { t.Error("a zero world holds something"); return false })
}

// Kinds that this package does not know have a place too.
func TestOtherKinds(t *testing.T) {
	k := Key{"worker", "api"}
	d := &Document{Key: k, Value: &Settings{}}
	l, changes := Layers{}.Edit(Edit{Put: d})
	if got, _ := l.Get(k); got != d || len(changes) != 1 || changes[0].Key != k {
		t.Errorf("got %v, changes %v", got, changes)
	}
	for e := range l.Edits() {
		if e.key() != k {
			t.Errorf("edit %v", e)
		}
	}
	l, _ = l.Edit(Edit{Delete: k})
	for got := range l.All("worker") {
		t.Error(got)
	}
}
