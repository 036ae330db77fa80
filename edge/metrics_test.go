package edge_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge"
)

// scraped are the counters of /metrics, by name and labels.
func scraped(t testing.TB, e *edge.Edge) map[string]float64 {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:4300/metrics", nil)
	r.Header.Set("Authorization", "Bearer "+e.Token())
	w := httptest.NewRecorder()
	e.Control("test").ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	got := map[string]float64{}
	for line := range strings.Lines(w.Body.String()) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "} ")
		if !ok || strings.HasPrefix(line, "#") || strings.Contains(name, "_bucket") || strings.Contains(name, "_sum") || strings.HasPrefix(name, "promhttp") {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		got[strings.TrimPrefix(name, "sundog_")+"}"] = n
	}
	return got
}

func ask(t *testing.T, e *edge.Edge, url string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := e.Transport().RoundTrip(r); err == nil {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

const meteredWorld = `
team: acme
zones:
  - name: example.com
    records:
      - {type: CNAME, name: app, content: abc123.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: "*.wild", content: abc123.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: nowhere, content: gone.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: cuts, content: abc123.cfargotunnel.com, proxied: true}
tunnels:
  - id: abc123
    config:
      ingress:
        - {hostname: cuts.example.com, service: "http://cuts:1"}
        - {service: "http://api:1"}
access:
  apps:
    - name: app
      domain: app.example.com
      policies: [{name: people, decision: allow, include: [{email: {email: alice@example.com}}]}]
`

func TestMetrics(t *testing.T) {
	e := newEdge(t, meteredWorld,
		edge.WithOrigin("http://api:1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/broken" {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})),
		edge.WithOrigin("http://cuts:1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "10")
			w.Write([]byte("half"))
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})))
	if got := scraped(t, e); len(got) != 0 {
		t.Errorf("before the first request: %v", got)
	}
	ask(t, e, "https://app.example.com/")
	ask(t, e, "https://app.example.com/other")
	ask(t, e, "https://a.wild.example.com/")
	ask(t, e, "https://b.wild.example.com/broken")
	ask(t, e, "https://nowhere.example.com/")
	ask(t, e, "https://cuts.example.com/")
	ask(t, e, "https://acme.cloudflareaccess.com/cdn-cgi/access/certs")
	for _, made := range []string{"a", "b", "c"} {
		ask(t, e, "https://"+made+".not-there.test/")
		ask(t, e, "https://"+made+".example.com/")
	}
	want := map[string]float64{
		`requests_total{answered_by="access",code="3xx",host="app.example.com"}`:           2,
		`request_duration_seconds_count{host="app.example.com"}`:                           2,
		`requests_total{answered_by="origin",code="2xx",host="*.wild.example.com"}`:        1,
		`requests_total{answered_by="origin",code="5xx",host="*.wild.example.com"}`:        1,
		`errors_total{answered_by="origin",host="*.wild.example.com"}`:                     1,
		`request_duration_seconds_count{host="*.wild.example.com"}`:                        2,
		`requests_total{answered_by="tunnel",code="5xx",host="nowhere.example.com"}`:       1,
		`errors_total{answered_by="tunnel",host="nowhere.example.com"}`:                    1,
		`request_duration_seconds_count{host="nowhere.example.com"}`:                       1,
		`requests_total{answered_by="origin",code="2xx",host="cuts.example.com"}`:          1,
		`errors_total{answered_by="origin",host="cuts.example.com"}`:                       1,
		`request_duration_seconds_count{host="cuts.example.com"}`:                          1,
		`requests_total{answered_by="access",code="2xx",host="acme.cloudflareaccess.com"}`: 1,
		`request_duration_seconds_count{host="acme.cloudflareaccess.com"}`:                 1,
		`requests_total{answered_by="edge",code="5xx",host="(unknown)"}`:                   6,
		`errors_total{answered_by="edge",host="(unknown)"}`:                                6,
		`request_duration_seconds_count{host="(unknown)"}`:                                 6,
	}
	if diff := cmp.Diff(want, scraped(t, e)); diff != "" {
		t.Error(diff)
	}
}

// A host that stays keeps its counts over a reload; one that goes takes its series along.
func TestMetricsFollowTheWorld(t *testing.T) {
	e := newEdge(t, meteredWorld)
	ask(t, e, "https://app.example.com/")
	ask(t, e, "https://nowhere.example.com/")
	w := parse(t, strings.ReplaceAll(strings.ReplaceAll(meteredWorld,
		"      - {type: CNAME, name: nowhere, content: gone.cfargotunnel.com, proxied: true}\n", ""),
		"name: app, content: abc123", "name: app, content: other"))
	if err := e.Apply(w); err != nil {
		t.Fatal(err)
	}
	ask(t, e, "https://app.example.com/")
	ask(t, e, "https://nowhere.example.com/")
	got := scraped(t, e)
	if n := got[`requests_total{answered_by="access",code="3xx",host="app.example.com"}`]; n != 2 {
		t.Errorf("the host that stays has %v", n)
	}
	for name := range got {
		if strings.Contains(name, "nowhere") {
			t.Errorf("%s is still there", name)
		}
	}
	if n := got[`requests_total{answered_by="edge",code="5xx",host="(unknown)"}`]; n != 1 {
		t.Errorf("the host that went has %v as unknown", n)
	}
	if err := e.Apply(parse(t, strings.ReplaceAll(meteredWorld, "team: acme", "team: other"))); err != nil {
		t.Fatal(err)
	}
	ask(t, e, "https://acme.cloudflareaccess.com/")
	ask(t, e, "https://other.cloudflareaccess.com/cdn-cgi/access/certs")
	got = scraped(t, e)
	if got[`requests_total{answered_by="access",code="2xx",host="other.cloudflareaccess.com"}`] != 1 ||
		got[`requests_total{answered_by="edge",code="5xx",host="(unknown)"}`] != 2 {
		t.Errorf("after the team changed: %v", got)
	}
}

func TestMetricsWantTheToken(t *testing.T) {
	e := newEdge(t, meteredWorld)
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:4300/metrics", nil)
	w := httptest.NewRecorder()
	e.Control("test").ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("%d", w.Code)
	}
}
