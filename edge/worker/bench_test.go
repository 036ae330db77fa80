package worker

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/workerd"
)

const small = `export default { fetch: () => new Response("ok") }`

// nobody takes an answer and keeps nothing of it.
type nobody struct{ h http.Header }

func (w *nobody) Header() http.Header         { return w.h }
func (w *nobody) Write(b []byte) (int, error) { return len(b), nil }
func (w *nobody) WriteHeader(int)             {}
func (w *nobody) Flush()                      {}

func benchServe(b *testing.B, e *Engine, worker string) {
	r, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://a.example/", nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Serve(&nobody{http.Header{}}, r, Call{Worker: worker}); err != nil {
			b.Fatal(err)
		}
	}
}

// raw is a runtime with nothing around it: what there is to compare with.
func raw(b *testing.B, services ...workerd.Service) *http.Client {
	b.Helper()
	dir := b.TempDir()
	socket := filepath.Join(dir, "s")
	c := workerd.Config{Services: services, Sockets: []workerd.Socket{{Name: "s", Service: workerd.Designator{Service: services[0].Name}}}}
	path, _ := filepath.Abs(binary(b))
	p, err := workerd.Start(b.Context(), workerd.Command{Path: path, Dir: dir, Config: &c, Sockets: map[string]string{"s": "unix:" + socket}})
	if err != nil {
		b.Fatal(err)
	}
	tr := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}
	b.Cleanup(func() {
		tr.CloseIdleConnections()
		p.Stop(time.Second)
	})
	return &http.Client{Transport: tr}
}

func service(name, code string, bindings ...workerd.Binding) workerd.Service {
	return workerd.Service{Name: name, Worker: &workerd.Worker{
		Modules: []workerd.Module{{Name: "index.js", Kind: version.ESModule, Content: []byte(code)}}, Date: "2026-11-01", Bindings: bindings,
	}}
}

func benchRaw(b *testing.B, client *http.Client) {
	r, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://a.example/", nil)
	b.ReportAllocs()
	for b.Loop() {
		res, err := client.Transport.RoundTrip(r)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}

func BenchmarkServe(b *testing.B) {
	e := testEngine(b, nil)
	apply(b, e, set(Worker{Name: "a", Version: code(small)}))
	benchServe(b, e, "a")
}

// clients is how many ask at once, of each core.
const clients = 4

func BenchmarkServeParallel(b *testing.B) {
	e := testEngine(b, nil)
	apply(b, e, set(Worker{Name: "a", Version: code(small)}))
	b.ReportAllocs()
	b.SetParallelism(clients)
	b.RunParallel(func(p *testing.PB) {
		r, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://a.example/", nil)
		for p.Next() {
			if err := e.Serve(&nobody{http.Header{}}, r, Call{Worker: "a"}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkServeParallelRaw(b *testing.B) {
	client := raw(b, service("a", small))
	b.ReportAllocs()
	b.SetParallelism(clients)
	b.RunParallel(func(p *testing.PB) {
		r, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://a.example/", nil)
		for p.Next() {
			res, err := client.Transport.RoundTrip(r)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	})
}

func BenchmarkServeRaw(b *testing.B) { benchRaw(b, raw(b, service("a", small))) }

const calls = `export default { fetch: (request, env) => env.B.fetch(request) }`

func BenchmarkWorkerToWorker(b *testing.B) {
	e := testEngine(b, nil)
	apply(b, e, set(Worker{Name: "a", Version: code(calls, version.Binding{Type: "service", Name: "B", Service: "b"})}, Worker{Name: "b", Version: code(small)}))
	benchServe(b, e, "a")
}

func BenchmarkWorkerToWorkerRaw(b *testing.B) {
	benchRaw(b, raw(b, service("a", calls, workerd.Binding{Name: "B", Service: &workerd.Designator{Service: "b"}}), service("b", small)))
}

const (
	callsRPC = `export default { async fetch(request, env) { return new Response(await env.B.hello()) } }`
	hasRPC   = `import { WorkerEntrypoint } from "cloudflare:workers"; export default class extends WorkerEntrypoint { hello() { return "ok" } }`
)

func BenchmarkWorkerToWorkerRPC(b *testing.B) {
	e := testEngine(b, nil)
	apply(b, e, set(Worker{Name: "a", Version: code(callsRPC, version.Binding{Type: "service", Name: "B", Service: "b"})}, Worker{Name: "b", Version: code(hasRPC)}))
	benchServe(b, e, "a")
}

func BenchmarkWorkerToWorkerRPCRaw(b *testing.B) {
	benchRaw(b, raw(b, service("a", callsRPC, workerd.Binding{Name: "B", Service: &workerd.Designator{Service: "b"}}), service("b", hasRPC)))
}

// fleet is n Workers of 33 KB each, the size of one that verifies tokens.
func fleet(n int, word string) Set {
	var s Set
	for i := range n {
		v := code(fmt.Sprintf("export default { fetch: () => new Response(%q) }\nconst filler = %q;", word, strings.Repeat("x", 33<<10)))
		s.Workers = append(s.Workers, Worker{Name: fmt.Sprintf("w%d", i), Version: v})
	}
	return s
}

func benchStart(b *testing.B, n int) {
	path := binary(b)
	for b.Loop() {
		e := New(Options{Workerd: path, Outbound: http.NotFoundHandler()})
		apply(b, e, fleet(n, "ok"))
		get(b, e, "w0", "http://x/")
		b.StopTimer()
		e.Close()
		b.StartTimer()
	}
}

func BenchmarkStart1(b *testing.B)  { benchStart(b, 1) }
func BenchmarkStart10(b *testing.B) { benchStart(b, 10) }

func benchStartRaw(b *testing.B, n int) {
	path, _ := filepath.Abs(binary(b))
	var c workerd.Config
	for i, w := range fleet(n, "ok").Workers {
		c.Services = append(c.Services, service(w.Name, string(w.Version.Modules[0].Content)))
		c.Sockets = append(c.Sockets, workerd.Socket{Name: fmt.Sprint(i), Service: workerd.Designator{Service: w.Name}})
	}
	for b.Loop() {
		dir, err := os.MkdirTemp("", "raw")
		if err != nil {
			b.Fatal(err)
		}
		sockets := map[string]string{}
		for _, s := range c.Sockets {
			sockets[s.Name] = "unix:" + filepath.Join(dir, s.Name)
		}
		p, err := workerd.Start(b.Context(), workerd.Command{Path: path, Dir: dir, Config: &c, Sockets: sockets})
		if err != nil {
			b.Fatal(err)
		}
		tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", filepath.Join(dir, "0"))
		}}
		res, err := (&http.Client{Transport: tr}).Get("http://x/")
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		b.StopTimer()
		tr.CloseIdleConnections()
		p.Stop(time.Second)
		os.RemoveAll(dir)
		b.StartTimer()
	}
}

func BenchmarkStart1Raw(b *testing.B)  { benchStartRaw(b, 1) }
func BenchmarkStart10Raw(b *testing.B) { benchStartRaw(b, 10) }

// BenchmarkSwap is from new code to its first answer, with ten Workers.
func BenchmarkSwap(b *testing.B) {
	e := testEngine(b, nil)
	apply(b, e, fleet(10, "0"))
	i := 0
	for b.Loop() {
		i++
		apply(b, e, fleet(10, fmt.Sprint(i)))
		if got := get(b, e, "w0", "http://x/"); got != fmt.Sprint(i) {
			b.Fatal(got)
		}
	}
}
