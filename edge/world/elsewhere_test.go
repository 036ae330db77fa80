package world

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

// The user's own file is named, and used by nobody who did not name it.
func TestOwnConfigIsNamedOnly(t *testing.T) {
	home := fixtures.Folder(t, "-- .cloudflared/config.yml --\ntunnel: mine\ningress: [{service: http_status:404}]\n-- project/x --\n-- project/packages/api/wrangler.toml --\n-- project/packages/web/wrangler.jsonc --\n")
	l := Loader{Home: func() (string, error) { return home, nil }}
	for _, dir := range []string{home, filepath.Join(home, "project"), filepath.Join(home, ".cloudflared")} {
		if file, _ := l.discover(dir); file != "" && dir != filepath.Join(home, ".cloudflared") {
			t.Errorf("%s: found %s", dir, file)
		}
	}
	project := filepath.Join(home, "project")
	w, err := l.Load(project)
	want := project + ": nothing to run; allowed: one of " + filepath.Join(project, "sundog.yaml")
	for _, name := range []string{"sundog.json", "config.yml", "config.yaml", "cloudflared/config.yml", "cloudflared/config.yaml", ".cloudflared/config.yml", ".cloudflared/config.yaml", "wrangler.json", "wrangler.jsonc", "wrangler.toml"} {
		want += ", " + filepath.Join(project, filepath.FromSlash(name))
	}
	want += " (there is one at ~/.cloudflared/config.yml: sundog up ~/.cloudflared/config.yml uses it; " +
		filepath.Join(project, "packages", "web", "wrangler.jsonc") + ", " + filepath.Join(project, "packages", "api", "wrangler.toml") + " describe Workers: name the folder, or write it under workers in a sundog.yaml)"
	if err == nil || err.Error() != want {
		t.Error(cmp.Diff(want, err.Error()))
	}
	if len(w.Watched()) != 11 {
		t.Errorf("what would be read is not all watched: %v", w.Watched())
	}
	if w, err := l.Load(filepath.Join(home, ".cloudflared", "config.yml")); err != nil || w.Len() == 0 {
		t.Errorf("named, it is not used: %v", err)
	}
}

// What would be read, if it were there, is watched.
func TestWatched(t *testing.T) {
	dir := fixtures.Folder(t, "-- sundog.yaml --\ntunnels: [{id: a, config_file: x/t.yml}]\norigins_from: compose.yml\n-- x/t.yml --\ntunnel: z\ningress: [{service: http_status:404}]\n-- compose.yml --\nservices: {}\n")
	l := Loader{Home: func() (string, error) { return "", nil }}
	w, err := l.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range []string{"sundog.yaml", "compose.yml", "x/t.yml", ".env", "config.yml", "config.yaml", "cloudflared/config.yml", "cloudflared/config.yaml", ".cloudflared/config.yml", ".cloudflared/config.yaml", ".wrangler/deploy/config.json", "wrangler.json", "wrangler.jsonc", "wrangler.toml"} {
		want = append(want, filepath.Join(dir, filepath.FromSlash(name)))
	}
	if diff := cmp.Diff(want, w.Watched()); diff != "" {
		t.Error(diff)
	}
}
