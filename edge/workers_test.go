package edge

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/worker"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// uploaded is a Worker as an upload leaves it, with its version.
func uploaded(name, code string, bindings ...version.Binding) []any {
	id := "00000000-0000-4000-8000-" + (name + "000000000000")[:12]
	id = strings.Map(func(r rune) rune {
		if strings.ContainsRune("0123456789abcdef-", r) {
			return r
		}
		return 'a'
	}, id)
	return []any{
		version.Version{ID: id, Number: 1, Worker: name, Modules: []version.Module{{Name: "index.js", Kind: version.ESModule, Content: []byte(code)}}, Exports: []string{"default"}, CompatibilityDate: "2026-03-22", Bindings: bindings},
		world.Worker{Name: name, WorkersDev: true, Deployments: []world.Deployment{{ID: id, Strategy: "percentage", Versions: []world.Share{{VersionID: id, Percentage: 100}}}}},
	}
}

func withWorkers(t *testing.T, docs []any, opts ...Option) *Edge {
	t.Helper()
	w, err := world.New(append([]any{world.Settings{Team: "acme", WorkersSubdomain: "acme"}}, docs...)...)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(w, append([]Option{WithWorkerd("", "../testdata/npm")}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	report, err := e.AwaitCode(t.Context())
	if err != nil || report.Err != nil {
		t.Fatal(err, report)
	}
	for _, o := range report.Workers {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
	}
	return e
}

func text(t *testing.T, e *Edge, url string) (int, string) {
	t.Helper()
	resp, err := e.Client().Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestWorkerAnswers(t *testing.T) {
	const code = `export default { async fetch(request, env, ctx) {
		const url = new URL(request.url);
		if (url.pathname === "/throw") throw new TypeError("kaboom");
		if (url.pathname === "/out") { const r = await fetch(url.searchParams.get("u")); return new Response(r.status + " " + await r.text()); }
		return Response.json({ url: request.url, colo: request.cf.colo, http: request.cf.httpProtocol, ip: request.headers.get("cf-connecting-ip"), ray: !!request.headers.get("cf-ray"), greeting: env.GREETING });
	} }`
	docs := append(uploaded("hello", code, version.Binding{Type: "plain_text", Name: "GREETING", Text: "hi"}), dnsemu.Zone{Name: "example.com"},
		world.Record{Record: dnsemu.Record{Type: "A", Name: "api.example.com", Content: "192.0.2.1", Proxied: true}}, world.WorkerDomain{Hostname: "api.example.com", Service: "hello"})
	e := withWorkers(t, docs)
	for _, host := range []string{"hello.acme.workers.dev", "api.example.com"} {
		status, body := text(t, e, "https://"+host+"/x?y=1")
		t.Log(status, body)
		if status != 200 || !strings.Contains(body, `"url":"https://`+host+`/x?y=1"`) || !strings.Contains(body, `"greeting":"hi"`) {
			t.Error(status, body)
		}
	}
	status, body := text(t, e, "https://api.example.com/throw")
	if status != 500 || !strings.Contains(body, "1101") {
		t.Error(status, body)
	}
	status, body = text(t, e, "https://api.example.com/out?u="+"https://acme.cloudflareaccess.com/cdn-cgi/access/certs")
	if !strings.HasPrefix(body, "200 {") {
		t.Error(status, body)
	}
	status, body = text(t, e, "https://api.example.com/out?u="+"https://outside.test/")
	t.Log(body)
	if !strings.HasPrefix(body, "523") {
		t.Error(status, body)
	}
}

func TestWorkerHasNoLoopback(t *testing.T) {
	here := httptest.NewServer(http.NotFoundHandler())
	defer here.Close()
	e := withWorkers(t, uploaded("out", `export default { async fetch(request) { const r = await fetch(new URL(request.url).searchParams.get("u")); return new Response(r.status + " " + await r.text()) } }`))
	_, body := text(t, e, "https://out.acme.workers.dev/?u="+here.URL)
	if !strings.HasPrefix(body, "523") {
		t.Error(body)
	}
	t.Log(body)
}

// What sundog logs shows of a request has no secrets in it, as traces have none.
func TestCodeLogMasksURLs(t *testing.T) {
	e := withWorkers(t, uploaded("talks", `export default { fetch() { console.log("hello"); return new Response("ok") } }`))
	lines := make(chan worker.Event, 8)
	defer e.FollowCode(func(ev worker.Event) { lines <- ev })()
	text(t, e, "https://talks.acme.workers.dev/?a=1&token=hush")
	said := <-lines
	const want = "https://talks.acme.workers.dev/?a=1&token=***"
	if said.URL != want {
		t.Errorf("followed: %s", said.URL)
	}
	if log := e.CodeLog("talks"); len(log) != 1 || log[0].URL != want {
		t.Errorf("kept: %v", log)
	}
}
