package run

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/world"
)

// watched runs a world whose reloads come out of a channel.
func watched(t *testing.T, path string) (*Session, <-chan Reloaded) {
	t.Helper()
	told := make(chan Reloaded, 100)
	s := start(t, Options{Path: path, Watch: true, Quiet: 10 * time.Millisecond, Reloaded: func(r Reloaded) {
		if !r.Quiet() {
			told <- r
		}
	}})
	return s, told
}

func next(t *testing.T, told <-chan Reloaded) Reloaded {
	t.Helper()
	select {
	case r := <-told:
		return r
	case <-time.After(30 * time.Second):
		t.Fatal("no reload is told")
		return Reloaded{}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// replace puts a file in place as editors do.
func replace(t *testing.T, path, text string) {
	t.Helper()
	write(t, path+"~", text)
	if err := os.Rename(path+"~", path); err != nil {
		t.Fatal(err)
	}
}

const (
	withA = "team: acme\nzones: [{name: example.com, records: [{type: A, name: a, content: 192.0.2.1, proxied: true}]}]\n"
	withB = "team: acme\nzones: [{name: example.com, records: [{type: A, name: a, content: 192.0.2.1, proxied: true}, {type: A, name: b, content: 192.0.2.1, proxied: true}]}]\n"
)

func words(r Reloaded) string {
	w := r.Wire()
	return strings.Join(append(slices.Clone(w.Changes), w.Errors...), "\n")
}

// However a file is changed, it is seen.
func TestWatch(t *testing.T) {
	const added = "added the record A b.example.com"
	for _, tt := range []struct {
		name   string
		before func(t *testing.T, dir string)
		change func(t *testing.T, dir string)
		want   string
	}{
		{"written in place", nil, func(t *testing.T, dir string) { write(t, dir+"/sundog.yaml", withB) }, added},
		{"replaced by rename", nil, func(t *testing.T, dir string) { replace(t, dir+"/sundog.yaml", withB) }, added},
		{"removed and written again", nil, func(t *testing.T, dir string) {
			os.Remove(dir + "/sundog.yaml")
			write(t, dir+"/sundog.yaml", withB)
		}, added},
		{"by another name", nil, func(t *testing.T, dir string) {
			write(t, dir+"/sundog.json", `{"team": "acme", "zones": [{"name": "example.com", "records": [{"type": "A", "name": "a", "content": "192.0.2.1", "proxied": true}, {"type": "A", "name": "b", "content": "192.0.2.1", "proxied": true}]}]}`)
			os.Remove(dir + "/sundog.yaml")
		}, added},
		{"links swapped, as in a mounted volume", func(t *testing.T, dir string) {
			write(t, dir+"/..1/sundog.yaml", withA)
			write(t, dir+"/..2/sundog.yaml", withB)
			os.Remove(dir + "/sundog.yaml")
			symlink(t, "..1", dir+"/..data")
			symlink(t, "..data/sundog.yaml", dir+"/sundog.yaml")
		}, func(t *testing.T, dir string) {
			symlink(t, "..2", dir+"/..tmp")
			if err := os.Rename(dir+"/..tmp", dir+"/..data"); err != nil {
				t.Fatal(err)
			}
		}, added},
		{"a link's target", func(t *testing.T, dir string) {
			write(t, dir+"/real/deep/s.yaml", withA)
			os.Remove(dir + "/sundog.yaml")
			symlink(t, "real/deep/s.yaml", dir+"/sundog.yaml")
		}, func(t *testing.T, dir string) { write(t, dir+"/real/deep/s.yaml", withB) }, added},
		{"a folder that appears", nil, func(t *testing.T, dir string) {
			write(t, dir+"/cloudflared/config.yml", "tunnel: t\ningress: [{service: http_status:404}]\n")
		}, `added the tunnel "t"`},
		{"a folder replaced", func(t *testing.T, dir string) {
			write(t, dir+"/cloudflared/config.yml", "tunnel: t\ningress: [{service: http_status:404}]\n")
			write(t, dir+"/new/config.yml", "tunnel: other\ningress: [{service: http_status:404}]\n")
		}, func(t *testing.T, dir string) {
			if err := os.Rename(dir+"/cloudflared", dir+"/old"); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(dir+"/new", dir+"/cloudflared"); err != nil {
				t.Fatal(err)
			}
		}, `added the tunnel "other"`},
		{"a compose file's variables", func(t *testing.T, dir string) {
			write(t, dir+"/sundog.yaml", withA+"origins_from: compose.yml\n")
			write(t, dir+"/compose.yml", "services: {web: {image: x, ports: ['127.0.0.1:${SUNDOG_TEST_PORT:-8001}:80']}}\n")
		}, func(t *testing.T, dir string) { write(t, dir+"/.env", "SUNDOG_TEST_PORT=8002\n") }, "changed the origin tcp://web:80: to"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := worldOf(t, withA)
			if tt.before != nil {
				tt.before(t, dir)
			}
			_, told := watched(t, dir)
			tt.change(t, dir)
			for {
				r := next(t, told)
				if strings.Contains(words(r), tt.want) {
					return
				}
				if r.Errors == nil { // of a change in two steps, the first may be told
					t.Fatalf("told %q, want %q", words(r), tt.want)
				}
			}
		})
	}
}

func symlink(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		if runtime.GOOS == "windows" {
			t.Skip("no links here: ", err)
		}
		t.Fatal(err)
	}
}

// A file with mistakes, and one that is gone, leave what is served as it is. It is told once, and
// over when they are mended.
func TestStale(t *testing.T) {
	dir := worldOf(t, withA)
	file := filepath.Join(dir, "sundog.yaml")
	s, told := watched(t, dir)
	for _, tt := range []struct {
		name  string
		spoil func()
		want  string
	}{
		{"mistake", func() { write(t, file, withA+"zoness: 1\n") }, `did you mean "zones"`},
		{"half of it", func() { write(t, file, withA[:40]) }, "sundog.yaml:"},
		{"nothing in it", func() { write(t, file, "") }, "an empty file"},
		{"gone", func() { os.Remove(file) }, "nothing to run"},
		{"a folder", func() { os.Remove(file); os.MkdirAll(file, 0o755) }, "nothing to run"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.spoil()
			for r := next(t, told); !strings.Contains(words(r), tt.want); r = next(t, told) {
				if r.Errors == nil {
					t.Fatalf("told %q, want %q", words(r), tt.want)
				}
			}
			if s.Edge.Stale() == nil || len(s.Edge.Summary().Entrypoints) != 1 {
				t.Errorf("stale %v, %d entrypoints", s.Edge.Stale(), len(s.Edge.Summary().Entrypoints))
			}
			if r := s.Reload(); r.Errors == nil || !r.Quiet() {
				t.Errorf("the same errors are told again: %v", r)
			}
			os.RemoveAll(file)
			write(t, file, withA)
			for r := next(t, told); !r.Mended; r = next(t, told) {
			}
			if s.Edge.Stale() != nil {
				t.Error("still stale")
			}
		})
	}
}

// Without its own file the folder would be another world, one that guards nothing. The watch alone
// does not go there; who asks for it does.
func TestDeletedFileIsDoubted(t *testing.T) {
	dir := worldOf(t, guarded)
	write(t, filepath.Join(dir, "config.yml"), "tunnel: t\ningress: [{hostname: app.example.com, service: hello_world}, {service: http_status:404}]\n")
	s, told := watched(t, dir)
	os.Remove(filepath.Join(dir, "sundog.yaml"))
	if r := next(t, told); !strings.Contains(words(r), "the file was deleted; the world from before serves on") {
		t.Fatalf("told %q", words(r))
	}
	if len(s.Edge.Summary().Apps) != 1 {
		t.Fatal("its application is gone")
	}
	r := s.Reload()
	if r.Errors != nil || len(s.Edge.Summary().Apps) != 0 || s.Edge.Stale() != nil {
		t.Errorf("asked for, it is not taken: %v", r.Errors)
	}
	if !slices.ContainsFunc(r.Wire().Public, func(p admin.Public) bool { return p == admin.Public{URL: "https://app.example.com/", Was: "App"} }) {
		t.Errorf("what became public is not told: %v", r.Wire().Public)
	}
}

// The end of a file that is being written is waited for.
func TestHalfWritten(t *testing.T) {
	dir := worldOf(t, withA+"access: {apps: []}\n")
	s, told := watched(t, dir)
	f, err := os.OpenFile(filepath.Join(dir, "sundog.yaml"), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	// What is there by now is a world of its own.
	half, err := world.Parse(filepath.Join(dir, "sundog.yaml"), []byte("team: acme"), "")
	if err != nil || half.Unended() == nil {
		t.Fatal(err, half.Unended())
	}
	io.WriteString(f, "team: acme")
	if !s.halfWritten(half) {
		t.Error("half a file is taken for a whole one")
	}
	io.WriteString(f, "\n"+strings.TrimPrefix(withB, "team: acme\n"))
	if r := next(t, told); r.Errors != nil || !strings.Contains(words(r), "b.example.com") || strings.Contains(words(r), "removed") {
		t.Errorf("told %q", words(r))
	}
	if !s.halfWritten(half) {
		t.Error("a file that had an end is not missed one")
	}
}

// POST /v1/reload answers with the difference; commands that begin then know the new world.
func TestReloadByAdmin(t *testing.T) {
	dir := worldOf(t, withA)
	s := start(t, Options{Path: dir, Announce: true})
	post := func() (int, admin.Reload) {
		r, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+s.Ready().Admin+"/v1/reload", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+s.Edge.Token())
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		defer http.DefaultClient.CloseIdleConnections()
		var out admin.Reload
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, out
	}
	write(t, filepath.Join(dir, "sundog.yaml"), strings.Replace(withB, "zones: [", "clients: {office: {country: DE}}\naccess: {service_tokens: [{name: ci}]}\nzones: [{name: example.org}, ", 1))
	status, got := post()
	if status != 200 || !got.OK || len(got.Changes) != 4 || len(got.Public) != 1 || got.Public[0].URL != "https://b.example.com/" || got.TookMS <= 0 {
		t.Errorf("status %d, %+v", status, got)
	}
	f, err := Lookup{Dir: dir, Store: s.store}.Find(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	in, err := f.Inside()
	if err != nil || !slices.Contains(in.World, "example.org") || !slices.Contains(in.Clients, "office") {
		t.Errorf("commands know %v and %v, %v", in.World, in.Clients, err)
	}
	if _, err := in.WithServiceToken("ci"); err != nil {
		t.Error(err)
	}
	write(t, filepath.Join(dir, "sundog.yaml"), "team: [\n")
	if status, got = post(); status != 422 || got.OK || got.Error != "config stale: 1 error" || len(got.Errors) != 1 {
		t.Errorf("status %d, %+v", status, got)
	}
	if sum, err := f.World(t.Context()); err != nil || len(sum.Stale) != 1 {
		t.Errorf("/v1/world: %v, %v", sum.Stale, err)
	}
}

// Nothing is watched that was not asked for, and a broken start leaves no watch.
func TestNoWatch(t *testing.T) {
	s := start(t, Options{Path: worldOf(t, withA)})
	if s.watched != nil {
		t.Error("it is watched")
	}
	if _, err := Start(t.Context(), Options{Path: worldOf(t, "team: ["), Watch: true}); err == nil {
		t.Error("a broken world starts")
	}
}

func TestInit(t *testing.T) {
	const config = "tunnel: t\ningress: [{hostname: app.example.com, service: http://localhost:1}, {service: http_status:404}]\n"
	dir := t.TempDir()
	write(t, dir+"/cloudflared/config.yml", config)
	o := InitOptions{Path: dir, Protect: []string{"app.example.com"}, Allow: []string{"a@example.com"}}
	dry := o
	dry.DryRun = true
	would, err := Init(dry)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(would.File); err == nil {
		t.Fatal("a dry run writes")
	}
	done, err := Init(o)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "sundog.yaml"))
	if err != nil || !bytes.Equal(text, []byte(would.Text)) || done.Text != would.Text {
		t.Errorf("%v\n%s", err, text)
	}
	if _, err := Init(o); err == nil || err.Error() != filepath.Join(dir, "sundog.yaml")+" exists already, and is not overwritten" {
		t.Errorf("again: %v", err)
	}
	o.Force, o.Protect, o.Allow = true, nil, nil
	for _, want := range []string{".bak", ".bak2"} {
		if done, err = Init(o); err != nil || done.Kept != filepath.Join(dir, "sundog.yaml"+want) {
			t.Errorf("by force: %q, %v", done.Kept, err)
		}
	}
	if kept, err := os.ReadFile(filepath.Join(dir, "sundog.yaml.bak")); err != nil || !bytes.Equal(kept, text) {
		t.Errorf("what was there is lost: %v", err)
	}
	// Another's mistakes are told, and nothing is written.
	bad := t.TempDir()
	write(t, bad+"/config.yml", "tunnel: t\ningress: [{service: 'foo'}]\n")
	if _, err := Init(InitOptions{Path: bad}); err == nil {
		t.Error("a file with mistakes is written down")
	}
	if _, err := os.Stat(bad + "/sundog.yaml"); err == nil {
		t.Error("a file is there")
	}
}
