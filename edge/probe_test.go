package edge_test

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge"
)

const probeWorld = `
tunnels:
  - id: abc123
    name: web
    config:
      ingress:
        - {hostname: a.example.com, service: "http://localhost:1"}
        - {hostname: b.example.com, service: "https://LOCALHOST:1"}
        - {hostname: c.example.com, service: "http://up.example.net"}
        - {hostname: d.example.com, service: "http://grafana:3000"}
        - {hostname: e.example.com, service: "ssh://slow"}
        - {hostname: f.example.com, service: "http://203.0.113.9:80"}
        - {hostname: g.example.com, service: "unix:SOCKET"}
        - {hostname: h.example.com, service: "hello_world"}
        - {service: "http_status:404"}
`

func TestProbe(t *testing.T) {
	dial := func(_ context.Context, network, addr string) (net.Conn, bool, error) {
		var err error
		switch addr {
		case "localhost:1":
			err = syscall.ECONNREFUSED
		case "grafana:3000":
			err = &net.DNSError{Err: "no such host", Name: "grafana", IsNotFound: true}
		case "slow:22":
			err = context.DeadlineExceeded
		default:
			return nil, false, nil
		}
		return nil, true, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	socket := filepath.Join(t.TempDir(), "absent.sock")
	e := newEdge(t, strings.ReplaceAll(probeWorld, "SOCKET", socket), edge.WithDial(dial), edge.WithOrigin("http://up.example.net", http.NotFoundHandler()))
	if got := e.Summary().Origins; got != nil {
		t.Errorf("origins before a probe: %v", got)
	}
	got := e.Probe(t.Context())
	egress := `add "203.0.113.9:80" to egress:, or send it elsewhere with origins: {"http://203.0.113.9:80": "http://127.0.0.1:PORT"}`
	start := "start the origin, or correct the service"
	want := []edge.Probe{
		{Service: "http://localhost:1", Where: "sundog.yaml:7:11", State: "refused", Why: "nothing listens at http://localhost:1", Mend: start},
		{Service: "http://up.example.net", Where: "sundog.yaml:9:11", Up: true, State: "up"},
		{Service: "http://grafana:3000", Where: "sundog.yaml:10:11", State: "name", Why: "the name in http://grafana:3000 does not resolve on this machine", Mend: `say where it really is: origins: {"http://grafana:3000": "http://127.0.0.1:PORT"}`},
		{Service: "ssh://slow", Where: "sundog.yaml:11:11", State: "timeout", Why: "ssh://slow did not take the connection in time", Mend: "check the origin, or raise connectTimeout or tlsTimeout"},
		{Service: "http://203.0.113.9:80", Where: "sundog.yaml:12:11", State: "outside", Why: "203.0.113.9:80 is outside this world", Mend: egress},
		{Service: "unix:" + socket, Where: "sundog.yaml:13:11", State: "missing", Why: "nothing listens at unix:" + socket, Mend: start},
	}
	for i := range want {
		want[i].Tunnel = "web (abc123)"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(got, e.Summary().Origins); diff != "" {
		t.Errorf("the summary has something else: %s", diff)
	}
	if err := e.Apply(parse(t, openWorld)); err != nil {
		t.Fatal(err)
	}
	if got := e.Summary().Origins; got != nil {
		t.Errorf("a new world has the old one's origins: %v", got)
	}
}

// Many origins are dialled at a time, but not all; and who ends the probe gets no result.
func TestProbeIsBounded(t *testing.T) {
	var world strings.Builder
	world.WriteString("tunnels:\n  - id: abc123\n    config:\n      ingress:\n")
	for i := range 100 {
		world.WriteString("        - {hostname: a" + string(rune('0'+i%10)) + string(rune('0'+i/10)) + `.example.com, service: "http://h` + string(rune('0'+i%10)) + string(rune('0'+i/10)) + "\"}\n")
	}
	world.WriteString("        - {service: http_status:404}\n")
	var now, most atomic.Int32
	full := make(chan struct{})
	var once sync.Once
	e := newEdge(t, world.String(), edge.WithDial(func(ctx context.Context, network, _ string) (net.Conn, bool, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		if n == 16 {
			once.Do(func() { close(full) })
		}
		<-ctx.Done()
		return nil, true, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
	}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-full; cancel() }()
	if got := e.Probe(ctx); got != nil {
		t.Errorf("%d results of a probe that was ended", len(got))
	}
	if most.Load() != 16 {
		t.Errorf("%d dials at a time, want 16", most.Load())
	}
}
