package edge

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// sessions is a Worker in Go: methods by RPC, and fetch.
type sessions struct{}

func (sessions) Check(_ context.Context, id string, at time.Time) (map[string]any, error) {
	if id == "" {
		return nil, errors.New("no session")
	}
	return map[string]any{"id": id, "at": at.Add(time.Hour)}, nil
}

func (sessions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Write([]byte("go " + r.URL.Path))
}

func TestGoWorkerBehindABinding(t *testing.T) {
	const code = `import { WorkerEntrypoint } from "cloudflare:workers";
	export default class extends WorkerEntrypoint {
		async fetch(request) {
			if (new URL(request.url).pathname === "/rpc") {
				const s = await this.env.AUTH.check("s1", new Date("2026-01-02T03:04:05Z"));
				try { await this.env.AUTH.check("", new Date()); } catch (e) { return new Response(s.id + " " + s.at.toISOString() + " " + e.message); }
			}
			return this.env.AUTH.fetch("https://auth.internal/x");
		}
		add(a, b) { return a + b; }
	}`
	e := withWorkers(t, uploaded("front", code, version.Binding{Type: "service", Name: "AUTH", Service: "auth"}), WithWorker("auth", sessions{}))
	if _, body := text(t, e, "https://front.acme.workers.dev/"); body != "go /x" {
		t.Error(body)
	}
	if _, body := text(t, e, "https://front.acme.workers.dev/rpc"); !strings.HasPrefix(body, "s1 2026-01-02T04:04:05") || !strings.HasSuffix(body, "no session") {
		t.Error(body)
	}
	var sum int
	if err := e.Worker("front").Call(t.Context(), "add", &sum, 2, 3); err != nil || sum != 5 {
		t.Error(sum, err)
	}
}
