package pages_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/internal/workerdtest"
	"github.com/sundog-edge/sundog/edge/worker/pages"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

const rules = `
-- dist/_routes.json --
{"version": 1, "include": ["/api/*", "/about"], "exclude": ["/api/static/*"]}
`

const statics = `
-- dist/index.html --
home
-- dist/about.html --
about
-- dist/api/static/x.txt --
x
`

// astro is the shape of what a site generator writes: a folder with an entry and chunks.
const astro = `
-- dist/_worker.js/index.js --
import { handler } from "./chunks/api_data.mjs";
import query from "./query.sql";
export const pageMap = new Map();
export default { fetch: (request, env) => new URL(request.url).pathname.startsWith("/api") ? handler({ request, env }) : env.ASSETS.fetch(request) };
-- dist/_worker.js/query.sql --
SELECT 1
-- dist/_worker.js/chunks/api_data.mjs --
import { getServiceUrl } from "../lib.mjs";
export const handler = async ({ request }) => {
	const lazy = await import("./lazy.mjs");
	return new Response(request.method + " " + getServiceUrl() + " " + lazy.default);
};
-- dist/_worker.js/chunks/lazy.mjs --
export default "lazy";
-- dist/_worker.js/lib.mjs --
export const getServiceUrl = () => process.env.MYSERVICE_URL ?? "http://localhost:8080";
`

func TestWorkerFile(t *testing.T) {
	workerdtest.Binary(t)
	const code = `
-- dist/_worker.js --
import { lib } from "../src/lib";
export class Named {}
export default { fetch: (request, env) => new Response("code " + lib + new URL(request.url).pathname) };
-- src/lib.ts --
export const lib: string = "lib ";
-- functions/api/data.ts --
export const onRequest = () => new Response("never run");
`
	for _, c := range []struct {
		name, archive string
		want          map[string]string
	}{
		{"alone", code + statics, map[string]string{"/": "code lib /", "/api/static/x.txt": "code lib /api/static/x.txt"}},
		{"with rules", code + statics + rules, map[string]string{"/": "home", "/about": "code lib /about", "/api": "code lib /api", "/api/static/x.txt": "x", "/nowhere": "home", "/_worker.js": "home"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := build(t, project(t, c.archive))
			if diff := cmp.Diff([]string{"Named", "default"}, r.Version.Exports); diff != "" {
				t.Error(diff)
			}
			url := workerdtest.Serve(t, r.Version)
			for path, want := range c.want {
				if a := ask(t, "GET", url+path); a.body != want {
					t.Errorf("%s: got %d %s, want %s", path, a.status, a.body, want)
				}
			}
		})
	}
}

func TestWorkerFolder(t *testing.T) {
	workerdtest.Binary(t)
	for _, archive := range []string{astro + statics, astro + statics + rules} {
		r := build(t, project(t, archive))
		if !strings.Contains(string(r.Version.SourceMap), `dist/_worker.js/index.js"`) {
			t.Errorf("the source map has no index.js: %s", r.Version.SourceMap)
		}
		r.Version.Bindings = append(r.Version.Bindings, version.Binding{Type: "plain_text", Name: "MYSERVICE_URL", Text: "https://myservice-internal.example.com"})
		url := workerdtest.Serve(t, r.Version)
		if a := ask(t, "POST", url+"/api/data"); a.body != "POST https://myservice-internal.example.com lazy" {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a := ask(t, "GET", url+"/"); a.body != "home" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	p := project(t, "-- dist/_worker.js/main.js --\nexport default {}\n")
	contains(t, refused(t, p).Error(), "dist/_worker.js/index.js: the main module is not there")
}

func TestStaticFilesAlone(t *testing.T) {
	workerdtest.Binary(t)
	r := build(t, project(t, `
-- dist/_headers --
/static/*
  X-Static: yes
/about
  ! X-Content-Type-Options
-- dist/_redirects --
/old /about 301
/blog/* /news/:splat
/u/:name /profile?n=:name 303
/app/* /index.html 200
/rewrite /about 200
-- dist/index.html --
home
-- dist/about.html --
about
-- dist/static/a.css --
p {}
-- dist/nested/index.html --
nested
-- dist/node_modules/x.js --
hidden
-- dist/.well-known/x.txt --
well known
`))
	if len(r.Version.Modules) != 0 || r.Version.Bindings != nil {
		t.Error("there is code")
	}
	url := workerdtest.Serve(t, r.Version)
	for _, c := range []struct{ path, want, header, value string }{
		{"/", "200 home", "Content-Type", "text/html"},
		{"/about", "200 about", "Referrer-Policy", "strict-origin-when-cross-origin"},
		{"/about", "200 about", "X-Content-Type-Options", ""},
		{"/nested/", "200 nested", "", ""},
		{"/nested", "307 ", "Location", "/nested/"},
		{"/static/a.css", "200 p {}", "X-Static", "yes"},
		{"/static/a.css", "200 p {}", "Content-Type", "text/css"},
		{"/old", "301 ", "Location", "/about"},
		{"/blog/a/b", "302 ", "Location", "/news/a/b"},
		{"/u/ann", "303 ", "Location", "/profile?n=ann"},
		{"/rewrite", "200 about", "", ""},
		{"/deep/link", "200 home", "", ""},
		{"/_headers", "200 home", "", ""},
		{"/node_modules/x.js", "200 home", "", ""},
		{"/.well-known/x.txt", "200 well known", "", ""},
	} {
		a := ask(t, "GET", url+c.path)
		if got := fmt.Sprintf("%d %s", a.status, a.body); got != c.want {
			t.Errorf("%s: got %s, want %s", c.path, got, c.want)
		}
		if got := a.header.Get(c.header); c.header != "" && got != c.value && got != c.value+"; charset=utf-8" {
			t.Errorf("%s: header %s: %q, want %q", c.path, c.header, got, c.value)
		}
	}
	if a := ask(t, "GET", url+"/"); a.header.Get("ETag") == "" {
		t.Error("no ETag")
	}
}

func TestLoad(t *testing.T) {
	base := project(t, "-- functions/x.js --\nexport const onRequest = ({ env }) => new Response(env.WHERE)\n")
	vars := func(value string) version.Version {
		return version.Version{CompatibilityDate: "2026-10-01", Bindings: []version.Binding{{Type: "plain_text", Name: "WHERE", Text: value}}}
	}
	preview := vars("preview")
	c := &wrangler.Config{Dir: base.Dir, Output: base.Output, Name: "shop", Version: vars("production"), Preview: &preview}
	p, err := pages.Load(c)
	if err != nil {
		t.Fatal(err)
	}
	var b bundle.Builder
	defer b.Close()
	p.Builder = &b
	for _, isPreview := range []bool{false, true} {
		p.Deployment.Preview = isPreview
		v := build(t, p).Version
		if want := map[bool]string{false: "production", true: "preview"}[isPreview]; v.Bindings[0].Text != want || v.Worker != "shop" || v.CompatibilityDate != "2026-10-01" {
			t.Errorf("version %s %s %v", v.Worker, v.CompatibilityDate, v.Bindings)
		}
	}
	if len(c.Version.Bindings) != 1 {
		t.Error("the config was written to")
	}
	c.Output = ""
	if _, err := pages.Load(c); err == nil {
		t.Error("a Worker's file is a Pages project")
	}
}

func TestBuildSeesANewFunction(t *testing.T) {
	p := project(t, "-- functions/a.js --\nexport const onRequest = () => new Response('a')\n")
	var b bundle.Builder
	defer b.Close()
	p.Builder = &b
	build(t, p)
	fixtures.WriteFile(t, filepath.Join(p.Dir, "functions/b.js"), "export const onRequest = () => new Response('b')\n")
	contains(t, string(build(t, p).Version.Modules[0].Content), `new Response("b")`)
	if !p.Routes().RunsWorker("/b") {
		t.Error("the rules have no /b")
	}
}

func TestNotFoundPages(t *testing.T) {
	workerdtest.Binary(t)
	r := build(t, project(t, `
-- dist/404.html --
lost
-- dist/docs/404.html --
lost in docs
-- dist/docs/index.html --
docs
`))
	url := workerdtest.Serve(t, r.Version)
	for path, want := range map[string]string{"/x": "404 lost", "/docs/x": "404 lost in docs", "/docs/x/y": "404 lost in docs", "/docs/": "200 docs", "/": "404 lost"} {
		if a := ask(t, "GET", url+path); fmt.Sprintf("%d %s", a.status, a.body) != want {
			t.Errorf("%s: got %d %s, want %s", path, a.status, a.body, want)
		}
	}
	if a := ask(t, "POST", url+"/docs/"); a.status != 405 {
		t.Errorf("POST: %d", a.status)
	}
}

func TestUsualHeaders(t *testing.T) {
	workerdtest.Binary(t)
	r := build(t, project(t, `
-- dist/_headers --
/fonts/*
  Access-Control-Allow-Origin: https://example.com
  Referrer-Policy: no-referrer
/plain
  ! Access-Control-Allow-Origin
/*
  Referrer-Policy: same-origin
  X-Mine: 1
-- dist/index.html --
home
-- dist/plain.html --
plain
-- dist/fonts/a.css --
p {}
`))
	url := workerdtest.Serve(t, r.Version)
	for path, want := range map[string][4]string{
		"/":            {"*", "same-origin", "nosniff", "1"},
		"/plain":       {"", "same-origin", "nosniff", "1"},
		"/fonts/a.css": {"https://example.com", "same-origin, no-referrer", "nosniff", "1"},
	} {
		h := ask(t, "GET", url+path).header
		join := func(name string) string { return strings.Join(h.Values(name), ", ") }
		got := [4]string{join("Access-Control-Allow-Origin"), join("Referrer-Policy"), join("X-Content-Type-Options"), join("X-Mine")}
		if got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}
