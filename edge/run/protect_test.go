package run

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const protectConfig = "ingress:\n  - hostname: app.example.com\n    service: http://localhost:8080\n  - service: http_status:404\n"

func TestProtect(t *testing.T) {
	alice := []string{"alice@example.com"}
	for _, c := range []struct {
		name    string
		files   map[string]string
		options ProtectOptions
		written string // part of the file after it
		refused string // part of the error
	}{
		{"a file of its own", map[string]string{"sundog.yaml": "team: acme\n"}, ProtectOptions{Host: "app.example.com", Allow: alice}, "team: acme\naccess:\n", ""},
		{"JSON", map[string]string{"sundog.json": "{\"team\": \"acme\"}\n"}, ProtectOptions{Host: "app.example.com", Allow: alice}, `{"access": {"apps": [{"name": "app.example.com"`, ""},
		{"none yet", nil, ProtectOptions{Host: "app.example.com", Allow: alice}, "team: example\n", ""},
		{"by a service token alone", nil, ProtectOptions{Host: "app.example.com", ServiceTokens: []string{"ci"}}, "  service_tokens:\n    - name: ci\n", ""},
		{"another host", nil, ProtectOptions{Host: "x.example.org", Allow: alice}, "", `"x.example.org" is no host of this world`},
		{"a URL", nil, ProtectOptions{Host: "https://app.example.com", Allow: alice}, "", "is a URL"},
		{"what cannot be edited", map[string]string{"sundog.yaml": "access: ~\n"}, ProtectOptions{Host: "app.example.com", Allow: alice}, "", "write it yourself:\naccess:\n  apps:\n"},
		{"what is broken before", map[string]string{"sundog.yaml": "teem: acme\n"}, ProtectOptions{Host: "app.example.com", Allow: alice}, "", `did you mean "team"`},
		{"somebody who is denied", map[string]string{"sundog.yaml": "access:\n  apps:\n    - domain: app.example.com\n      policies:\n        - {name: out, decision: deny, include: [{email: {email: alice@example.com}}]}\n"},
			ProtectOptions{Host: "app.example.com", Allow: alice}, "Who may enter", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "sundog.yaml")
			if c.files == nil {
				c.files = map[string]string{}
			}
			c.files["config.yml"] = protectConfig
			for name, text := range c.files {
				if name == "sundog.json" {
					file = filepath.Join(dir, name)
				}
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			before, _ := os.ReadFile(file)
			c.options.Path = dir
			done, err := Protect(c.options)
			after, _ := os.ReadFile(file)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("error %v", err)
				}
				if string(after) != string(before) {
					t.Errorf("written: %s", after)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(after), c.written) || done.File != file || len(done.AUD) != 64 || done.Where == "" || done.Created != (before == nil) {
				t.Errorf("%+v\n%s", done, after)
			}
			if denied := strings.Contains(c.name, "denied"); denied != (len(done.Kept) > 0) {
				t.Errorf("kept: %q", done.Kept)
			}
			if info, err := os.Stat(file); err != nil || before != nil && runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
			if again, err := Protect(c.options); err != nil || len(again.Written) != 0 || again.AUD != done.AUD {
				t.Errorf("again: %v, %+v", err, again)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".sundog-*")); left != nil {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// TestProtectThroughALink: the file is written where it is, and the link stays.
func TestProtectThroughALink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	dir := t.TempDir()
	real := filepath.Join(t.TempDir(), "ours.yaml")
	link := filepath.Join(dir, "sundog.yaml")
	for name, text := range map[string]string{real: "team: acme\n", filepath.Join(dir, "config.yml"): protectConfig} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Protect(ProtectOptions{Path: dir, Host: "app.example.com", Allow: []string{"alice@example.com"}}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(real)
	if info, statErr := os.Lstat(link); err != nil || statErr != nil || info.Mode()&os.ModeSymlink == 0 || !strings.Contains(string(text), "app.example.com") {
		t.Errorf("%v %v\n%s", err, statErr, text)
	}
}
