package edge_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/world"
)

const quirkWorld = `
zones: [{name: example.com, records: [{type: CNAME, name: a, content: abc.cfargotunnel.com, proxied: true}]}]
tunnels: [{id: abc, config: {ingress: [{service: "http://localhost:8080"}]}}]
`

func withTrailer(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Trailer", "X-Sum")
	w.Write([]byte("body"))
	w.Header().Set("X-Sum", "42")
}

// Turning a quirk off, by a file or an edit, changes what running tunnels show; taking that back does too.
func TestQuirksChangeTunnels(t *testing.T) {
	e := newEdge(t, quirkWorld, edge.WithOrigin("http://localhost:8080", http.HandlerFunc(withTrailer)))
	c := &http.Client{Transport: e.Transport()}
	check := func(when, want string) {
		t.Helper()
		resp, _ := do(t, c, newRequest(t, "GET", "https://a.example.com/", nil))
		if got := resp.Trailer.Get("X-Sum"); got != want {
			t.Errorf("%s: trailer %q, want %q", when, got, want)
		}
	}
	check("by default", "")
	if err := e.Apply(parse(t, quirkWorld+"quirks: {quic-drops-trailers: false}\n")); err != nil {
		t.Fatal(err)
	}
	check("turned off", "42")
	if err := e.Apply(parse(t, quirkWorld)); err != nil {
		t.Fatal(err)
	}
	check("again", "")
	doc, err := world.NewDocument(world.Quirk{Name: "quic-drops-trailers"})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Edit(world.Edit{Put: doc}); err != nil {
		t.Fatal(err)
	}
	check("turned off by an edit", "42")
	if err := e.Edit(world.Edit{Delete: doc.Key}); err != nil {
		t.Fatal(err)
	}
	check("the edit taken back", "")
	if doc, err = world.NewDocument(world.Quirk{Name: "no-such"}); err != nil {
		t.Fatal(err)
	}
	if err := e.Edit(world.Edit{Put: doc}); err == nil || !strings.Contains(err.Error(), "no-such") {
		t.Errorf("an unknown quirk: %v", err)
	}
	check("after the refusal", "")
}

// An origin that moves is asked where it is now, although a connection to where it was is idle. What is
// dialled is a name and a port, whatever the schemes say; and what an edit covers comes back when it goes.
func TestOriginsMove(t *testing.T) {
	at := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(name)) })
	}
	base := strings.Replace(quirkWorld, "localhost:8080", "grafana.example.com:3000", 1)
	e := newEdge(t, base+`origins: {"tcp://grafana.example.com:3000": "tcp://127.0.0.1:1"}`,
		edge.WithOrigin("http://127.0.0.1:1", at("one")), edge.WithOrigin("http://127.0.0.1:2", at("two")), edge.WithOrigin("http://127.0.0.1:3", at("three")))
	c := &http.Client{Transport: e.Transport()}
	check := func(want string) {
		t.Helper()
		if _, body := do(t, c, newRequest(t, "GET", "https://a.example.com/", nil)); body != want {
			t.Errorf("%q answers, want %q", body, want)
		}
	}
	check("one")
	if err := e.Apply(parse(t, base+`origins: {"https://grafana.example.com:3000": "http://127.0.0.1:2", "https://grafana.example.com": "http://127.0.0.1:9"}`)); err != nil {
		t.Fatal(err)
	}
	check("two")
	doc, err := world.NewDocument(world.Origin{From: "http://GRAFANA.example.com:3000", To: "http://127.0.0.1:3"})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Edit(world.Edit{Put: doc}); err != nil {
		t.Fatal(err)
	}
	check("three")
	if err := e.Edit(world.Edit{Delete: doc.Key}); err != nil {
		t.Fatal(err)
	}
	if got := status(t, e, "https://a.example.com/"); got != 502 {
		t.Errorf("status %d without any origin", got)
	}
}

// An entry of origins: may lead to a unix socket.
func TestOriginAtASocket(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no unix sockets to rely on")
	}
	dir, err := os.MkdirTemp("", "sock") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "app.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(withTrailer)}}
	srv.Start()
	t.Cleanup(srv.Close)
	e := newEdge(t, quirkWorld+`origins: {"http://localhost:8080": "unix:`+socket+`"}`)
	if got := status(t, e, "https://a.example.com/"); got != 200 {
		t.Errorf("status %d", got)
	}
	if got := e.Probe(t.Context()); len(got) != 1 || !got[0].Up {
		t.Errorf("%+v", got)
	}
}
