package bundle_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

const cachedProject = `
-- src/index.ts --
import { hello } from "./hello";
import text from "./a.txt";
export class Room {}
export default { fetch() { return new Response(hello + text) } };
-- src/hello.js --
export const hello = "from js";
-- src/a.txt --
text
-- package.json --
{}
`

func cacheFolder(t *testing.T) string { return filepath.Join(t.TempDir(), "sundog", "bundles") }

// process builds a project once, as a process of its own would, an hour after the files were written.
func process(t *testing.T, cache string, c *wrangler.Config) *bundle.Result {
	t.Helper()
	later := time.Now().Add(time.Hour)
	b := bundle.Builder{Cache: cache, Now: func() time.Time { return later }}
	defer b.Close()
	r, err := b.Build(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func entry(t *testing.T, cache string) string {
	t.Helper()
	list, err := os.ReadDir(cache)
	if err != nil || len(list) != 1 {
		t.Fatalf("entries %v, %v; want one", list, err)
	}
	return filepath.Join(cache, list[0].Name())
}

func TestCacheGivesWhatWasBuilt(t *testing.T) {
	cache, c := cacheFolder(t), project(t, cachedProject)
	built := process(t, cache, c)
	again := process(t, cache, c)
	if built.Cached || !again.Cached {
		t.Errorf("cached %v, then %v; want false, then true", built.Cached, again.Cached)
	}
	again.Cached = false
	if diff := cmp.Diff(built, again); diff != "" {
		t.Errorf("the cache gives something else (-built +cached):\n%s", diff)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for path, want := range map[string]os.FileMode{cache: 0o700, entry(t, cache): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
	}
}

func TestCacheSeesChanges(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, c *wrangler.Config){
		"a file": func(t *testing.T, c *wrangler.Config) {
			fixtures.WriteFile(t, filepath.Join(c.Dir, "src/hello.js"), `export const hello = "changed";`)
		},
		"a file, with its size": func(t *testing.T, c *wrangler.Config) {
			fixtures.WriteFile(t, filepath.Join(c.Dir, "src/hello.js"), "export const hello = \"from JS\";\n")
		},
		"a file of a rule": func(t *testing.T, c *wrangler.Config) {
			fixtures.WriteFile(t, filepath.Join(c.Dir, "src/a.txt"), "Text\n")
		},
		"a file that comes before another": func(t *testing.T, c *wrangler.Config) {
			fixtures.WriteFile(t, filepath.Join(c.Dir, "src/hello.ts"), `export const hello = "from ts";`)
		},
		"package.json": func(t *testing.T, c *wrangler.Config) {
			fixtures.WriteFile(t, filepath.Join(c.Dir, "package.json"), `{"sideEffects": false}`)
		},
		"a new tsconfig.json": func(t *testing.T, c *wrangler.Config) {
			fixtures.WriteFile(t, filepath.Join(c.Dir, "tsconfig.json"), `{}`)
		},
		"define":   func(_ *testing.T, c *wrangler.Config) { c.Bundling.Define = map[string]string{"x": "1"} },
		"the date": func(_ *testing.T, c *wrangler.Config) { c.Version.CompatibilityDate = "2026-11-02" },
		"an object's class": func(_ *testing.T, c *wrangler.Config) {
			c.Version.Bindings = []version.Binding{{Type: "durable_object_namespace", Name: "R", ClassName: "Room"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			cache, c := cacheFolder(t), project(t, cachedProject)
			process(t, cache, c)
			change(t, c)
			if got := process(t, cache, c); got.Cached {
				t.Error("the result is of the cache")
			} else if diff := cmp.Diff(build(t, c), got); diff != "" {
				t.Error(diff)
			}
			if !process(t, cache, c).Cached {
				t.Error("what was built then is not kept")
			}
		})
	}
}

func TestCacheComparesContent(t *testing.T) {
	cache, c := cacheFolder(t), project(t, cachedProject)
	process(t, cache, c)
	file := filepath.Join(c.Dir, "src/hello.js")
	touched := time.Now().Add(-time.Minute)
	if err := os.Chtimes(file, touched, touched); err != nil {
		t.Fatal(err)
	}
	if !process(t, cache, c).Cached {
		t.Error("a file that was only touched counts as changed")
	}
}

// A file that was written when the build had begun may not be what was built.
func TestCacheKeepsNothingOfFilesUnderChange(t *testing.T) {
	cache, c := cacheFolder(t), project(t, cachedProject)
	b := bundle.Builder{Cache: cache, Now: func() time.Time { return time.Now().Add(-time.Hour) }}
	if _, err := b.Build(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	b.Close()
	if list, _ := os.ReadDir(cache); len(list) > 0 {
		t.Error("kept:", list)
	}
}

// Times within one step of the file system's clock say nothing.
func TestCacheDoesNotTrustFreshTimes(t *testing.T) {
	cache, c := cacheFolder(t), project(t, cachedProject)
	file := filepath.Join(c.Dir, "src/hello.js")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	b := bundle.Builder{Cache: cache, Now: func() time.Time { return info.ModTime().Add(time.Second) }}
	if _, err := b.Build(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	b.Close()
	entry(t, cache)
	fixtures.WriteFile(t, file, "export const hello = \"from JS\";\n")
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if process(t, cache, c).Cached {
		t.Error("another content of the same size and time is not seen")
	}
}

func TestAfreshAsksNoCache(t *testing.T) {
	cache, c := cacheFolder(t), project(t, cachedProject)
	process(t, cache, c)
	b := bundle.Builder{Cache: cache}
	defer b.Close()
	for i, want := range []bool{true, true, false, false} {
		if i == 2 {
			b.Afresh()
		}
		r, err := b.Build(context.Background(), c)
		if err != nil || r.Cached != want {
			t.Errorf("build %d is cached: %v, %v; want %v", i, r.Cached, err, want)
		}
	}
}

func TestCacheRefusesBrokenEntries(t *testing.T) {
	cache, c := cacheFolder(t), project(t, cachedProject)
	process(t, cache, c)
	path := entry(t, cache)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := project(t, cachedProject)
	foreign := cacheFolder(t)
	process(t, foreign, other)
	others, err := os.ReadFile(entry(t, foreign))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-2] ^= 1
	for name, content := range map[string][]byte{
		"empty": nil, "torn": whole[:len(whole)-10], "head alone": whole[:60], "flipped": flipped, "longer": append(bytes.Clone(whole), 'x'),
		"of another project": others, "noise": []byte("sundog bundle 1\n\n{}"),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if process(t, cache, c).Cached {
			t.Errorf("%s: taken", name)
		}
		if mended, _ := os.ReadFile(path); !bytes.Equal(mended, whole) {
			t.Errorf("%s: not put right by the build", name)
		}
	}
}

func TestCacheKeepsNoSecrets(t *testing.T) {
	cache, c := cacheFolder(t), project(t, cachedProject)
	secret := func(text string) {
		c.Version.Bindings = []version.Binding{{Type: "secret_text", Name: "API_KEY", Text: text}}
	}
	secret("hunter2-hunter2")
	process(t, cache, c)
	content, err := os.ReadFile(entry(t, cache))
	if err != nil || bytes.Contains(content, []byte("hunter2")) || bytes.Contains(content, []byte("API_KEY")) {
		t.Error("the entry has the secret, or its name:", err)
	}
	secret("another")
	r := process(t, cache, c)
	if !r.Cached || r.Version.Bindings[0].Text != "another" {
		t.Errorf("cached %v with %v; want a hit with the config's own bindings", r.Cached, r.Version.Bindings)
	}
}

func TestCacheRefusesSharedFolders(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a user's profile is private there, modes say nothing")
	}
	cache, c := cacheFolder(t), project(t, cachedProject)
	process(t, cache, c)
	if err := os.Chmod(cache, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := bundle.CheckCache(cache); err == nil || !strings.Contains(err.Error(), "somebody else") {
		t.Error(err)
	}
	if process(t, cache, c).Cached {
		t.Error("an entry of a folder that others can write to is taken")
	}
	if err := os.Chmod(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(entry(t, cache), 0o666); err != nil {
		t.Fatal(err)
	}
	if process(t, cache, c).Cached {
		t.Error("an entry that others can write to is taken")
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(cache, link); err != nil {
		t.Fatal(err)
	}
	if bundle.CheckCache(link) == nil || bundle.CheckCache(entry(t, cache)) == nil {
		t.Error("a link, or a file, is taken for the folder")
	}
	var missing *os.PathError
	if err := bundle.CheckCache(filepath.Join(entry(t, cache), "below")); !errors.As(err, &missing) {
		t.Error(err)
	}
}

func TestCacheOfTwoAtOnce(t *testing.T) {
	cache, c := cacheFolder(t), project(t, cachedProject)
	want := mainModule(build(t, c))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			b := bundle.Builder{Cache: cache}
			defer b.Close()
			if r, err := b.Build(context.Background(), c); err != nil || mainModule(r) != want {
				t.Error(r, err)
			}
		})
	}
	all.Wait()
	process(t, cache, c)
	if !process(t, cache, c).Cached {
		t.Error("nothing is kept")
	}
	entry(t, cache) // and nothing else lies there
}

func TestCacheIsBounded(t *testing.T) {
	cache, c := cacheFolder(t), project(t, cachedProject)
	process(t, cache, c)
	for i := range 250 {
		old := time.Now().Add(-time.Duration(i+1) * time.Hour)
		path := filepath.Join(cache, fmt.Sprintf("old%03d", i))
		fixtures.WriteFile(t, path, "x")
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	c.Version.CompatibilityDate = "2026-10-01"
	process(t, cache, c)
	list, err := os.ReadDir(cache)
	if err != nil || len(list) != 200 {
		t.Errorf("%d entries (%v), want 200", len(list), err)
	}
	if !process(t, cache, c).Cached {
		t.Error("the newest one is gone")
	}
}

func FuzzCacheEntry(f *testing.F) {
	f.Add([]byte("sundog bundle 1\n\n{}\n"), []byte("rest"))
	f.Add([]byte(`{"Key":"k"}`), []byte("export default {}"))
	f.Fuzz(func(t *testing.T, head, blobs []byte) {
		bundle.OpenEntry(head)
		h, b, ok := bundle.OpenEntry(bundle.SealEntry(bytes.ReplaceAll(head, []byte("\n"), nil), blobs))
		if !ok || !bytes.Equal(h, bytes.ReplaceAll(head, []byte("\n"), nil)) || !bytes.Equal(b, blobs) {
			t.Errorf("%q %q came back as %q %q, %v", head, blobs, h, b, ok)
		}
	})
}
