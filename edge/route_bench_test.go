package edge

import (
	"fmt"
	"testing"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// manyHosts is an edge with n proxied names, all to one tunnel.
func manyHosts(t testing.TB, n int) *Edge {
	t.Helper()
	docs := []any{
		dnsemu.Zone{Name: "example.com"},
		world.Tunnel{ID: "abc123", Config: &tunnelemu.Config{Ingress: []tunnelemu.Rule{{Service: "http_status:204"}}}},
	}
	for i := range n {
		docs = append(docs, dnsemu.Record{Type: "CNAME", Name: fmt.Sprintf("host-%d.example.com", i), Content: "abc123.cfargotunnel.com", Proxied: true})
	}
	w, err := world.New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(w)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// BenchmarkRoute is the route step alone; figures at 10, 1,000 and 100,000 hosts differ by cache misses.
func BenchmarkRoute(b *testing.B) {
	for _, n := range []int{10, 1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := manyHosts(b, n).snap.Load()
			names := make([]string, 1024)
			for i := range names {
				names[i] = fmt.Sprintf("host-%d.example.com", i*7919%n)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				rt := s.route(names[i&1023])
				if rt.tunnel == nil {
					b.Fatal("no tunnel")
				}
				i++
			}
		})
	}
}

func TestRouteAllocatesNothing(t *testing.T) {
	s := manyHosts(t, 100).snap.Load()
	if n := testing.AllocsPerRun(100, func() {
		if s.route("host-42.example.com").tunnel == nil {
			t.Fatal("no tunnel")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
