package wrangler

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

func TestFind(t *testing.T) {
	for _, test := range []struct{ name, files, want, err string }{
		{"nothing", "-- x --\n", "", ""},
		{"the order", "-- wrangler.toml --\n-- wrangler.jsonc --\n-- wrangler.json --\n", "wrangler.json", ""},
		{"jsonc before toml", "-- wrangler.toml --\n-- wrangler.jsonc --\n", "wrangler.jsonc", ""},
		{"built", "-- wrangler.jsonc --\n-- .wrangler/deploy/config.json --\n{\"configPath\": \"../../dist/wrangler.json\"}\n-- dist/wrangler.json --\n{}\n", "dist/wrangler.json", ""},
		{"built, and gone", "-- wrangler.jsonc --\n-- .wrangler/deploy/config.json --\n{\n\"configPath\": \"../../dist/wrangler.json\"}\n", "", `.wrangler/deploy/config.json:2:15: configPath: the file "dist/wrangler.json", which does not exist (build the project, or remove .wrangler/deploy/config.json)`},
		{"built, and broken", "-- .wrangler/deploy/config.json --\n{\"config\": 1}\n", "", ".wrangler/deploy/config.json:1:1: configPath: missing; allowed: a text (the key is required)"},
		{"a program", "-- cloudflare.config.ts --\n", "", "cloudflare.config.ts: a configuration that is a program, which is not supported yet; allowed: wrangler.json, wrangler.jsonc or wrangler.toml (write one beside it)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := fixtures.Folder(t, test.files)
			file, looked, err := Find(dir)
			if rel := strings.TrimPrefix(filepath.ToSlash(strings.TrimPrefix(file, dir)), "/"); rel != test.want {
				t.Errorf("found %q, want %q", rel, test.want)
			}
			got := ""
			if err != nil {
				got = lines(err.(Errors), dir)[0]
			}
			if got != test.err {
				t.Errorf("got  %s\nwant %s", got, test.err)
			}
			if len(looked) == 0 {
				t.Error("nothing is to be watched")
			}
		})
	}
}

// What a build tool wrote is for the environment that it was built for, and has keys of its own.
func TestBuilt(t *testing.T) {
	const text = `{"name": "api-staging", "main": "index.js", "compatibility_date": "2026-03-22", "topLevelName": "api", "targetEnvironment": "staging", "configPath": "x", "legacy_env": true}`
	cfg, findings, err := parseText("wrangler.json", []byte(text), Options{Env: "staging"})
	if err != nil || len(findings) > 0 || cfg.Name != "api-staging" {
		t.Errorf("%v, %v, %v", cfg, findings, err)
	}
	if _, _, err := parseText("wrangler.json", []byte(text), Options{Env: "production"}); err == nil || !strings.Contains(err.Error(), `no environment "production"`) {
		t.Errorf("got %v", err)
	}
}

func TestPages(t *testing.T) {
	dir := fixtures.Folder(t, `-- wrangler.toml --
name = "site"
pages_build_output_dir = "./dist"
compatibility_date = "2026-03-22"
[vars]
MYSERVICE_URL = "https://top.example.com"
[env.preview.vars]
MYSERVICE_URL = "https://preview.example.com"
-- .dev.vars --
SECRET = "x"
`)
	cfg, findings, err := Load(dir, Options{Env: "ignored"})
	if err != nil || len(findings) > 0 {
		t.Fatal(err, findings)
	}
	if cfg.Name != "site" || cfg.Output != filepath.Join(dir, "dist") || cfg.Main != "" || cfg.Preview == nil {
		t.Fatalf("%+v", cfg)
	}
	for _, test := range []struct{ got, want string }{
		{cfg.Version.Bindings[0].Text, "https://top.example.com"}, {cfg.Version.Bindings[1].Text, "x"},
		{cfg.Preview.Bindings[0].Text, "https://preview.example.com"}, {cfg.Preview.Bindings[1].Text, "x"},
	} {
		if test.got != test.want {
			t.Errorf("got %s, want %s", test.got, test.want)
		}
	}
	_, _, err = parseText("wrangler.json", []byte(`{"pages_build_output_dir": "d", "main": "x", "env": {"prod": {}}}`), Options{})
	want := `wrangler.json:1:1: no name; allowed: name (a Pages project is known by it)
wrangler.json:1:41: main: both main and pages_build_output_dir; allowed: one of them (main is of a Worker, pages_build_output_dir of a Pages project)
wrangler.json:1:62: env.prod: the environment "prod"; allowed: production or preview, in a Pages project`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
