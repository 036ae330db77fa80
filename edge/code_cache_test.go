package edge

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge/world"
)

func cachedEdge(t *testing.T, dir, cache string) *Edge {
	t.Helper()
	w, err := world.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(w, WithWorkerd("", "../testdata/npm"), WithCache(cache))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	report, err := e.AwaitCode(t.Context())
	if err != nil || report.Err != nil || report.Workers[0].Err != nil {
		t.Fatal(err, report)
	}
	return e
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-time.Hour) // files that are being written are not kept
	if err := os.Chtimes(path, past, past); err != nil {
		t.Fatal(err)
	}
}

// What the cache cannot see is made good while the Worker serves.
func TestCachedCodeIsBuiltAgain(t *testing.T) {
	dir, cache := t.TempDir(), filepath.Join(t.TempDir(), "bundles")
	put(t, filepath.Join(dir, "sundog.yaml"), "team: acme\nworkers: [./w]\n")
	put(t, filepath.Join(dir, "w/wrangler.jsonc"), `{"name": "w", "main": "src/index.js", "compatibility_date": "2026-03-22"}`)
	put(t, filepath.Join(dir, "w/src/index.js"), `import { from } from "dep"; export default { fetch() { return new Response(from) } }`)
	put(t, filepath.Join(dir, "node_modules/dep/index.js"), `export const from = "far"`)
	const url = "https://w.acme.workers.dev/"
	first := cachedEdge(t, dir, cache)
	if _, body := text(t, first, url); body != "far" {
		t.Fatal(body)
	}
	first.Close()
	put(t, filepath.Join(dir, "w/node_modules/dep/index.js"), `export const from = "near"`)

	e := cachedEdge(t, dir, cache)
	if report, _ := e.AwaitCode(t.Context()); !report.Workers[0].Cached {
		t.Fatal("the second start does not take the code from the cache")
	}
	for last := ""; last != "near"; _, last = text(t, e, url) {
	}
	watched := func() bool {
		return strings.Contains(strings.Join(e.Sources(), "\n"), filepath.FromSlash("w/node_modules/dep"))
	}
	for !watched() {
		if _, err := e.AwaitCode(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	e.Close()
	if _, body := text(t, cachedEdge(t, dir, cache), url); body != "near" {
		t.Error("a third start serves", body)
	}
}
