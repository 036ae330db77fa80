package edge

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/sundog-edge/sundog/edge/world"
)

// A name is looked up where a dial to it would go, and nobody outside is asked for names that egress
// does not admit.
func TestResolve(t *testing.T) {
	e, err := New(world.MustParse(`
zones: [{name: example.com, records: [{type: A, name: app, content: 192.0.2.1, proxied: true}, {type: A, name: plain, content: 192.0.2.2}]}]
origins: {"http://db:1": "http://10.0.0.9:2", "http://cache:1": "http://box:2", "http://sock:1": "unix:/x"}
egress: ["*.internal:443"]
`))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for name, want := range map[string]string{
		"db": "10.0.0.9", "DB.": "10.0.0.9", "cache": "127.0.0.1", "sock": "127.0.0.1", "app.example.com": "127.0.0.1",
		"plain.example.com": "192.0.2.2", "localhost": "127.0.0.1",
	} {
		got, err := e.resolve(t.Context(), name)
		if err != nil || len(got) == 0 || got[0] != netip.MustParseAddr(want) {
			t.Errorf("%s: %v, %v; want %s", name, got, err, want)
		}
	}
	var outside *EgressError
	if _, err := e.resolve(t.Context(), "example.org"); !errors.As(err, &outside) {
		t.Errorf("example.org: %v", err)
	}
	if _, err := e.resolve(t.Context(), "absent.example.com"); err == nil || errors.As(err, &outside) {
		t.Errorf("absent.example.com: %v", err)
	}
	if !e.snap.Load().egressNames("a.internal") || e.snap.Load().egressNames("internal") {
		t.Error("egress is misread")
	}
}
