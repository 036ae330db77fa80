package edge_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/world"
)

// What was granted, and what was edited, outlives a reload.
func TestReloadKeeps(t *testing.T) {
	e := newEdge(t, closedWorld)
	put := func(v any) world.Edit {
		doc, err := world.NewDocument(v)
		if err != nil {
			t.Fatal(err)
		}
		return world.Edit{Put: doc}
	}
	certs := func() string {
		_, body := do(t, e.Client(), newRequest(t, "GET", "https://acme.cloudflareaccess.com/cdn-cgi/access/certs", nil))
		return body
	}
	c := e.Client()
	if got, _ := login(t, e, c, "https://a.example.com/", "bob@example.com"); got != 204 {
		t.Fatalf("login ended with %d", got)
	}
	if err := e.Edit(put(world.Egress{Pattern: "api.test:443"})); err != nil {
		t.Fatal(err)
	}
	keys, mails, ca := certs(), len(e.Access().Inbox()), e.CA().SPKI()
	r, err := e.Reload(parse(t, strings.Replace(closedWorld, "records: [", "records: [{type: CNAME, name: b, content: abc.cfargotunnel.com, proxied: true}, ", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Changes) != 1 || len(r.Fell) != 0 || len(r.Aside) != 0 {
		t.Errorf("changes %v, fell %v, set aside %v", r.Changes, r.Fell, r.Aside)
	}
	if resp, _ := do(t, c, newRequest(t, "GET", "https://a.example.com/", nil)); resp.StatusCode != 204 {
		t.Errorf("the session is gone: %d", resp.StatusCode)
	}
	if certs() != keys || len(keys) < 100 {
		t.Error("the keys are others")
	}
	if got := len(e.Access().Inbox()); got != mails || mails == 0 {
		t.Errorf("%d mails, before %d", got, mails)
	}
	if e.CA().SPKI() != ca {
		t.Error("the authority is another")
	}
	if got := len(r.Exposed); got != 1 || r.Exposed[0].URL != "https://b.example.com/" || r.Exposed[0].Was != "" {
		t.Errorf("exposed: %v", r.Exposed)
	}
}

func TestReloadSaysWhatBecamePublic(t *testing.T) {
	const world = `
team: acme
zones: [{name: example.com, records: [{type: CNAME, name: a, content: abc.cfargotunnel.com, proxied: true}, {type: CNAME, name: "*", content: abc.cfargotunnel.com, proxied: true}]}]
tunnels: [{id: abc, config: {ingress: [{service: "http_status:204"}]}}]
access:
  apps:
    - {name: all, domain: "*.example.com", policies: [{name: p, decision: allow, include: [{everyone: {}}]}]}
    - {name: deep, domain: a.example.com/admin, policies: [{name: p, decision: allow, include: [{everyone: {}}]}]}
`
	for _, tt := range []struct {
		name, from, to string
		want           []string
	}{
		{"nothing", "", "", nil},
		{"a bypass instead", "name: p, decision: allow, include: [{everyone: {}}]}]}\n    - {name: deep", "name: p, decision: bypass, include: [{everyone: {}}]}]}\n    - {name: deep", []string{"https://a.example.com/ was all", "https://*.example.com/ was all"}},
		{"a wildcard less", `domain: "*.example.com"`, "domain: b.example.com", []string{"https://a.example.com/ was all", "https://*.example.com/ was all"}},
		{"a path less", "a.example.com/admin, policies: [{name: p, decision: allow", "a.example.com/admin, policies: [{name: p, decision: bypass", []string{"https://a.example.com/admin was deep"}},
		{"a bypass for some", "a.example.com/admin, policies: [{name: p, decision: allow, include: [{everyone: {}}]", "a.example.com/admin, policies: [{name: p, decision: bypass, include: [{ip: {ip: 192.0.2.0/24}}]", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newEdge(t, world)
			if !strings.Contains(world, tt.from) {
				t.Fatal("the world has nothing to replace")
			}
			r, err := e.Reload(parse(t, strings.Replace(world, tt.from, tt.to, 1)))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, x := range r.Exposed {
				got = append(got, x.URL+" was "+x.Was)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An edit that the new files make impossible is set aside; the files and the other edits hold.
func TestReloadSetsEditsAside(t *testing.T) {
	e := newEdge(t, closedWorld)
	refers := accessemu.Application{
		ID: "11111111-1111-4111-8111-111111111111", AUD: strings.Repeat("a", 64), Name: "second", Domain: "b.example.com",
		Policies: []accessemu.PolicyRef{{Ref: "shared"}},
	}
	shared := strings.Replace(closedWorld, "access: {", "access: {policies: [{name: shared, decision: allow, include: [{everyone: {}}]}], ", 1)
	if err := e.Apply(parse(t, shared)); err != nil {
		t.Fatal(err)
	}
	app, err := world.NewDocument(refers)
	if err != nil {
		t.Fatal(err)
	}
	out, err := world.NewDocument(world.Egress{Pattern: "api.test:443"})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Edit(world.Edit{Put: app}, world.Edit{Put: out}); err != nil {
		t.Fatal(err)
	}
	r, err := e.Reload(parse(t, closedWorld))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Aside) != 1 || r.Aside[0].Edit.Put != app || r.Aside[0].Why == nil {
		t.Fatalf("set aside: %v", r.Aside)
	}
	if got := len(e.Summary().Apps); got != 1 {
		t.Errorf("%d applications, want the one of the files", got)
	}
	if r, err = e.Reload(parse(t, openWorld)); err != nil || len(r.Aside) != 0 {
		t.Errorf("set aside again: %v, %v", r.Aside, err)
	}
}

func TestStaleIsOnEveryAnswer(t *testing.T) {
	e := newEdge(t, closedWorld)
	ask := func(url, remote string) http.Header {
		r := httptest.NewRequest("GET", url, nil)
		r.RemoteAddr = remote
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		return w.Result().Header
	}
	_, err := world.Parse("sundog.yaml", []byte("team: [\nx"), "")
	errs, ok := err.(world.Errors)
	if !ok {
		t.Fatal(err)
	}
	for _, url := range []string{"https://a.example.com/", "https://nope.example.com/", "https://a.example.com/cdn-cgi/trace", "http://a.example.com/", "https://acme.cloudflareaccess.com/cdn-cgi/access/certs", "https://stranger.test/"} {
		if got := ask(url, "127.0.0.1:1")["Sundog-Config"]; got != nil {
			t.Errorf("%s: %q while it is fresh", url, got)
		}
		e.MarkStale(errs)
		if got := ask(url, "127.0.0.1:1").Get("Sundog-Config"); !strings.HasPrefix(got, "stale; errors=1; sundog.yaml:") || strings.ContainsAny(got, "\r\n") {
			t.Errorf("%s: %q", url, got)
		}
		// Others are not told what the file has.
		if got := ask(url, "192.0.2.7:1").Get("Sundog-Config"); got != "stale; errors=1" {
			t.Errorf("%s, from another machine: %q", url, got)
		}
		e.MarkStale(nil)
	}
	e.MarkStale(errs)
	if got := e.Summary().Stale; len(got) != 1 || got[0] != errs[0].Error() {
		t.Errorf("the summary says %q", got)
	}
	if err := e.Apply(parse(t, closedWorld)); err != nil || e.Stale() != nil || e.Summary().Stale != nil {
		t.Errorf("still stale after a good world: %v, %v", err, e.Stale())
	}
}

// An origin cannot say it in the edge's name.
func TestOriginIsNotStale(t *testing.T) {
	e := newEdge(t, twoTargets, originOption(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Sundog-Config", "stale")
	})))
	if resp, _ := do(t, e.Client(), newRequest(t, "GET", "https://tunnel.example.com/", nil)); resp.StatusCode != 200 || resp.Header.Get("Sundog-Config") != "" {
		t.Errorf("status %d, Sundog-Config %q", resp.StatusCode, resp.Header.Get("Sundog-Config"))
	}
}

// In a storm of reloads each request meets one world or the other, and no error.
func TestReloadStorm(t *testing.T) {
	worlds := []*world.World{parse(t, openWorld), parse(t, strings.Replace(openWorld, "http_status:204", "http_status:205", 1))}
	e := newEdge(t, openWorld)
	c := &http.Client{Transport: e.Transport(), CheckRedirect: stay}
	var stop atomic.Bool
	var asked atomic.Int64
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for !stop.Load() {
				resp, err := c.Get("https://a.example.com/")
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
				if resp.StatusCode != 204 && resp.StatusCode != 205 {
					t.Errorf("status %d: %s", resp.StatusCode, resp.Header.Get("Sundog-Why"))
					return
				}
				asked.Add(1)
			}
		})
	}
	for i := 0; i < 200 || asked.Load() < 200 && !t.Failed(); i++ {
		if _, err := e.Reload(worlds[i%2]); err != nil {
			t.Error(err)
		}
	}
	stop.Store(true)
	asking.Wait()
}

// manyHosts is a sundog.yaml with a record, an ingress rule and an application for each of n hosts.
func manyHosts(n int) string {
	var records, rules, apps strings.Builder
	for i := range n {
		fmt.Fprintf(&records, "      - {type: CNAME, name: h%d, content: abc123.cfargotunnel.com, proxied: true, ttl: 1}\n", i)
		fmt.Fprintf(&rules, "        - {hostname: h%d.example.com, service: 'http://localhost:8080'}\n", i)
		fmt.Fprintf(&apps, "    - domain: h%d.example.com\n      policies: [{decision: allow, include: [{email: {email: alice@example.com}}]}]\n", i)
	}
	return "team: acme\nzones:\n  - name: example.com\n    records:\n" + records.String() +
		"tunnels:\n  - id: abc123\n    config:\n      ingress:\n" + rules.String() + "        - {service: 'http_status:404'}\naccess:\n  apps:\n" + apps.String()
}

// BenchmarkReload is from the changed file on disk to the new world being served: reading, compiling,
// and looking for what became public.
func BenchmarkReload(b *testing.B) {
	for _, n := range []int{10, 1000} {
		one := manyHosts(n)
		for name, two := range map[string]string{
			"one-service": strings.Replace(one, "localhost:8080'}\n        - {service", "localhost:8081'}\n        - {service", 1),
			"one-policy":  strings.Replace(one, "alice@", "bob@", 1),
			"every-line":  "# moved\n" + strings.ReplaceAll(one, "alice@", "bob@"),
		} {
			b.Run(fmt.Sprintf("hosts=%d/%s", n, name), func(b *testing.B) {
				file := filepath.Join(b.TempDir(), "sundog.yaml")
				e := newEdge(b, one)
				texts := []string{two, one}
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					b.StopTimer()
					if err := os.WriteFile(file, []byte(texts[i%2]), 0o600); err != nil {
						b.Fatal(err)
					}
					i++
					b.StartTimer()
					w, err := world.Load(file)
					if err != nil {
						b.Fatal(err)
					}
					if r, err := e.Reload(w); err != nil || len(r.Changes) == 0 {
						b.Fatal(err, r.Changes)
					}
				}
			})
		}
	}
}
