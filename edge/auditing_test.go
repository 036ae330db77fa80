package edge_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/accessemu/keypool"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/audit"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu"
)

func auditOf(t *testing.T, docs ...any) audit.Report {
	t.Helper()
	w, err := world.New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	e, err := edge.New(w, edge.WithKeys(keypool.Key), edge.WithClock(june30{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e.Audit()
}

type june30 struct{}

func (june30) Now() time.Time { return time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC) }

func failuresOf(r audit.Report) (list []string) {
	for _, f := range r.Failures {
		list = append(list, string(f.Rule)+" "+strings.Join(f.URLs, " "))
	}
	return list
}

var allowAlice = []accessemu.PolicyRef{{Policy: accessemu.Policy{Name: "Alice", Decision: "allow", Include: []accessemu.Rule{{Selector: "email", Value: accessemu.EmailRule{Email: "alice@example.com"}}}}}}

// TestAuditOfAWorker is the second guide's "I still can access the Worker publicly": its domain is guarded,
// and it has other ways in.
func TestAuditOfAWorker(t *testing.T) {
	const host = "api.example.com"
	worker := func(dev, previews bool) *world.Worker {
		return &world.Worker{Name: "my-api", WorkersDev: dev, PreviewURLs: previews}
	}
	base := func(w *world.Worker, apps ...*accessemu.Application) []any {
		docs := []any{
			&world.Settings{Team: "acme", WorkersSubdomain: "acme"}, w, &dnsemu.Zone{ID: strings.Repeat("1", 32), Name: "example.com"},
			&world.Record{ZoneID: strings.Repeat("1", 32), Record: dnsemu.Record{Type: "AAAA", Name: host, Content: "100::", Proxied: true}},
			&world.WorkerDomain{Hostname: host, ZoneID: strings.Repeat("1", 32), Service: "my-api"},
		}
		for _, a := range apps {
			a.Policies = allowAlice
			docs = append(docs, a)
		}
		return docs
	}
	domain := func() *accessemu.Application { return &accessemu.Application{Name: "API", Domain: host} }
	for _, c := range []struct {
		name string
		docs []any
		want []string
	}{
		{"no guard", base(worker(true, true)), nil},
		{"only the domain", base(worker(true, true), domain()), []string{
			"unprotected-sibling https://my-api.acme.workers.dev/", "unprotected-sibling https://*-my-api.acme.workers.dev/"}},
		{"without workers.dev", base(worker(false, true), domain()), []string{"unprotected-sibling https://*-my-api.acme.workers.dev/"}},
		{"with neither", base(worker(false, false), domain()), nil},
		{"each by its host", base(worker(true, true), domain(), &accessemu.Application{Name: "Dev", Domain: "my-api.acme.workers.dev"},
			&accessemu.Application{Name: "Previews", Domain: "*-my-api.acme.workers.dev"}), nil},
		{"by the Worker", base(worker(true, true), &accessemu.Application{Name: "Worker", Destinations: []accessemu.Destination{{Type: "worker", WorkerID: "my-api"}}}), nil},
		{"only its previews", base(worker(true, true), &accessemu.Application{Name: "Previews", Destinations: []accessemu.Destination{{Type: "preview_worker", WorkerID: "my-api"}}}), []string{
			"unprotected-sibling https://api.example.com/", "unprotected-sibling https://my-api.acme.workers.dev/"}},
		{"by all Workers", base(worker(true, true), &accessemu.Application{Name: "All", Destinations: []accessemu.Destination{{Type: "all_workers"}}}), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := auditOf(t, c.docs...)
			if diff := cmp.Diff(c.want, failuresOf(r)); diff != "" {
				t.Errorf("%s\n%+v", diff, r)
			}
			for _, f := range r.Failures {
				if strings.Contains(f.URLs[0], "*") != strings.Contains(f.Mend, `"preview_urls": false`) {
					t.Errorf("mend: %s", f.Mend)
				}
			}
			for _, e := range r.Entrypoints {
				if e.Guard != "" && !slices.Equal(e.Who, []string{"alice@example.com"}) {
					t.Errorf("%s: %q", e.URL, e.Who)
				}
			}
		})
	}
}

// TestAuditFindsEveryRoute: below a wildcard record, of plain HTTP, and what lies beside a Route of the root alone.
func TestAuditFindsEveryRoute(t *testing.T) {
	zone := strings.Repeat("1", 32)
	record := func(name string) *world.Record {
		return &world.Record{ZoneID: zone, Record: dnsemu.Record{Type: "A", Name: name, Content: "192.0.2.1", Proxied: true}}
	}
	docs := []any{
		&world.Settings{Team: "acme", WorkersSubdomain: "acme"}, &world.Worker{Name: "my-api", WorkersDev: true}, &dnsemu.Zone{ID: zone, Name: "example.com"},
		record("*.example.com"), record("own.example.com"), record("root.example.com"), record("x.open.example.com"),
		&accessemu.Application{Name: "API", Destinations: []accessemu.Destination{{Type: "public", URI: "my-api.acme.workers.dev"}, {Type: "public", URI: "*.example.com"}, {Type: "public", URI: "own.example.com"}}, Policies: allowAlice},
	}
	for _, pattern := range []string{"a.b.example.com/*", "*.c.example.com/x/*", "*d.b.example.com/*", "root.example.com/", "own.example.com/api/*", "http://x.open.example.com/*"} {
		docs = append(docs, &world.WorkerRoute{ZoneID: zone, Pattern: pattern, Script: "my-api"})
	}
	docs = append(docs, &accessemu.Application{Name: "Rest", Domain: "root.example.com/", Policies: allowAlice})
	got := map[string]bool{}
	report := auditOf(t, docs...)
	if !slices.Contains(failuresOf(report), "unprotected-sibling http://x.open.example.com/") {
		t.Errorf("what only plain HTTP leads to passes: %v", failuresOf(report))
	}
	for _, e := range report.Entrypoints {
		got[e.URL+" "+string(e.Kind)] = true
	}
	for _, want := range []string{
		"https://a.b.example.com/ Route", "https://*.c.example.com/x/* Route", "https://*d.b.example.com/ Route",
		"https://own.example.com/ direct origin", "https://own.example.com/api/* Route", "https://root.example.com/ Route", "https://root.example.com/* direct origin",
		"http://x.open.example.com/ Route",
	} {
		if !got[want] {
			t.Errorf("%s is missing of %v", want, slices.Sorted(maps.Keys(got)))
		}
	}
}

// TestAuditFindsHostsBelowWildcards: one record brings them all, and applications and ingress rules tell them apart.
func TestAuditFindsHostsBelowWildcards(t *testing.T) {
	zone, id := strings.Repeat("1", 32), "6f5e4d3c-2b1a-4987-8765-43210fedcba9"
	record := func(name string) *world.Record {
		return &world.Record{ZoneID: zone, Record: dnsemu.Record{Type: "CNAME", Name: name, Content: id + ".cfargotunnel.com", Proxied: true}}
	}
	guard := func(name string) *accessemu.Application {
		return &accessemu.Application{Name: name, Destinations: []accessemu.Destination{{Type: "public", URI: name}}, Policies: allowAlice}
	}
	rule := func(host string) tunnelemu.Rule {
		return tunnelemu.Rule{Hostname: host, Service: "http://localhost:8001"}
	}
	report := auditOf(t,
		&world.Settings{Team: "acme"}, &dnsemu.Zone{ID: zone, Name: "example.com"}, record("*.example.com"), record("own.example.com"),
		&world.Tunnel{ID: id, UUID: id, Name: "web", Config: &tunnelemu.Config{Ingress: []tunnelemu.Rule{
			rule("api.example.com"), rule("WWW.example.com"), rule("*.lab.example.com"), rule("own.example.com"), rule("elsewhere.example.org"), {Service: "http_status:404"},
		}}},
		guard("api.example.com"), guard("own.example.com"), guard("alone.example.com/admin"))
	var urls []string
	for _, e := range report.Entrypoints {
		urls = append(urls, e.URL)
	}
	want := []string{
		"https://*.example.com/", "https://api.example.com/", "https://alone.example.com/", "https://alone.example.com/admin",
		"https://www.example.com/", "https://*.lab.example.com/", "https://own.example.com/",
	}
	if diff := cmp.Diff(want, urls); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{"unprotected-sibling https://www.example.com/", "unprotected-sibling https://*.lab.example.com/"} {
		if got := failuresOf(report); !slices.Contains(got, want) {
			t.Errorf("%q is not among %q", want, got)
		}
	}
}

// TestAuditAsksForgeries: everything that sundog attack knows is tried, and nothing of it enters.
func TestAuditAsksForgeries(t *testing.T) {
	r := startWorld(t, guarded, originOption(seen))
	report := r.edge.Audit()
	for _, f := range report.Failures {
		if f.Rule == audit.ForgedCredential {
			t.Errorf("%+v", f)
		}
	}
	var got audit.Report
	req := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/v1/audit", nil)
	req.Header.Set("Authorization", "Bearer "+r.edge.Token())
	rec := httptest.NewRecorder()
	r.edge.Control("test").ServeHTTP(rec, req)
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != http.StatusOK {
		t.Fatal(rec.Code, err)
	}
	if diff := cmp.Diff(report, got); diff != "" {
		t.Error("by the admin port:", diff)
	}
}

func TestAuditAcceptsUntilADay(t *testing.T) {
	docs := func(until string) []any {
		w := world.MustParse(`team: acme
zones: [{name: example.com, records: [{type: A, name: a, content: 192.0.2.1, proxied: true}, {type: A, name: b, content: 192.0.2.1, proxied: true}]}]
access: {apps: [{domain: a.example.com, policies: [{decision: allow, include: [{email: {email: alice@example.com}}]}]}]}
`)
		var list []any
		for doc := range w.All("") {
			list = append(list, doc.Value)
		}
		return append(list, &world.Accepted{Host: "b.example.com", Reason: "a page for everybody", Until: until})
	}
	for until, want := range map[string][]string{"2026-06-30": nil, "": nil, "2026-06-29": {"unprotected-sibling https://b.example.com/"}} {
		if diff := cmp.Diff(want, failuresOf(auditOf(t, docs(until)...))); diff != "" {
			t.Errorf("until %q: %s", until, diff)
		}
	}
}
