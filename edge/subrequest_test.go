package edge

import (
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/worker"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// asks fetches what ?u= names and tells status, body and the headers that the edge gave the request.
const asks = `export default { async fetch(request) {
	const u = new URL(request.url);
	if (!u.searchParams.has("u")) return Response.json({ me: u.host, worker: request.headers.get("cf-worker"), via: request.headers.get("cf-ew-via"), ip: request.headers.get("cf-connecting-ip") });
	const r = await fetch(u.searchParams.get("u"), u.searchParams.has("pass") ? request : undefined);
	return new Response(r.status + " " + await r.text());
} }`

// subrequestWorld has two Workers on Routes, two on Custom Domains and two on workers.dev alone, and an origin.
func subrequestWorld(flags ...string) []any {
	const zone = "0123456789abcdef0123456789abcdef"
	docs := []any{dnsemu.Zone{ID: zone, Name: "example.com"}}
	for _, name := range []string{"one", "two", "dom", "mod", "origin"} {
		docs = append(docs, world.Record{ZoneID: zone, Record: dnsemu.Record{Type: "A", Name: name + ".example.com", Content: "127.0.0.1", Proxied: true}})
	}
	for _, name := range []string{"one", "two", "dom", "mod", "dev", "ved"} {
		for _, doc := range uploaded(name, asks) {
			if v, ok := doc.(version.Version); ok {
				v.CompatibilityFlags = flags
				doc = v
			}
			docs = append(docs, doc)
		}
	}
	return append(docs,
		world.WorkerRoute{ZoneID: zone, Pattern: "one.example.com/*", Script: "one"}, world.WorkerRoute{ZoneID: zone, Pattern: "two.example.com/*", Script: "two"},
		world.WorkerDomain{ZoneID: zone, Hostname: "dom.example.com", Service: "dom"}, world.WorkerDomain{ZoneID: zone, Hostname: "mod.example.com", Service: "mod"},
	)
}

func TestSameZoneFetch(t *testing.T) {
	e := withWorkers(t, subrequestWorld(), WithOrigin("http://127.0.0.1:80", says("the origin")), WithOrigin("https://127.0.0.1:443", says("the origin")))
	for _, tt := range []struct{ name, url, want string }{
		{"another Worker's Route", "https://one.example.com/?u=https://two.example.com/", "404 error code: 1042"},
		{"its own Route leads to the origin", "https://one.example.com/?u=http://one.example.com/", "200 the origin"},
		{"a host without a Worker", "https://one.example.com/?u=http://origin.example.com/", "200 the origin"},
		{"a Custom Domain works", "https://one.example.com/?u=https://dom.example.com/", `200 {"me":"dom.example.com","worker":"example.com","via":"15"`},
		{"from one Custom Domain to another", "https://dom.example.com/?u=https://mod.example.com/", `200 {"me":"mod.example.com"`},
		{"another Worker of workers.dev", "https://dev.acme.workers.dev/?u=https://ved.acme.workers.dev/", "404 error code: 1042"},
		{"from workers.dev to a zone, by the front door", "https://dev.acme.workers.dev/?u=https://two.example.com/", `200 {"me":"two.example.com","worker":"acme.workers.dev","via":"15","ip":"2a06:98c0:3600::103"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, body := text(t, e, tt.url); !strings.HasPrefix(body, tt.want) {
				t.Errorf("got %s; want %s", body, tt.want)
			}
		})
	}
}

func TestTraceNamesTheWorkerThatAsked(t *testing.T) {
	e := withWorkers(t, subrequestWorld())
	text(t, e, "https://dev.acme.workers.dev/?u=https://dom.example.com/")
	by := map[string]string{}
	for _, tr := range e.Traces().Last(0) {
		by[tr.URL] = tr.Worker
		if made := strings.Contains(tr.String(), "made by the Worker dev"); made != (tr.Worker == "dev") {
			t.Errorf("the text of the trace says otherwise than its field %q:\n%s", tr.Worker, tr)
		}
	}
	want := map[string]string{"https://dev.acme.workers.dev/?u=https://dom.example.com/": "", "https://dom.example.com/": "dev"}
	if diff := cmp.Diff(want, by); diff != "" {
		t.Error(diff)
	}
}

func TestStrictlyPublicFetch(t *testing.T) {
	e := withWorkers(t, subrequestWorld("global_fetch_strictly_public"))
	for _, url := range []string{"https://one.example.com/?u=https://two.example.com/", "https://dev.acme.workers.dev/?u=https://ved.acme.workers.dev/"} {
		if _, body := text(t, e, url); !strings.HasPrefix(body, "200 {") {
			t.Errorf("%s: %s", url, body)
		}
	}
}

// A Worker that forwards its request to another, which forwards it back, is stopped after sixteen.
func TestWorkerHops(t *testing.T) {
	const back = `export default { async fetch(request) {
		const to = new URL(request.url).host === "dom.example.com" ? "https://mod.example.com/" : "https://dom.example.com/";
		const r = await fetch(to, request);
		return r.status === 508 ? new Response("stopped at " + request.headers.get("cf-ew-via")) : r;
	} }`
	docs := subrequestWorld()
	for i, doc := range docs {
		if v, ok := doc.(version.Version); ok && (v.Worker == "dom" || v.Worker == "mod") {
			v.Modules = []version.Module{{Name: "index.js", Kind: version.ESModule, Content: []byte(back)}}
			docs[i] = v
		}
	}
	e := withWorkers(t, docs)
	if status, body := text(t, e, "https://dom.example.com/"); status != 200 || body != "stopped at 0" {
		t.Error(status, body)
	}
}

func TestHopsLeft(t *testing.T) {
	for value, want := range map[string]int{"": 16, "15": 15, "0": 0, "-1": 16, "17": 16, "x": 16} {
		h := map[string][]string{}
		if value != "" {
			h["Cf-Ew-Via"] = []string{value}
		}
		if got := hopsLeft(h); got != want {
			t.Errorf("%q: %d, want %d", value, got, want)
		}
	}
}

// A loop that passes no count on ends, too, and the runtime with all its Workers outlives it.
func TestWorkerThatAsksForItselfIsStopped(t *testing.T) {
	const again = `export default { async fetch(request) {
		const r = await fetch(request.url);
		return r.status === 508 ? new Response("stopped") : r;
	} }`
	e := withWorkers(t, append(uploaded("again", again), uploaded("other", asks)...))
	if status, body := text(t, e, "https://again.acme.workers.dev/"); status != 200 || body != "stopped" {
		t.Error(status, body)
	}
	none := func() bool {
		n, _ := e.nesting.by.Load("again")
		return n.(*atomic.Int64).Load() == 0 && e.nesting.clients.Load() == 0
	}
	for !none() { // the test's time is the bound: an answer is read a moment before its request is over
		runtime.Gosched()
	}
	if status, _ := text(t, e, "https://other.acme.workers.dev/"); status != 200 {
		t.Error("another Worker answers", status)
	}
	for _, ev := range e.CodeLog("") {
		if ev.Kind == worker.Crashed {
			t.Error(ev.Message)
		}
	}
}

// Whom a Worker says that it forwards is told to the target, and opens no door of Access.
func TestWorkerIsNotWhomItForwards(t *testing.T) {
	const forwards = `export default { async fetch(request) {
		const r = await fetch(new URL(request.url).searchParams.get("u"), { headers: { "cf-connecting-ip": "198.51.100.7" } });
		return new Response(r.status + " " + await r.text());
	} }`
	docs := append(uploaded("mallory", forwards), uploaded("office", asks)...)
	docs = append(docs, uploaded("open", asks)...)
	v := docs[0].(version.Version)
	v.CompatibilityFlags = []string{"global_fetch_strictly_public"}
	docs[0] = v
	docs = append(docs, accessemu.Application{Domain: "office.acme.workers.dev", Policies: []accessemu.PolicyRef{{Policy: accessemu.Policy{
		Name: "office", Decision: "bypass", Include: []accessemu.Rule{{Selector: "ip", Value: accessemu.IPRule{IP: "198.51.100.0/24"}}},
	}}}})
	e := withWorkers(t, docs)
	if _, body := text(t, e, "https://mallory.acme.workers.dev/?u=https://office.acme.workers.dev/"); !strings.HasPrefix(body, "403 ") {
		t.Errorf("a host of which Access lets an address in: %s", body)
	}
	if _, body := text(t, e, "https://mallory.acme.workers.dev/?u=https://open.acme.workers.dev/"); !strings.Contains(body, `"ip":"198.51.100.7"`) {
		t.Errorf("a host without Access: %s", body)
	}
}

// connect() opens no connection to the edge, where nobody would know that a Worker asks.
func TestWorkerDoesNotConnectToTheEdge(t *testing.T) {
	const connects = `import { connect } from "cloudflare:sockets";
	export default { async fetch(request) {
		try {
			const socket = connect(new URL(request.url).searchParams.get("to"));
			const w = socket.writable.getWriter();
			await w.write(new TextEncoder().encode("GET / HTTP/1.0\r\nHost: two.example.com\r\n\r\n"));
			const { value } = await socket.readable.getReader().read();
			return new Response("read " + new TextDecoder().decode(value));
		} catch (e) { return new Response("refused") }
	} }`
	docs := append(subrequestWorld(), uploaded("connects", connects)...)
	e := withWorkers(t, docs)
	for _, to := range []string{"two.example.com:80", "TWO.example.com.:80", "dev.acme.workers.dev:80", "acme.cloudflareaccess.com:80"} {
		if _, body := text(t, e, "https://connects.acme.workers.dev/?to="+to); body != "refused" {
			t.Errorf("%s: %s", to, body)
		}
	}
}
