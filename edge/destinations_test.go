package edge_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/accessemu/keypool"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/world"
)

// TestRouteOfAGuardedWorkerIsNotSteppedAround: no spelling of a path leads past the Worker of a Route, and so past its
// application, to the origin behind.
func TestRouteOfAGuardedWorkerIsNotSteppedAround(t *testing.T) {
	zone := strings.Repeat("1", 32)
	w, err := world.New(
		&world.Settings{Team: "acme", WorkersSubdomain: "acme"}, &world.Worker{Name: "gate"}, &dnsemu.Zone{ID: zone, Name: "example.com"},
		&world.Record{ZoneID: zone, Record: dnsemu.Record{Type: "A", Name: "www.example.com", Content: "192.0.2.1", Proxied: true}},
		&world.WorkerRoute{ZoneID: zone, Pattern: "www.example.com/admin/*", Script: "gate"},
		&accessemu.Application{Name: "Gate", Destinations: []accessemu.Destination{{Type: "worker", WorkerID: "gate"}}, Policies: allowAlice},
	)
	if err != nil {
		t.Fatal(err)
	}
	e, err := edge.New(w, edge.WithKeys(keypool.Key), edge.WithOrigin("https://192.0.2.1:443", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	for path, want := range map[string]int{
		"/": 204, "/%61": 204, "/admin/x": 302, "/admin/x?y=%2f..": 302, "/%61dmin/x": 400, "//admin/x": 400, "/x/..%2fadmin/y": 400, "/x%5c..%5cadmin/y": 400,
	} {
		r, err := http.NewRequest(http.MethodGet, "https://www.example.com"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := e.Transport().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %d (%s), want %d", path, resp.StatusCode, resp.Header.Get("Sundog-Why"), want)
		}
	}
}

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
