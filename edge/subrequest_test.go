package edge

import (
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/dnsemu"
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
