package edge_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/accessemu/keypool"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/world"
)

// TestApplicationOfAWorker: one without a domain is shown with the hosts that lead to its Worker, can be signed in
// at on each, and can be lent.
func TestApplicationOfAWorker(t *testing.T) {
	w, err := world.New(
		&world.Settings{Team: "acme", WorkersSubdomain: "acme"},
		&world.Worker{Name: "my-api", WorkersDev: true, PreviewURLs: true}, &world.Worker{Name: "other", WorkersDev: true},
		&accessemu.Application{Name: "API", Destinations: []accessemu.Destination{{Type: "worker", WorkerID: "my-api"}}, Policies: allowAlice},
		&accessemu.Application{Name: "All", Destinations: []accessemu.Destination{{Type: "all_workers"}}, Policies: allowAlice},
	)
	if err != nil {
		t.Fatal(err)
	}
	e, err := edge.New(w, edge.WithKeys(keypool.Key))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	got := map[string][]string{}
	auds := map[string]string{}
	for _, app := range e.Summary().Apps {
		got[app.Name], auds[app.Name] = app.Domains, app.AUD
	}
	want := map[string][]string{"API": {"my-api.acme.workers.dev", "*-my-api.acme.workers.dev"}, "All": {"other.acme.workers.dev"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for host, app := range map[string]string{"my-api.acme.workers.dev": "API", "0a1b2c3d-my-api.acme.workers.dev": "API", "other.acme.workers.dev": "All"} {
		done, err := e.SignIn(edge.SignIn{Email: "alice@example.com", URL: "https://" + host + "/x"})
		if err != nil || done.AUD != auds[app] {
			t.Errorf("%s: %v, %s", host, err, done.AUD)
		}
	}
	lent, err := e.Lend(edge.Loan{As: "alice@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if len(lent.Apps) != 2 {
		t.Errorf("lent for %v", lent.Apps)
	}
}
