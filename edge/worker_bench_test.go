package edge

import (
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge/worker"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/workerd"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

const (
	hello  = `export default { fetch() { return new Response("hello") } }`
	onward = `export default { fetch(request, env) { return env.ONE.fetch(request) } }`
)

func benchEdge(b *testing.B, path string) *Edge {
	docs := append(uploaded("one", hello), uploaded("two", onward, version.Binding{Type: "service", Name: "ONE", Service: "one"})...)
	w, err := world.New(append([]any{world.Settings{Team: "acme", WorkersSubdomain: "acme"}}, docs...)...)
	if err != nil {
		b.Fatal(err)
	}
	e, err := New(w, WithWorkerd(path, ""))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Close() })
	if report, err := e.AwaitCode(b.Context()); err != nil || report.Err != nil {
		b.Fatal(err, report)
	}
	return e
}

// workerdAlone is a runtime with nothing around it, asked by net/http.
func workerdAlone(b *testing.B, path string) *http.Transport {
	dir := b.TempDir()
	socket := filepath.Join(dir, "s")
	config := workerd.Config{
		Services: []workerd.Service{{Name: "one", Worker: &workerd.Worker{
			Modules: []workerd.Module{{Name: "index.js", Kind: version.ESModule, Content: []byte(hello)}}, Date: "2026-03-22",
		}}},
		Sockets: []workerd.Socket{{Name: "s", Service: workerd.Designator{Service: "one"}}},
	}
	p, err := workerd.Start(b.Context(), workerd.Command{Path: path, Dir: dir, Config: &config, Sockets: map[string]string{"s": "unix:" + socket}})
	if err != nil {
		b.Fatal(err)
	}
	t := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}
	b.Cleanup(func() {
		t.CloseIdleConnections()
		p.Stop(time.Second)
	})
	return t
}

// fetches is a small GET by a transport.
func fetches(b *testing.B, by http.RoundTripper, url string) func() {
	return func() {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
		if err != nil {
			b.Error(err)
			return
		}
		resp, err := by.RoundTrip(r)
		if err != nil {
			b.Error(err)
			return
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != 200 {
			b.Error(resp.Status, err)
		}
		resp.Body.Close()
	}
}

// unread is an answer that nobody reads.
type unread struct{ h http.Header }

func (w *unread) Header() http.Header         { return w.h }
func (w *unread) Write(b []byte) (int, error) { return len(b), nil }
func (w *unread) WriteHeader(int)             {}
func (w *unread) Flush()                      {}

// BenchmarkWorker is a small GET to a Worker, and to one that asks another by a service binding: at workerd's own socket,
// through the engine, and through the whole edge with a client in process. The ways are asked in turn, so that what else
// the machine does befalls all of them, and x/raw is the median of each turn's ratio to workerd's own socket.
func BenchmarkWorker(b *testing.B) {
	path := fixtures.Need(b, "workerd", fixtures.Workerd)
	e := benchEdge(b, path)
	engine := func(name string) func() {
		r, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://one.acme.workers.dev/", nil)
		return func() {
			if err := e.code.engine.Serve(&unread{http.Header{}}, r, worker.Call{Worker: name}); err != nil {
				b.Error(err)
			}
		}
	}
	ways := []struct {
		name string
		ask  func()
	}{
		{"raw", fetches(b, workerdAlone(b, path), "http://one.acme.workers.dev/")},
		{"engine", engine("one")},
		{"edge", fetches(b, e.Transport(), "https://one.acme.workers.dev/")},
		{"engine-two", engine("two")},
		{"edge-two", fetches(b, e.Transport(), "https://two.acme.workers.dev/")},
	}
	for name, clients := range map[string]int{"alone": 1, "eight": 8} {
		b.Run(name, func(b *testing.B) {
			ratios := make([][]float64, len(ways))
			var raw []float64
			const turn = 160
			for b.Loop() {
				var first float64
				for i, way := range ways {
					start := time.Now()
					var all sync.WaitGroup
					for range clients {
						all.Go(func() {
							for range turn / clients {
								way.ask()
							}
						})
					}
					all.Wait()
					took := float64(time.Since(start).Nanoseconds()) / turn
					if i == 0 {
						first = took
						raw = append(raw, took)
					}
					ratios[i] = append(ratios[i], took/first)
				}
			}
			slices.Sort(raw)
			b.ReportMetric(raw[len(raw)/2], "ns/raw")
			for i, way := range ways[1:] {
				slices.Sort(ratios[i+1])
				b.ReportMetric(ratios[i+1][len(ratios[i+1])/2], way.name+"/raw")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
