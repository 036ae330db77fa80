package pages_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/internal/workerdtest"
	"github.com/sundog-edge/sundog/edge/worker/pages"
	"github.com/sundog-edge/sundog/edge/worker/version"
)

func uploaded() pages.Upload {
	return pages.Upload{
		Project: "shop",
		Files:   []version.File{{Path: "/index.html", ContentType: "text/html", Content: []byte("home")}},
		Routes:  []byte(`{"version": 1, "include": ["/api/*"], "exclude": ["/api/static/*"]}`),
		Headers: []byte("/*\n  X-Site: shop\nnonsense\n"),
		Code: version.Version{
			CompatibilityDate: "2026-11-01", SourceMap: []byte("{}"),
			Bindings: []version.Binding{{Type: "plain_text", Name: "CF_PAGES_BRANCH", Text: "mine"}},
			Modules: []version.Module{
				{Name: "routes.js", Kind: version.ESModule, Content: []byte(`import t from "./t.txt"; export class Named {}; export default { fetch: (r, env) => new Response(t + env.CF_PAGES_BRANCH) }`)},
				{Name: "t.txt", Kind: version.Text, Content: []byte("code ")},
			},
		},
		Deployment: pages.Deployment{Branch: "feature", Commit: "0123456789abcdef"},
	}
}

func TestFromUpload(t *testing.T) {
	u := uploaded()
	v, routes, warnings, err := pages.FromUpload(u)
	if err != nil {
		t.Fatal(err)
	}
	if !routes.RunsWorker("/api") || routes.RunsWorker("/api/static/x") || routes.RunsWorker("/") {
		t.Error("the rules are not those of the upload")
	}
	if len(warnings) != 1 || warnings[0].At() != "_headers:3:1" {
		t.Errorf("warnings %v", warnings)
	}
	if v.Modules[0].Name != "_routes.js" || v.SourceMap != nil || len(u.Code.Modules) != 2 || v.Worker != "shop" {
		t.Errorf("modules %v", v.Modules)
	}
	env := map[string]string{}
	for _, b := range v.Bindings {
		env[b.Name] = b.Text
	}
	if env["CF_PAGES_BRANCH"] != "mine" || env["CF_PAGES_URL"] != "https://01234567.shop.pages.dev" || env["CF_PAGES"] != "1" {
		t.Errorf("bindings %v", env)
	}
	var config map[string]any
	if err := json.Unmarshal(v.Assets.Config, &config); err != nil {
		t.Fatal(err)
	}
	if config["not_found_handling"] != "single-page-application" || config["run_worker_first"] != true {
		t.Errorf("config %v", config)
	}
	contains(t, config["headers"].(string), "X-Site: shop")
}

func TestFromUploadRuns(t *testing.T) {
	workerdtest.Binary(t)
	v, _, _, err := pages.FromUpload(uploaded())
	if err != nil {
		t.Fatal(err)
	}
	v.Assets.Dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(v.Assets.Dir, "index.html"), []byte("home"), 0o666); err != nil {
		t.Fatal(err)
	}
	url := workerdtest.Serve(t, v)
	for path, want := range map[string]string{"/": "home", "/api/x": "code mine", "/api/static/x": "home"} {
		if a := ask(t, "GET", url+path); a.body != want || a.status != 200 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestFromUploadErrors(t *testing.T) {
	u := uploaded()
	u.Routes = []byte(`{"version": 1, "include": ["api"], "exclude": []}`)
	if _, _, _, err := pages.FromUpload(u); err == nil || err.Error() != `_routes.json:1:28: the rule "api" has to begin with a slash` {
		t.Error(err)
	}
	u.Code.Modules = nil
	v, routes, _, err := pages.FromUpload(u)
	if err != nil || routes != nil || len(v.Bindings) != 1 {
		t.Errorf("static files alone: %v, %v, %v", v, routes, err)
	}
}

func FuzzFromUpload(f *testing.F) {
	f.Add([]byte(`{"version": 1, "include": ["/*"], "exclude": []}`), []byte("/*\n X: y\n ! z\n"), []byte("/a /b 301\n/* /index.html 200\n"))
	f.Add([]byte(`{"version": 1, "include": ["/a*b/*", "/x/"], "exclude": ["/.*"]}`), []byte("https://:p.pages.dev/*\n  a: :p\n"), []byte("/:a/* https://x/:a/:splat # c\n"))
	f.Add([]byte(`{"include": [1, "]"], "exclude": {}, "version": "1"} x`), []byte("\xff\x00:\n/"), []byte("a b c d\n\n\t \r\n"))
	f.Add([]byte(`[]`), []byte(nil), []byte("https://a:1/ / 200"))
	f.Fuzz(func(t *testing.T, routes, headers, redirects []byte) {
		u := uploaded()
		u.Routes, u.Headers, u.Redirects = routes, headers, redirects
		v, rules, warnings, err := pages.FromUpload(u)
		if err != nil {
			return
		}
		for _, w := range warnings {
			if w.Line < 1 || w.Column < 1 || w.Text == "" || w.Line > 1+bytes.Count(headers, []byte("\n"))+bytes.Count(redirects, []byte("\n")) {
				t.Errorf("warning %+v", w)
			}
		}
		if !json.Valid(v.Assets.Config) {
			t.Errorf("config %s", v.Assets.Config)
		}
		if rules != nil && len(rules.Include) == 0 {
			t.Error("rules that include nothing")
		}
		rules.RunsWorker("/api")
	})
}
