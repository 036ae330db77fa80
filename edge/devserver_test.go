package edge

import (
	"net/http/httptest"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// A Worker that a dev server runs is reached by its hosts and by service bindings, and hears the host that was asked for.
func TestDevServer(t *testing.T) {
	dev := httptest.NewServer(says("dev"))
	defer dev.Close()
	const through = `export default { async fetch(request, env) {
		const r = await env.DEV.fetch("https://dev.internal/x");
		return new Response(await r.text() + " as " + r.headers.get("x-asked"));
	} }`
	docs := append(uploaded("front", through, version.Binding{Type: "service", Name: "DEV", Service: "dev"}), world.Worker{Name: "dev", URL: dev.URL, WorkersDev: true})
	e := withWorkers(t, docs)
	resp, err := e.Client().Get("https://dev.acme.workers.dev/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := resp.Header.Get("X-Asked"); resp.StatusCode != 200 || got != "dev.acme.workers.dev" {
		t.Errorf("status %d as %q", resp.StatusCode, got)
	}
	if _, body := text(t, e, "https://front.acme.workers.dev/"); body != "dev as dev.internal" {
		t.Error(body)
	}
}
