package edge

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/edge/world"
)

// heard is a log that can be read while it is written.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(p)
}

func (h *heard) count(part string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Count(h.text.String(), part)
}

// Who deploys a folder is told why its edits are not seen from then on; an upload that only a preview serves is no news.
func TestDeployedIsTold(t *testing.T) {
	main := filepath.Join(t.TempDir(), "hello.js")
	if err := os.WriteFile(main, []byte(`export default { fetch() { return new Response("folder") } }`), 0o600); err != nil {
		t.Fatal(err)
	}
	var log heard
	e := withWorkers(t, []any{world.Worker{Name: "hello", WorkersDev: true, Project: wrangler.Module("hello", main)}}, WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	c := restAPI{t, e}
	contentType, body := moduleForm(t, `export default { fetch() { return new Response("one") } }`)
	c.ok("PUT", "/workers/scripts/hello", contentType, body)
	if n := log.count(" is deployed, and serves in place of the folder"); n != 1 {
		t.Errorf("told %d times", n)
	}
	c.ok("POST", "/workers/scripts/hello/versions", contentType, body)
	if n := log.count(" is deployed"); n != 1 {
		t.Errorf("told %d times after an upload", n)
	}
}
