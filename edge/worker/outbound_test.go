package worker

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// seen is what Outbound got.
type seen struct {
	Method, URL, Host, Body string
	Caller                  Caller
}

// outside records what comes out, and answers "ok".
type outside struct {
	mu   sync.Mutex
	list []seen
	also http.Handler // answers in its place if not nil
}

func (o *outside) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := seen{Method: r.Method, URL: r.URL.String(), Host: r.Host, Caller: *CallerOf(r.Context())}
	if r.Method != http.MethodConnect && r.Header.Get("Upgrade") == "" {
		body, _ := io.ReadAll(r.Body)
		s.Body = string(body)
	}
	o.mu.Lock()
	o.list = append(o.list, s)
	o.mu.Unlock()
	for name := range r.Header {
		if strings.HasPrefix(name, "Sundog-") && name != "Sundog-Caller" {
			w.Header().Set("X-Leaked", name)
		}
	}
	if o.also != nil {
		o.also.ServeHTTP(w, r)
		return
	}
	fmt.Fprint(w, "ok")
}

func (o *outside) take() []seen {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer func() { o.list = nil }()
	return o.list
}

func TestWhatAWorkerFetchesComesOutAsItsOwn(t *testing.T) {
	out := &outside{}
	e := testEngine(t, func(o *Options) { o.Outbound = out })
	fetches := code(`export default { async fetch(request) {
		const to = new URL(request.url).searchParams.get("to");
		if (to === "forward") return fetch(request);
		const r = await fetch(to, { method: "POST", body: "b", cf: { cacheTtl: 5 }, headers: { "sundog-scheme": "forged", "cf-ew-via": "15" } });
		return new Response((r.headers.get("x-leaked") ?? "") + await r.text());
	} }`)
	apply(t, e, set(Worker{Name: "a", Version: fetches, Zone: "example.com"}, Worker{Name: "b", Version: fetches}))
	for _, c := range []struct {
		worker, to string
		want       seen
	}{
		{"a", "https://api.example.com/x?y=1", seen{"POST", "https://api.example.com/x?y=1", "api.example.com", "b", Caller{Worker: "a", Version: fetches.ID, Zone: "example.com", Hops: 15}}},
		{"b", "http://svc:8787/x", seen{"POST", "http://svc:8787/x", "svc:8787", "b", Caller{Worker: "b", Version: fetches.ID, Hops: 15}}},
		{"a", "forward", seen{"GET", "https://front.example.com/?to=forward", "front.example.com", "", Caller{Worker: "a", Version: fetches.ID, Zone: "example.com"}}},
	} {
		got := get(t, e, c.worker, "http://front.example.com/?to="+c.to, func(r *http.Request) {
			r.Header.Set("X-Forwarded-Proto", "https")
			r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "&", "%26")
		})
		if got != "ok" {
			t.Error(got)
		}
		list := out.take()
		if len(list) != 1 {
			t.Fatal(c.to, list)
		}
		if c.to != "forward" && !strings.Contains(string(list[0].Caller.CF), `"cacheTtl":5`) {
			t.Errorf("cf is %s", list[0].Caller.CF)
		}
		list[0].Caller.CF = nil
		if d := cmp.Diff(c.want, list[0]); d != "" {
			t.Error(c.to, d)
		}
	}
}

func TestConnectComesOutAsCONNECT(t *testing.T) {
	out := &outside{also: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n\r\n")
		line, _ := rw.ReadString('\n')
		fmt.Fprint(conn, "heard "+line)
	})}
	e := testEngine(t, func(o *Options) { o.Outbound = out })
	v := code(`import { connect } from "cloudflare:sockets";
	export default { async fetch(request, env) {
		const s = request.url.endsWith("/vpc") ? env.NET.connect("db.internal:5432") : connect("db.internal:5432");
		const w = s.writable.getWriter();
		await w.write(new TextEncoder().encode("hello\n"));
		return new Response(s.readable);
	} }`, version.Binding{Type: "vpc_network", Name: "NET", TunnelID: "6ff42ae2"})
	apply(t, e, set(Worker{Name: "a", Version: v}))
	for _, path := range []string{"/", "/vpc"} {
		if got := get(t, e, "a", "http://x"+path); got != "heard hello\n" {
			t.Error(path, got)
		}
		list := out.take()
		if len(list) != 1 || list[0].Method != "CONNECT" || list[0].Host != "db.internal:5432" || list[0].Caller.Worker != "a" {
			t.Fatalf("%+v", list)
		}
		if through := list[0].Caller.VPC; (through != nil) != (path == "/vpc") || through != nil && through.TunnelID != "6ff42ae2" {
			t.Error(path, through)
		}
	}
}

func TestVPC(t *testing.T) {
	out := &outside{also: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			WriteProxyError(w, "connection_refused")
			return
		}
		fmt.Fprint(w, CallerOf(r.Context()).VPC.ServiceID+CallerOf(r.Context()).VPC.TunnelID)
	})}
	e := testEngine(t, func(o *Options) { o.Outbound = out })
	v := code(`export default { async fetch(request, env) {
		try {
			const r = await env[new URL(request.url).searchParams.get("b")].fetch("http://private-api:1234" + new URL(request.url).pathname, { method: "POST", body: "b" });
			return new Response(r.status + " " + await r.text());
		} catch (e) { return new Response(String(e)); }
	} }`,
		version.Binding{Type: "vpc_service", Name: "API", ServiceID: "0199-service"},
		version.Binding{Type: "vpc_network", Name: "NET", TunnelID: "6ff42ae2"},
	)
	apply(t, e, set(Worker{Name: "a", Version: v}))
	for path, want := range map[string]string{"/ok?b=API": "200 0199-service", "/ok?b=NET": "200 6ff42ae2", "/down?b=API": "Error: ProxyError: connection_refused"} {
		if got := get(t, e, "a", "http://x"+path); got != want {
			t.Error(path, got)
		}
	}
	for _, s := range out.take() {
		if s.Body != "b" || s.Host != "private-api:1234" || s.Caller.Worker != "a" {
			t.Errorf("%+v", s)
		}
	}
}

func TestADevServerTakesItsRequests(t *testing.T) {
	out := &outside{}
	e := testEngine(t, func(o *Options) { o.Outbound = out })
	apply(t, e, set(
		Worker{Name: "a", Version: code(`export default { fetch: (r, env) => r.url.endsWith("/rpc") ? env.B.add(1) : env.B.fetch("https://any.example/path") }`, version.Binding{Type: "service", Name: "B", Service: "b"})},
		Worker{Name: "b", URL: "http://localhost:8787"},
	))
	if got := get(t, e, "a", "http://x/"); got != "ok" {
		t.Error(got)
	}
	var threw *ThrewError
	if _, _, err := ask(t, e, Call{Worker: "a"}, "http://x/rpc"); !errors.As(err, &threw) || threw.Message != "B -> b runs in a dev server (http://localhost:8787), which takes fetch() and no RPC" {
		t.Error(err)
	}
	if got := get(t, e, "b", "http://b.example/direct"); got != "ok" {
		t.Error(got)
	}
	list := out.take()
	if len(list) != 2 || list[0].Caller.Server != "http://localhost:8787" || list[0].Caller.Worker != "a" || list[0].URL != "https://any.example/path" ||
		list[1].Caller.Server != "http://localhost:8787" || list[1].URL != "http://b.example/direct" {
		t.Errorf("%+v", list)
	}
}

func TestBodiesStreamBothWays(t *testing.T) {
	e := testEngine(t, func(o *Options) {
		o.Outbound = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // an echo that answers line by line
			lines := bufio.NewScanner(r.Body)
			for lines.Scan() {
				fmt.Fprintln(w, "echo "+lines.Text())
				_ = http.NewResponseController(w).Flush()
			}
		})
	})
	apply(t, e, set(Worker{Name: "a", Version: code(`export default { fetch: (r) => fetch("http://outside/", { method: "POST", body: r.body }) }`)}))
	s := server(t, e, Call{Worker: "a"})
	pr, pw := io.Pipe()
	defer pw.Close()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, pr)
	go fmt.Fprintln(pw, "one")
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	for _, word := range []string{"one", "two", "three"} {
		if word != "one" {
			fmt.Fprintln(pw, word) // only after the answer to the one before has come
		}
		if line, err := lines.ReadString('\n'); line != "echo "+word+"\n" {
			t.Fatal(line, err)
		}
	}
}
