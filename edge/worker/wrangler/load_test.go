package wrangler

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

func lines(list []Problem, dir string) []string {
	var all []string
	for _, p := range list {
		line := p.String()
		if dir != "" {
			line = strings.ReplaceAll(filepath.ToSlash(line), filepath.ToSlash(dir)+"/", "")
		}
		all = append(all, line)
	}
	return all
}

const everyFieldJSONC = `{
  // what C3 writes, and more
  "$schema": "node_modules/wrangler/config-schema.json",
  "name": "my-api",
  "main": "src/index.ts",
  "compatibility_date": "2026-03-22",
  "compatibility_flags": ["nodejs_compat"],
  "workers_dev": true,
  "preview_urls": false,
  "routes": [
    "example.com/api/*",
    {"pattern": "*.example.com/x*", "zone_name": "example.com"},
    {"pattern": "api.example.com", "custom_domain": true, "previews_enabled": true},
  ],
  "vars": {"TEAM_DOMAIN": "https://acme.cloudflareaccess.com", "LIMITS": {"b": [1, 2.5], "a": null}, "ON": true},
  "services": [{"binding": "AUTH", "service": "worker-b", "entrypoint": "Admin", "props": {"z": 1, "a": "x"}}],
  "vpc_services": [{"binding": "PRIVATE_API", "service_id": "6ff42ae2-765d-4adf-8112-31c55c1551ef"}],
  "vpc_networks": [{"binding": "NET", "tunnel_id": "abc123"}, {"binding": "ALL", "network_id": "cf1:network"}],
  "kv_namespaces": [{"binding": "KV", "id": "k1"}, {"binding": "KV2"}],
  "d1_databases": [{"binding": "DB", "database_name": "shop", "database_id": "d1"}],
  "queues": {"producers": [{"binding": "Q", "queue": "jobs"}], "consumers": [{"queue": "jobs", "max_batch_size": 5, "max_retries": 0, "dead_letter_queue": "dead"}]},
  "durable_objects": {"bindings": [{"name": "COUNTER", "class_name": "Counter"}, {"name": "ROOM", "class_name": "Room", "script_name": "rooms"}]},
  "migrations": [{"tag": "v1", "new_classes": ["Old"], "new_sqlite_classes": ["Cntr"]}, {"tag": "v2", "renamed_classes": [{"from": "Cntr", "to": "Counter"}], "deleted_classes": ["Old"]}],
  "assets": {"directory": "./public", "binding": "ASSETS", "not_found_handling": "single-page-application", "run_worker_first": ["/api/*"]},
  "triggers": {"crons": ["*/5 * * * *"]},
  "version_metadata": {"binding": "VERSION"},
  "ai": {"binding": "AI"},
  "r2_buckets": [{"binding": "BUCKET", "bucket_name": "b"}],
  "minify": true,
  "keep_names": false,
  "rules": [{"type": "Text", "globs": ["**/*.md"], "fallthrough": true}],
  "define": {"X": "1"},
  "alias": {"a": "./b"},
}
`

const everyFieldTOML = `# what C3 writes, and more
name = "my-api"
main = "src/index.ts"
compatibility_date = "2026-03-22"
compatibility_flags = ["nodejs_compat"]
workers_dev = true
preview_urls = false
minify = true
keep_names = false
routes = [
  "example.com/api/*",
  { pattern = "*.example.com/x*", zone_name = "example.com" },
  { pattern = "api.example.com", custom_domain = true, previews_enabled = true },
]
kv_namespaces = [{ binding = "KV", id = "k1" }, { binding = "KV2" }]
alias.a = "./b"

[vars]
TEAM_DOMAIN = "https://acme.cloudflareaccess.com"
LIMITS = { b = [1, 2.5] }
ON = true

[[services]]
binding = "AUTH"
service = "worker-b"
entrypoint = "Admin"
[services.props]
z = 1
a = "x"

[[vpc_services]]
binding = "PRIVATE_API"
service_id = "6ff42ae2-765d-4adf-8112-31c55c1551ef"

[[vpc_networks]]
binding = "NET"
tunnel_id = "abc123"
[[vpc_networks]]
binding = "ALL"
network_id = "cf1:network"

[[d1_databases]]
binding = "DB"
database_name = "shop"
database_id = "d1"

[[queues.producers]]
binding = "Q"
queue = "jobs"
[[queues.consumers]]
queue = "jobs"
max_batch_size = 5
max_retries = 0
dead_letter_queue = "dead"

[durable_objects]
bindings = [{ name = "COUNTER", class_name = "Counter" }, { name = "ROOM", class_name = "Room", script_name = "rooms" }]

[[migrations]]
tag = "v1"
new_classes = ["Old"]
new_sqlite_classes = ["Cntr"]
[[migrations]]
tag = "v2"
renamed_classes = [{ from = "Cntr", to = "Counter" }]
deleted_classes = ["Old"]

[assets]
directory = "./public"
binding = "ASSETS"
not_found_handling = "single-page-application"
run_worker_first = ["/api/*"]

[triggers]
crons = ["*/5 * * * *"]

[version_metadata]
binding = "VERSION"

[ai]
binding = "AI"

[[r2_buckets]]
binding = "BUCKET"
bucket_name = "b"

[[rules]]
type = "Text"
globs = ["**/*.md"]
fallthrough = true

[define]
X = "1"
`

const project = "\n-- src/index.ts --\nexport default {}\n-- public/index.html --\nhello\n"

// The same project in each format is the same Worker; only the places differ.
func TestFormats(t *testing.T) {
	for _, test := range []struct{ name, text, limits string }{
		{"wrangler.jsonc", everyFieldJSONC, `{"b":[1,2.5],"a":null}`},
		{"wrangler.json", everyFieldJSONC, `{"b":[1,2.5],"a":null}`},
		{"wrangler.toml", everyFieldTOML, `{"b":[1,2.5]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := fixtures.Folder(t, "-- "+test.name+" --\n"+test.text+project)
			cfg, findings, err := Load(dir, Options{})
			if err != nil || len(findings) > 0 {
				t.Fatalf("%v, findings %v", err, findings)
			}
			file := filepath.Join(dir, test.name)
			if cfg.Version.Bindings[0].At == "" || !strings.HasPrefix(cfg.Version.Bindings[0].At, test.name+":") || cfg.Routes[1].At.Line == 0 || cfg.Routes[1].At.File != file {
				t.Errorf("places %q, %v", cfg.Version.Bindings[0].At, cfg.Routes[1].At)
			}
			for i := range cfg.Version.Bindings {
				cfg.Version.Bindings[i].At = ""
			}
			for i := range cfg.Routes {
				cfg.Routes[i].At = Mark{}
			}
			cfg.Looked, cfg.At = nil, Mark{}
			want := &Config{
				File: file, Dir: dir, Name: "my-api", Main: filepath.Join(dir, "src", "index.ts"),
				Version: version.Version{
					Worker: "my-api", CompatibilityDate: "2026-03-22", CompatibilityFlags: []string{"nodejs_compat"},
					Bindings: []version.Binding{
						{Type: "assets", Name: "ASSETS"},
						{Type: "plain_text", Name: "TEAM_DOMAIN", Text: "https://acme.cloudflareaccess.com"},
						{Type: "json", Name: "LIMITS", JSON: []byte(test.limits)},
						{Type: "json", Name: "ON", JSON: []byte("true")},
						{Type: "service", Name: "AUTH", Service: "worker-b", Entrypoint: "Admin", Props: []byte(`{"z":1,"a":"x"}`)},
						{Type: "vpc_service", Name: "PRIVATE_API", ServiceID: "6ff42ae2-765d-4adf-8112-31c55c1551ef"},
						{Type: "vpc_network", Name: "NET", TunnelID: "abc123"},
						{Type: "vpc_network", Name: "ALL", NetworkID: "cf1:network"},
						{Type: "kv_namespace", Name: "KV", NamespaceID: "k1"},
						{Type: "kv_namespace", Name: "KV2", NamespaceID: "KV2"},
						{Type: "d1", Name: "DB", ID: "d1"},
						{Type: "queue", Name: "Q", QueueName: "jobs"},
						{Type: "durable_object_namespace", Name: "COUNTER", ClassName: "Counter"},
						{Type: "durable_object_namespace", Name: "ROOM", ClassName: "Room", ScriptName: "rooms"},
						{Type: "version_metadata", Name: "VERSION"},
						{Type: "r2_bucket", Name: "BUCKET"},
						{Type: "ai", Name: "AI"},
					},
					Classes:   []version.Class{{Name: "Counter", SQLite: true}},
					Assets:    &version.Assets{Dir: filepath.Join(dir, "public"), Config: []byte(`{"not_found_handling":"single-page-application","run_worker_first":["/api/*"]}`)},
					Crons:     []string{"*/5 * * * *"},
					Consumers: []version.Consumer{{Queue: "jobs", MaxBatchSize: 5, MaxRetries: -1, DeadLetterQueue: "dead"}},
				},
				WorkersDev: true,
				Routes: []Route{
					{Pattern: "example.com/api/*", Enabled: true},
					{Pattern: "*.example.com/x*", ZoneName: "example.com", Enabled: true},
					{Pattern: "api.example.com", CustomDomain: true, Enabled: true, Previews: true},
				},
				Bundling: Bundling{Minify: true, Rules: []Rule{{Type: "Text", Globs: []string{"**/*.md"}, Fallthrough: true}}, Alias: map[string]string{"a": "./b"}, Define: map[string]string{"X": "1"}},
				Read:     []string{file},
			}
			if diff := cmp.Diff(want, cfg); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Environments inherit some keys, and lose others.
func TestEnvironments(t *testing.T) {
	const text = `{
  "name": "api", "main": "a.js", "compatibility_date": "2026-03-22", "assets": {"binding": "ASSETS"}, "triggers": {"crons": ["* * * * *"]}, "routes": ["example.com/*"],
  "migrations": [{"tag": "v1", "new_sqlite_classes": ["C"]}],
  "vars": {"A": "top"}, "kv_namespaces": [{"binding": "KV"}], "define": {"X": "1"},
  "env": {
    "staging": {"vars": {"A": "staging"}, "routes": [], "workers_dev": true},
    "named": {"name": "other", "main": "b.js", "route": "example.org/*", "compatibility_date": "2026-04-01", "vars": {}, "kv_namespaces": [], "define": {}},
  }
}`
	type said struct {
		Name, Main, Date string
		Bindings, Routes []string
		Crons            []string
		Classes          int
		WorkersDev       bool
		Findings         []string
	}
	for _, test := range []struct {
		env  string
		want said
	}{
		{"", said{"api", "a.js", "2026-03-22", []string{"ASSETS", "A=top", "KV"}, []string{"example.com/*"}, []string{"* * * * *"}, 1, false, nil}},
		{"staging", said{"api-staging", "a.js", "2026-03-22", []string{"ASSETS", "A=staging"}, nil, []string{"* * * * *"}, 1, true, []string{
			"wrangler.jsonc:6:16: env.staging: env.staging has no define, and that of the top level is not inherited (write define in the environment too, if it is to have it)",
			"wrangler.jsonc:6:16: env.staging: env.staging has no kv_namespaces, and that of the top level is not inherited (write kv_namespaces in the environment too, if it is to have it)",
		}}},
		{"named", said{"other", "b.js", "2026-04-01", []string{"ASSETS"}, []string{"example.org/*"}, []string{"* * * * *"}, 1, false, []string{
			"wrangler.jsonc:7:118: env.named.vars: env.named.vars has no A, and that of the top level is not inherited (write A in the environment too, if it is to have it)",
		}}},
	} {
		t.Run(test.env, func(t *testing.T) {
			cfg, findings, err := parseText("wrangler.jsonc", []byte(text), Options{Env: test.env})
			if err != nil {
				t.Fatal(err)
			}
			got := said{Name: cfg.Name, Main: filepath.Base(cfg.Main), Date: cfg.Version.CompatibilityDate, Crons: cfg.Version.Crons, Classes: len(cfg.Version.Classes), WorkersDev: cfg.WorkersDev, Findings: lines(findings, "")}
			for _, b := range cfg.Version.Bindings {
				name := b.Name
				if b.Text != "" {
					name += "=" + b.Text
				}
				got.Bindings = append(got.Bindings, name)
			}
			for _, r := range cfg.Routes {
				got.Routes = append(got.Routes, r.Pattern)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEnvironmentIsNot(t *testing.T) {
	const text = `{"name": "api", "main": "a.js", "compatibility_date": "2026-03-22", "env": {"staging": {}, "production": {}}}`
	_, _, err := parseText("wrangler.jsonc", []byte(text), Options{Env: "stagin"})
	const want = `wrangler.jsonc:1:76: env: no environment "stagin"; allowed: one of production, staging (did you mean "staging"?)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// workers.dev and the Preview URLs are on or off as after a deploy.
func TestWorkersDevDefaults(t *testing.T) {
	for _, test := range []struct {
		keys           string
		dev, previewed bool
	}{
		{``, true, true},
		{`, "routes": ["example.com/*"]`, false, false},
		{`, "route": "example.com/*", "workers_dev": true`, true, true},
		{`, "workers_dev": false`, false, false},
		{`, "preview_urls": false`, true, false},
		{`, "routes": ["example.com/*"], "workers_dev": false, "preview_urls": true`, false, true},
		{`, "routes": []`, true, true},
	} {
		cfg, _, err := parseText("wrangler.json", []byte(`{"name": "a", "main": "a.js", "compatibility_date": "2026-03-22"`+test.keys+`}`), Options{})
		if err != nil || cfg.WorkersDev != test.dev || cfg.PreviewURLs != test.previewed {
			t.Errorf("%s: %v, %v, %v", test.keys, cfg.WorkersDev, cfg.PreviewURLs, err)
		}
	}
}

func TestModule(t *testing.T) {
	cfg := Module("worker-b", filepath.Join("x", "b.js"))
	if !filepath.IsAbs(cfg.Main) || cfg.Dir != filepath.Dir(cfg.Main) || cfg.Name != "worker-b" || !cfg.WorkersDev || cfg.Version.CompatibilityDate == "" {
		t.Errorf("%+v", cfg)
	}
}

// A file without a date runs as under wrangler dev, RPC included, although nothing would be deployed.
func TestNoDate(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a Worker", `{"name": "a", "main": "a.js"}`, ModuleDate},
		{"a Worker with a date", `{"name": "a", "main": "a.js", "compatibility_date": "2021-11-02"}`, "2021-11-02"},
		{"a Pages project", `{"name": "a", "pages_build_output_dir": "dist"}`, ""},
	} {
		cfg, _, err := parseText("wrangler.json", []byte(tt.text), Options{})
		if err != nil || cfg.Version.CompatibilityDate != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.name, cfg.Version.CompatibilityDate, err, tt.want)
		}
	}
}
