package environ

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// tools makes a folder of tools, and a folder of programs that stand behind the shims.
func tools(t *testing.T, tt Tools, programs ...string) (dir string, env []string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs of this test are scripts")
	}
	dir = t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := tt.Write(dir); err != nil {
		t.Fatal(err)
	}
	behind := t.TempDir()
	for _, name := range programs {
		if err := os.WriteFile(filepath.Join(behind, name), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir, []string{"HOME=/home/me", "PATH=" + shimsOf(dir) + ":" + behind, "KEPT=1"}
}

func TestLaunch(t *testing.T) {
	dir, env := tools(t, Tools{AccountID: ours}, "cloudflared", "xdg-open")
	l := func(name string, args ...string) (*Launch, error) {
		return Tools{AccountID: ours}.Launch(dir, name, args, t.TempDir(), env)
	}

	got, err := l("cloudflared", "tunnel", "list", "--output", "json")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Argv, []string{"cloudflared", "tunnel", "list", "--output", "json"}) || filepath.Dir(got.Path) == shimsOf(dir) {
		t.Errorf("runs %s as %q", got.Path, got.Argv)
	}
	home := filepath.Join(dir, "home")
	if !slices.Contains(got.Env, "HOME="+home) || slices.Contains(got.Env, "HOME=/home/me") || !slices.Contains(got.Env, "KEPT=1") {
		t.Errorf("environment %q", got.Env)
	}
	if data, err := os.ReadFile(filepath.Join(home, ".cloudflared", "config.yml")); err != nil || string(data) != "{}\n" {
		t.Errorf("config.yml of a world without one: %q, %v", data, err)
	}

	var refused *RefusedError
	if _, err := l("cloudflared", "tunnel", "login"); !errors.As(err, &refused) {
		t.Errorf("cloudflared tunnel login: %v", err)
	}
	var missing *MissingError
	if _, err := l("terraform", "plan"); !errors.As(err, &missing) || missing.Name != "terraform" {
		t.Errorf("terraform that is not there: %v", err)
	}
	if got, err := l("xdg-open", "-x", "HTTPS://app.example.com/?a=b&c"); err != nil || got.URL != "HTTPS://app.example.com/?a=b&c" {
		t.Errorf("a URL: %+v, %v", got, err)
	}
	if got, err := l("xdg-open", "page.html"); err != nil || got.URL != "" || !slices.Contains(got.Env, "HOME=/home/me") {
		t.Errorf("a file: %+v, %v", got, err)
	}
}

func TestHomeFollowsTheWorld(t *testing.T) {
	world := t.TempDir()
	config, cert := filepath.Join(world, "config.yml"), filepath.Join(world, "cert.pem")
	given := Tools{Config: config, Cert: cert}
	dir, env := tools(t, given, "cloudflared")
	for _, text := range []string{"tunnel: a\n", "tunnel: b\n"} {
		if err := errors.Join(os.WriteFile(config, []byte(text), 0o600), os.WriteFile(cert, []byte("cert "+text), 0o600)); err != nil {
			t.Fatal(err)
		}
		if _, err := given.Launch(dir, "cloudflared", []string{"version"}, world, env); err != nil {
			t.Fatal(err)
		}
		for file, want := range map[string]string{"config.yml": text, "cert.pem": "cert " + text} {
			if got, err := os.ReadFile(filepath.Join(dir, "home", ".cloudflared", file)); err != nil || string(got) != want {
				t.Errorf("%s: %q, %v", file, got, err)
			}
		}
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	if _, err := given.Launch(dir, "cloudflared", []string{"version"}, world, env); err == nil || !strings.Contains(err.Error(), "has the edge ended?") {
		t.Errorf("without the edge's files: %v", err)
	}
}

// TestHomeOfTheEdge keeps cloudflared's tokens for the next command, of the same person.
func TestHomeOfTheEdge(t *testing.T) {
	home := filepath.Join(t.TempDir(), "cloudflared")
	dir, env := tools(t, Tools{}, "cloudflared", "open")
	homes := map[string]string{}
	for _, as := range []string{"", "alice@example.com", "bob@example.com", "alice@example.com"} {
		l, err := Tools{Home: home, As: as}.Launch(dir, "cloudflared", []string{"version"}, dir, env)
		if err != nil {
			t.Fatal(err)
		}
		got := l.Env[slices.IndexFunc(l.Env, func(kv string) bool { return strings.HasPrefix(kv, "HOME=") })]
		for other, h := range homes {
			if (h == got) != (other == as) {
				t.Errorf("%q has the home of %q: %s", as, other, got)
			}
		}
		homes[as] = got
	}
	if _, err := (Tools{Home: filepath.Join(home, "gone", "cloudflared")}).Launch(dir, "cloudflared", nil, dir, env); err == nil || !strings.Contains(err.Error(), "has the edge ended?") {
		t.Errorf("without the edge's folder: %v", err)
	}
	const page = "https://app.example.com/cdn-cgi/access/cli?aud=a&token=b"
	for _, tt := range []struct {
		as, url string
		approve bool
	}{{"alice@example.com", page, true}, {"", page, false}, {"alice@example.com", "https://app.example.com/", false}} {
		l, err := Tools{As: tt.as}.Launch(dir, "open", []string{tt.url}, dir, env)
		if err != nil || l.URL != tt.url || l.Approve != tt.approve {
			t.Errorf("%q opens %s: %+v, %v", tt.as, tt.url, l, err)
		}
	}
}

func TestGivenByPath(t *testing.T) {
	dir, env := tools(t, Tools{})
	for path, own := range map[string]bool{"/usr/bin/cloudflared": true, "./cloudflared": true, "cloudflared": false, "/usr/bin/curl": false} {
		_, got, err := Tools{}.Given(dir, []string{path, "version"}, env)
		if err != nil || slices.Contains(got, "HOME=/home/me") == own {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
}

func TestReadTools(t *testing.T) {
	want := Tools{Sundog: "/it's here/sundog", Config: "/w/config.yml", AccountID: ours, AnyState: true,
		Edge: "127.0.0.1:7844", Tunnels: []Tunnel{{ID: "u", Names: []string{"web"}, Credentials: []byte("{}")}}}
	dir, _ := tools(t, want)
	if got, err := ReadTools(dir); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	text, err := os.ReadFile(filepath.Join(shimsOf(dir), "cloudflared"))
	if err != nil || !strings.Contains(string(text), `exec '/it'\''s here/sundog' shim `) {
		t.Errorf("shim %q, %v", text, err)
	}
	if _, err := ReadTools(t.TempDir()); err == nil {
		t.Error("a folder without tools is read")
	}
}

func TestToolVars(t *testing.T) {
	in := Input{Proxy: "127.0.0.1:4380", Admin: "127.0.0.1:4300", GOOS: "linux", Tools: "/run/me/b", Inherited: []string{
		"PATH=/run/me/a/bin:/usr/bin::/bin", "SUNDOG_TOOLS=/run/me/a", "BROWSER=firefox", "NODE_OPTIONS=--no-warnings",
	}}
	p, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	env := p.Environ()
	for _, want := range []string{
		"PATH=/run/me/b/bin:/usr/bin::/bin", "SUNDOG_TOOLS=/run/me/b", "BROWSER=/run/me/b/bin/sensible-browser",
		"NODE_OPTIONS=--no-warnings --require /run/me/b/node-proxy.cjs",
	} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is missing in %q", want, env)
		}
	}
	in.Tools = ""
	if p, err = New(in); err != nil || slices.ContainsFunc(p.Set, func(v Var) bool { return v.Name == "PATH" || v.Name == "NODE_OPTIONS" }) {
		t.Errorf("without tools: %+v, %v", p.Set, err)
	}
	if got, want := nodeOptions("", `/a b/"c"`), `--require "/a b/\"c\""`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
