package accessemu

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Two Workers, and hosts that lead to them.
const (
	idX = "0123456789abcdef0123456789abcdef"
	idY = "fedcba9876543210fedcba9876543210"

	hostX       = "my-api.acme.workers.dev"
	hostXBefore = "0a1b2c3d-my-api.acme.workers.dev"
	hostY       = "other.acme.workers.dev"
	hostRoute   = "www.example.com" // only below /api, to X
)

func workersOn(host string) []WorkerRef {
	switch host {
	case hostX, hostRoute:
		return []WorkerRef{{ID: idX}}
	case hostXBefore:
		return []WorkerRef{{ID: idX, Preview: true}}
	case hostY:
		return []WorkerRef{{ID: idY}}
	}
	return nil
}

// leadsToWorkers makes of a request one that the edge has routed.
func leadsToWorkers(r *Request) {
	r.WorkersOn = workersOn
	refs := workersOn(r.Host)
	if len(refs) == 1 && (r.Host != hostRoute || strings.HasPrefix(r.HTTP.URL.Path, "/api")) {
		r.Worker = refs[0]
	}
}

func appOfWorker(name, kind, id string, policies ...PolicyRef) Application {
	if policies == nil {
		policies = []PolicyRef{allow("staff", EmailDomainRule{"example.com"})}
	}
	return Application{ID: name, Name: name, Destinations: []Destination{{Type: kind, WorkerID: id}}, Policies: policies}
}

func TestWorkerDestinations(t *testing.T) {
	host := Application{ID: "host", Name: "host", Domain: hostX, Policies: []PolicyRef{allow("staff", EveryoneRule{})}}
	path := Application{ID: "path", Name: "path", Domain: hostX + "/admin", Policies: host.Policies}
	previews := Application{ID: "wild", Name: "wild", Domain: "*-my-api.acme.workers.dev", Policies: host.Policies}
	worker, preview := appOfWorker("worker", "worker", idX), appOfWorker("preview", "preview_worker", idX)
	all, allPreviews := appOfWorker("all", "all_workers", ""), appOfWorker("all-previews", "all_preview_workers", "")
	for _, c := range []struct {
		name, host, path string
		apps             []Application
		want             string // name of the application; empty: none
	}{
		{"a Worker's own", hostX, "/", []Application{worker}, "worker"},
		{"its previews, too", hostXBefore, "/", []Application{worker}, "worker"},
		{"no other Worker", hostY, "/", []Application{worker}, ""},
		{"no other host", "www.example.org", "/", []Application{worker, all}, ""},
		{"a route's part of a host", hostRoute, "/api/x", []Application{worker}, "worker"},
		{"not the rest of it", hostRoute, "/", []Application{worker, all}, ""},
		{"the host before the Worker", hostX, "/", []Application{worker, all, host}, "host"},
		{"a path before the Worker", hostX, "/admin/x", []Application{worker, path}, "path"},
		{"the Worker beside a path", hostX, "/", []Application{worker, path}, "worker"},
		{"the Worker before all", hostX, "/", []Application{all, worker}, "worker"},
		{"all", hostY, "/", []Application{all, worker}, "all"},
		{"all, previews too", hostXBefore, "/", []Application{all}, "all"},
		{"previews alone", hostX, "/", []Application{preview, allPreviews}, ""},
		{"a preview before its Worker", hostXBefore, "/", []Application{worker, preview, all, allPreviews}, "preview"},
		{"its Worker before all previews", hostXBefore, "/", []Application{worker, all, allPreviews}, "worker"},
		{"all previews before all", hostXBefore, "/", []Application{all, allPreviews}, "all-previews"},
		{"the preview's host before it", hostXBefore, "/", []Application{preview, previews}, "wild"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.apps...)
			r := w.request("GET", "https://"+c.host+c.path)
			leadsToWorkers(r)
			d := w.config.Decide(w.state, r)
			got := ""
			if d.App != nil {
				got = d.App.Name
			}
			if got != c.want || (got == "") != (d.Verdict == NoApplication) {
				t.Errorf("%s by %q, want %q: %s", d.Verdict, got, c.want, d.Why)
			}
			if app, _, ok := w.config.MatchWorker(c.host, c.path, r.Worker); ok != (c.want != "") || ok && app.Name != c.want {
				t.Errorf("MatchWorker: %v %v", app, ok)
			}
		})
	}
}

func TestWorkerBypassUnderAllWorkers(t *testing.T) {
	w := newWorld(t, appOfWorker("all", "all_workers", ""), appOfWorker("open", "worker", idX, policyOf("bypass", "all", EveryoneRule{})))
	for host, want := range map[string]Verdict{hostX: Bypass, hostY: Login} {
		r := w.request("GET", "https://"+host+"/")
		leadsToWorkers(r)
		if d := w.config.Decide(w.state, r); d.Verdict != want {
			t.Errorf("%s: %s", host, d.Verdict)
		}
	}
}

func TestPathsOfDifferentWorkerApplicationsAreAmbiguous(t *testing.T) {
	path := Application{ID: "path", Domain: hostX + "/admin", Policies: []PolicyRef{allow("staff", EveryoneRule{})}}
	w := newWorld(t, path, appOfWorker("worker", "worker", idX))
	r := w.request("GET", "https://"+hostX+"/x%2f..%2fadmin")
	leadsToWorkers(r)
	if d := w.config.Decide(w.state, r); d.Verdict != Ambiguous {
		t.Errorf("%s: %s", d.Verdict, d.Why)
	}
}

// TestPathOfARouteIsRead: a host that an application guards only where a Route leads to its Worker is as strict about
// paths as one that it guards by name.
func TestPathOfARouteIsRead(t *testing.T) {
	w := newWorld(t, appOfWorker("worker", "worker", idX))
	for path, want := range map[string]Verdict{
		"/open": NoApplication, "/op%65n": NoApplication, "/api/x": Login, "/api/%78": Login,
		"/%61pi/x": Ambiguous, "/a%70i/x": Ambiguous, "//api/x": Ambiguous, "/open/..%2fapi/x": Ambiguous, "/open/../api/x": Ambiguous, "/api/..%2fopen": Ambiguous, "/%5capi": Ambiguous,
	} {
		r := w.request("GET", "https://"+hostRoute+path)
		at := func(path string) (ref WorkerRef) {
			if strings.HasPrefix(path, "/api") {
				ref = workersOn(hostRoute)[0]
			}
			return ref
		}
		r.Worker, r.WorkerAt, r.WorkersOn = at(r.HTTP.URL.EscapedPath()), at, workersOn
		if d := w.config.Decide(w.state, r); d.Verdict != want {
			t.Errorf("%s: %s: %s", path, d.Verdict, d.Why)
		}
	}
}

// TestWorkerWebSockets: an application by host lets them through, one by Worker does not.
func TestWorkerWebSockets(t *testing.T) {
	const open = "websocket"
	host := Application{ID: "app-a", Domain: hostX, Policies: []PolicyRef{allow("staff", EmailDomainRule{"example.com"})}}
	for _, c := range []struct {
		name string
		app  Application
		as   string
		want Verdict
	}{
		{"by host", host, alice, Forward},
		{"by host, nobody", host, "", Login},
		{"by Worker", appOfWorker("app-a", "worker", idX), alice, Forbidden},
		{"by Worker, nobody", appOfWorker("app-a", "worker", idX), "", Forbidden},
		{"by all Workers", appOfWorker("app-a", "all_workers", ""), alice, Forbidden},
		{"by bypass", appOfWorker("app-a", "worker", idX, policyOf("bypass", "all", EveryoneRule{})), "", Bypass},
	} {
		w := newWorld(t, c.app)
		for _, headers := range [][]string{{"Connection", "Upgrade", "Upgrade", "WebSocket"}, {"Upgrade", "h2c, websocket"}, {":protocol", open}} {
			r := w.request("GET", "https://"+hostX+"/ws")
			for i := 0; i < len(headers); i += 2 {
				r.HTTP.Header[headers[i]] = []string{headers[i+1]}
			}
			r.As = c.as
			leadsToWorkers(r)
			d := w.config.Decide(w.state, r)
			if d.Verdict != c.want || (d.Mend == "") != d.passes() {
				t.Errorf("%s, %v: %s: %s", c.name, headers, d.Verdict, d.Why)
			}
		}
	}
}

// TestLoginToWorker goes through the login of an application that has no host of its own, by
// production, a preview host, and a route's part of a host.
func TestLoginToWorker(t *testing.T) {
	w := newWorld(t, appOfWorker("app-a", "worker", idX))
	w.shape = leadsToWorkers
	for _, target := range []string{"https://" + hostX + "/", "https://" + hostXBefore + "/x", "https://" + hostRoute + "/api/v1"} {
		b := w.browser()
		b.login(target, alice)
		if w.seen == nil || w.seen.Header.Get(headerEmail) != alice {
			t.Fatalf("%s: not let in: %s %s", target, w.last.Verdict, w.last.Why)
		}
		aud, text := w.last.Claims()
		var claims struct {
			AUD   []string `json:"aud"`
			Email string   `json:"email"`
		}
		if err := json.Unmarshal(text, &claims); err != nil || claims.Email != alice || !slices.Equal(claims.AUD, []string{aud}) || aud != w.last.App.AUD {
			t.Errorf("%s: claims %s of %s: %v", target, text, aud, err)
		}
		if got := b.get(target[:strings.Index(target[8:], "/")+8] + "/cdn-cgi/access/get-identity"); got.StatusCode != 200 || !strings.Contains(got.body, alice) {
			t.Errorf("get-identity: %d %s", got.StatusCode, got.body)
		}
		if got := b.get(target[:strings.Index(target[8:], "/")+8] + "/cdn-cgi/access/logout?returnTo=https://" + hostX + "/bye"); got.StatusCode != 302 || got.location() != "https://"+hostX+"/bye" {
			t.Errorf("logout: %d %s", got.StatusCode, got.location())
		}
		if got := b.get(target); !isLogin(got) {
			t.Errorf("after the logout: %d", got.StatusCode)
		}
	}
}

// TestLoginToNoWorker: the login page of a Worker's application leads to no host that does not lead to it.
func TestLoginToNoWorker(t *testing.T) {
	w := newWorld(t, appOfWorker("app-a", "worker", idX))
	w.shape = leadsToWorkers
	app, _ := w.config.App("app-a")
	for host, want := range map[string]int{hostX: 200, hostXBefore: 200, hostY: 404, "evil.example.org": 404} {
		if got := w.browser().get("https://" + team + "/cdn-cgi/access/login/" + host + "?kid=" + app.AUD); got.StatusCode != want {
			t.Errorf("%s: %d", host, got.StatusCode)
		}
	}
	if got := w.browser().get("https://" + hostY + "/cdn-cgi/access/authorized"); got.StatusCode != 200 || w.seen == nil {
		t.Errorf("a Worker without an application: %d", got.StatusCode)
	}
}

func TestCloudflaredLoginToWorker(t *testing.T) {
	w := newWorld(t, appOfWorker("app-a", "worker", idX))
	w.shape = leadsToWorkers
	r := w.request("HEAD", "https://"+hostX+"/", "Cf-Access-Metadata-Request", "true")
	leadsToWorkers(r)
	if d := w.config.Decide(w.state, r); d.Verdict != Endpoint {
		t.Fatal(d.Verdict)
	}
	c := w.cloudflared()
	claims, ok := c.metadata("https://" + hostX + "/")
	app, _ := w.config.App("app-a")
	if !ok || claims.Audience != app.AUD || claims.AppHost != hostX {
		t.Fatalf("%v %+v", ok, claims)
	}
	if got := w.browser().get(c.page("https://"+hostY+"/", app.AUD)); got.StatusCode == 200 && strings.Contains(got.body, "cloudflared") {
		t.Errorf("cloudflared's page on another Worker's host: %d %s", got.StatusCode, got.body)
	}
	page := c.page("https://"+hostX+"/", app.AUD)
	if got := w.browser().approve(page, alice); got.StatusCode != 200 {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}

func TestServiceTokenToWorker(t *testing.T) {
	w := newWorld(t, appOfWorker("app-a", "worker", idX, serviceAuth("robots", AnyValidServiceTokenRule{})))
	w.put(tokenK())
	r := w.request("GET", "https://"+hostX+"/", headerClientID, clientK, headerSecret, secretK)
	leadsToWorkers(r)
	d := w.config.Decide(w.state, r)
	if _, claims := d.Claims(); claims != nil {
		t.Errorf("claims before there is a token: %s", claims)
	}
	d.Prepare(r.HTTP.Header)
	aud, claims := d.Claims()
	if d.Verdict != Forward || aud == "" || !strings.Contains(string(claims), `"common_name":"`+clientK+`"`) {
		t.Errorf("%s %s %s: %s", d.Verdict, aud, claims, d.Why)
	}
	h := http.Header{}
	d.Finish(h)
	if got := h.Get("Set-Cookie"); !strings.Contains(got, "Path=/;") {
		t.Errorf("cookie %q", got)
	}
}

func TestWorkerDestinationMistakes(t *testing.T) {
	err := testConfig(t).Txn().PutApp(Application{ID: "x", Destinations: []Destination{
		{Type: "worker", WorkerID: "my-api"}, {Type: "worker", WorkerID: idX, URI: "x.example.com"}, {Type: "preview_worker", WorkerID: "1"},
		{Type: "all_workers", WorkerID: idX}, {Type: "workers"}, {URI: "a.example.com", WorkerID: idX},
	}})
	want := []string{
		`destinations[0].worker_id: "my-api"; allowed: the id of a Worker, 32 hex digits`,
		`destinations[1].uri: "x.example.com", which a destination of type worker does not have; allowed: uri with the type public`,
		`destinations[2].worker_id: "1"; allowed: the id of a Worker, 32 hex digits`,
		`destinations[3].worker_id: "` + idX + `" with the type all_workers, which is every Worker of the account; allowed: worker_id with the type worker or preview_worker`,
		`destinations[4].type: "workers", which is no destination type; allowed: public, worker, preview_worker, all_workers or all_preview_workers (did you mean "worker"?)`,
		`destinations[5].worker_id: "` + idX + `", which a public destination does not have; allowed: worker_id with the type worker or preview_worker`,
	}
	if diff := cmp.Diff(want, errorLines(err)); diff != "" {
		t.Error(diff)
	}
	x := testConfig(t, appOfWorker("one", "worker", idX), appOfWorker("previews", "all_preview_workers", "")).Txn()
	for _, app := range []Application{appOfWorker("two", "worker", strings.ToUpper(idX)), appOfWorker("three", "preview_worker", "")} {
		if err := x.PutApp(app); err != nil {
			t.Fatal(err)
		}
	}
	_, err = x.Commit()
	want = []string{
		`destinations[0].worker_id: "worker ` + idX + `", which is a destination of application "one" (worker ` + idX + `) already`,
		`destinations[0].type: "all_preview_workers", which is a destination of application "previews" (all_preview_workers) already`,
	}
	if diff := cmp.Diff(want, errorLines(err)); diff != "" {
		t.Error(diff)
	}
}

func TestWorkerDestinationsComeAndGo(t *testing.T) {
	w := newWorld(t, appOfWorker("app-a", "worker", idX))
	covered := func() bool {
		_, _, ok := w.config.MatchWorker(hostX, "/", WorkerRef{ID: idX})
		return ok
	}
	before := w.config
	w.put(appOfWorker("app-a", "worker", idY))
	if covered() {
		t.Error("still there after it was changed")
	}
	w.config = before
	if !covered() {
		t.Error("the configuration before has changed")
	}
	w.config = edit(t, w.config, func(x *Txn) { x.DeleteApp("app-a") })
	if covered() {
		t.Error("still there after it was deleted")
	}
}

func TestDecideWorkerDoesNotAllocate(t *testing.T) {
	w := newWorld(t, appOfWorker("app-a", "worker", idX))
	app, _ := w.config.App("app-a")
	token, err := w.state.Token(w.config, app, hostXBefore, alice, w.client)
	if err != nil {
		t.Fatal(err)
	}
	r := w.request("GET", "https://"+hostXBefore+"/", "Cookie", "CF_Authorization="+token)
	leadsToWorkers(r)
	if d := w.config.Decide(w.state, r); d.Verdict != Forward {
		t.Fatal(d.Why)
	}
	if n := testing.AllocsPerRun(100, func() { sink = w.config.Decide(w.state, r) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDecideWorker(b *testing.B) {
	w := newWorld(b, appOfWorker("app-a", "all_workers", ""))
	app, _ := w.config.App("app-a")
	token, err := w.state.Token(w.config, app, hostXBefore, alice, w.client)
	if err != nil {
		b.Fatal(err)
	}
	r := w.request("GET", "https://"+hostXBefore+"/d/abc/overview", "Cookie", "theme=dark; CF_Authorization="+token)
	leadsToWorkers(r)
	b.ReportAllocs()
	for b.Loop() {
		sink = w.config.Decide(w.state, r)
	}
}
