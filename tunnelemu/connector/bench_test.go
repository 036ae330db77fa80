package connector_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"testing"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// Small GETs through the edge and a connector of our own, whose origin is a function; both ends count.
func BenchmarkGet(b *testing.B) {
	for _, p := range protocols {
		b.Run(string(p), func(b *testing.B) {
			e := newEdge(b, connector.Options{})
			o := e.options(p)
			o.Connections = 4
			o.Origin = named("hello")
			start(b, o)
			benchGets(b, e)
		})
	}
}

// The same through the real cloudflared, whose origin is a server on loopback.
func BenchmarkRealGet(b *testing.B) {
	cloudflared(b)
	for _, p := range protocols {
		b.Run(string(p), func(b *testing.B) {
			e := newEdge(b, connector.Options{})
			withFile(b, e, p, originServer(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello") })))
			await(b, e, 4)
			benchGets(b, e)
		})
	}
}

func benchGets(b *testing.B, e *edge) {
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, _ := http.NewRequest("GET", "http://app.example.com/", nil)
			resp, err := e.RoundTrip(r, web.ID)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	})
}

// 200 tunnels of four connections each: what they cost in memory, both ends together, and how long one takes to
// register.
func BenchmarkRegister(b *testing.B) {
	const tunnels = 200
	for _, p := range protocols {
		b.Run(string(p), func(b *testing.B) {
			for b.Loop() {
				e := newEdge(b, connector.Options{Lookup: func(id string) (connector.Tunnel, bool) {
					tunnel := web
					tunnel.ID = id
					return tunnel, true
				}})
				before := inUse()
				for i := range tunnels {
					o := e.options(p)
					o.Tunnel.ID = fmt.Sprintf("%08x-2b1a-4987-8765-43210fedcba9", i)
					o.Connections = 4
					start(b, o)
				}
				b.StopTimer()
				b.ReportMetric(float64(inUse()-before)/(4*tunnels), "B/connection")
				b.StartTimer()
			}
		})
	}
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// Choosing a connection.
func BenchmarkReady(b *testing.B) {
	e := newEdge(b, connector.Options{})
	start(b, e.options(connector.HTTP2))
	b.ReportAllocs()
	for b.Loop() {
		if !e.Ready(web.ID) {
			b.Fatal()
		}
	}
}
