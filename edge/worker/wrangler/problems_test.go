package wrangler

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

// All that is wrong is said at once, with its place.
func TestErrors(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"wrangler.jsonc", `{
  "name": "My API",
  "main": 5,
  "compatibility_date": "today",
  "workers_dev": "true",
  "routes": ["example.com/*/x", {"pattern": "*.example.com", "custom_domain": true}, {"pattern": "api.example.com/", "custom_domain": true}, 7],
  "vars": ["A"],
  "services": {"binding": "A", "service": "b"},
  "kv_namespaces": [{"binding": "X"}, {"id": "1"}, {"binding": "X"}],
  "vpc_networks": [{"binding": "N"}],
  "rules": [{"type": "Txt", "globs": ["*.txt"]}],
  "triggers": {"crons": ["hourly"]},
  "legacy_env": true,
  "migrations": [], "exports": {},
}`, []string{
			`wrangler.jsonc:2:11: name: the name "My API"; allowed: lower-case letters, digits, dashes and underscores, with no dash in front`,
			`wrangler.jsonc:3:11: main: the number 5; allowed: a text (put quotes around it)`,
			`wrangler.jsonc:4:25: compatibility_date: the text "today"; allowed: a date, as 2026-03-22`,
			`wrangler.jsonc:5:18: workers_dev: the text "true"; allowed: true or false (write it without quotes)`,
			`wrangler.jsonc:6:14: routes[0]: the pattern "example.com/*/x", which has a wildcard in its middle; allowed: a pattern, as example.com/api/* (* may only stand at the start of the host and at the end of the path)`,
			`wrangler.jsonc:6:45: routes[1].pattern: the pattern "*.example.com", which has a wildcard; a Custom Domain is one hostname; allowed: a hostname, as api.example.com (take custom_domain out to make it a route)`,
			`wrangler.jsonc:6:98: routes[2].pattern: the pattern "api.example.com/", which has a path; a Custom Domain has all paths of its hostname; allowed: a hostname, as api.example.com (write api.example.com)`,
			`wrangler.jsonc:6:142: routes[3]: the number 7; allowed: a pattern, as "example.com/api/*", or {"pattern": "api.example.com", "custom_domain": true}`,
			`wrangler.jsonc:7:11: vars: a list; allowed: a mapping`,
			`wrangler.jsonc:8:15: services: a mapping; allowed: a list (put brackets around it: a list has one mapping for each)`,
			`wrangler.jsonc:9:39: kv_namespaces[1].binding: missing; allowed: a text (the key is required)`,
			`wrangler.jsonc:9:52: kv_namespaces[2]: the binding "X", which is at wrangler.jsonc:9:21 too; allowed: a name of its own`,
			`wrangler.jsonc:10:20: vpc_networks[0]: neither tunnel_id nor network_id; allowed: one of them`,
			`wrangler.jsonc:11:22: rules[0].type: the text "Txt"; allowed: one of ESModule, CommonJS, CompiledWasm, Text, Data (did you mean "Text"?)`,
			`wrangler.jsonc:12:26: triggers.crons[0]: the text "hourly"; allowed: five fields, as */5 * * * *`,
			`wrangler.jsonc:13:17: legacy_env: a key that wrangler no longer has (remove it: every environment is a Worker of its own, named <name>-<environment>)`,
			`wrangler.jsonc:14:32: exports: both exports and migrations; allowed: one of them`,
		}},
		{"wrangler.toml", "main = \"a.js\"\ncompatibility_date = 2026-03-22\nroute = \"a.example.com\"\nroutes = []\nworkers_dev = 1\n\n[[services]]\nservice = \"b\"\n", []string{
			`wrangler.toml:1:1: no name; allowed: name (add "name": "my-api")`,
			`wrangler.toml:3:9: route: both route and routes; allowed: one of them (move it into routes)`,
			`wrangler.toml:5:15: workers_dev: the number 1; allowed: true or false`,
			`wrangler.toml:7:3: services[0].binding: missing; allowed: a text (the key is required)`,
		}},
		{"wrangler.json", "{\n  \"name\": \"a\"\n  \"main\": \"b\"\n}", []string{
			`wrangler.json:3:3: invalid character '"' after object value (expecting ',' or '}'); allowed: JSON, with comments and trailing commas (a comma is missing before it)`,
		}},
		{"wrangler.toml", "name = \"a\"\nmain = \n", []string{`wrangler.toml:2:8: unexpected character U+000A at start of value; allowed: TOML`}},
		{"wrangler.toml", "name = \"a\"\nname = \"b\"\n", []string{`wrangler.toml:2:1: key name is already defined; allowed: TOML`}},
		{"wrangler.json", "[]", []string{`wrangler.json:1:1: a list; allowed: a mapping of keys`}},
		{"wrangler.json", "{\"name\": \"\xff\"}", []string{`wrangler.json:1:11: the byte 0xff, which is no UTF-8; allowed: UTF-8 text (save the file as UTF-8)`}},
		{"wrangler.json", strings.Repeat("[", 501), []string{`wrangler.json:1:501: too many levels inside each other; allowed: fewer`}},
	} {
		_, _, err := parseText(test.name, []byte(test.text), Options{})
		var es Errors
		if !errors.As(err, &es) {
			t.Errorf("%s: got %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, lines(es, "")); diff != "" {
			t.Error(diff)
		}
	}
}

// What wrangler warns of, or passes over, is said and does not keep the project from loading.
func TestFindings(t *testing.T) {
	for _, test := range []struct {
		name, files string
		want        []string
	}{
		{"unknown keys", `-- wrangler.jsonc --
{
  "name": "a", "main": "a.js", "compatability_date": "2026-03-22", "compatibility_date": "2026-03-22",
  "services": [{"binding": "B", "service": "b", "entry_point": "X", "remote": true, "environment": "staging"}],
  "name": "a",
}
-- a.js --
`, []string{
			`wrangler.jsonc:2:3: name: the key stands twice, and the last one counts (take one out)`,
			`wrangler.jsonc:2:32: compatability_date: the key "compatability_date" is unknown, so it does nothing (did you mean "compatibility_date"?)`,
			`wrangler.jsonc:3:49: services[0].entry_point: the key "entry_point" is unknown, so it does nothing (did you mean "entrypoint"?)`,
			`wrangler.jsonc:3:79: services[0].remote: remote does nothing here: the binding is to what is in this world`,
			`wrangler.jsonc:3:100: services[0].environment: wrangler no longer has the key environment, so it does nothing (name the deployed Worker, as service: b-staging)`,
		}},
		{"settings below [vars]", "-- wrangler.toml --\nname = \"a\"\nmain = \"a.js\"\ncompatibility_date = \"2026-03-22\"\n[vars]\nA = \"1\"\nworkers_dev = false\n-- a.js --\n", []string{
			`wrangler.toml:6:15: vars.workers_dev: the setting workers_dev is below the header of vars, so it is a variable (move it above the header)`,
		}},
		{"files that are not there", "-- wrangler.json --\n{\"name\": \"a\", \"main\": \"src/a.ts\",\n \"assets\": {\"directory\": \"dist\"}}\n", []string{
			`wrangler.json:1:1: without compatibility_date wrangler deploys nothing (add "compatibility_date")`,
			`wrangler.json:1:23: main: there is no file "src/a.ts" (it is looked for at src/a.ts)`,
			`wrangler.json:2:26: assets.directory: there is no folder "dist" (build the project, or name the folder that has the files)`,
		}},
		{"a build command", "-- wrangler.json --\n{\"name\": \"a\", \"main\": \"dist/a.js\", \"compatibility_date\": \"2026-03-22\", \"build\": {\"command\": \"npm run build\"}}\n", []string{
			`wrangler.json:1:93: build.command: sundog does not run the build command (run it yourself before, and again after a change)`,
		}},
		{"a class without migration", "-- wrangler.json --\n{\"name\": \"a\", \"main\": \"a.js\", \"compatibility_date\": \"2026-03-22\", \"durable_objects\": {\"bindings\": [{\"name\": \"C\", \"class_name\": \"Counter\"}]}}\n-- a.js --\n", []string{
			`wrangler.json:1:86: durable_objects: no migration makes the class "Counter" of the binding "C" (add {"tag": "v1", "new_sqlite_classes": ["Counter"]} to migrations)`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := fixtures.Folder(t, test.files)
			_, findings, err := Load(dir, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, lines(findings, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The keys are those of the schema that wrangler has.
func TestKeysAreWranglers(t *testing.T) {
	program := fixtures.Need(t, "wrangler", fixtures.Wrangler)
	data, err := os.ReadFile(filepath.Join(filepath.Dir(program), "..", "config-schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	src, problem := newSource("config-schema.json", data)
	if problem != nil {
		t.Fatal(problem)
	}
	root, problem := parseJSON(src)
	if problem != nil {
		t.Fatal(problem)
	}
	schema := func(name string) map[string]bool {
		keys := map[string]bool{}
		for _, e := range root.child("definitions").child(name).child("properties").entries {
			keys[e.name] = true
		}
		return keys
	}
	want, got := schema("RawConfig"), map[string]bool{}
	for _, key := range append(envKeys(), topKeys()...) {
		got[key] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
