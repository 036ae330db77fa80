package edge

import (
	"io"
	"net/http"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// BenchmarkWorker is a small GET through the whole edge, in process, to a Worker, and to one that asks another by a service
// binding. BenchmarkServeRaw of package worker is the same at workerd's own socket.
func BenchmarkWorker(b *testing.B) {
	workerd := fixtures.Need(b, "workerd", fixtures.Workerd)
	docs := append(uploaded("one", `export default { fetch() { return new Response("hello") } }`),
		uploaded("two", `export default { fetch(request, env) { return env.ONE.fetch(request) } }`, version.Binding{Type: "service", Name: "ONE", Service: "one"})...)
	w, err := world.New(append([]any{world.Settings{Team: "acme", WorkersSubdomain: "acme"}}, docs...)...)
	if err != nil {
		b.Fatal(err)
	}
	e, err := New(w, WithWorkerd(workerd, ""))
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	if report, err := e.AwaitCode(b.Context()); err != nil || report.Err != nil {
		b.Fatal(err, report)
	}
	for _, name := range []string{"one", "two"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			c := &http.Client{Transport: e.Transport()}
			for b.Loop() {
				resp, err := c.Get("https://" + name + ".acme.workers.dev/")
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != 200 {
					b.Fatal(resp.Status, err)
				}
				resp.Body.Close()
			}
		})
	}
}
