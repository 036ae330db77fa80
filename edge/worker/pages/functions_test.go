package pages_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/internal/workerdtest"
	"github.com/sundog-edge/sundog/edge/worker/version"
)

const functionsProject = `
-- functions/_middleware.ts --
const tag = (name: string) => async (context: any) => {
	context.data.seen = [...(context.data.seen ?? []), name + "@" + context.functionPath];
	const response = await context.next();
	response.headers.append("x-seen", name);
	return response;
};
export const onRequest = [tag("root"), tag("root2")][0];
-- functions/api/_middleware.ts --
export const onRequest = async (context) => {
	context.data.seen.push("api@" + context.functionPath);
	if (new URL(context.request.url).searchParams.has("throw")) { context.passThroughOnException(); throw new Error("boom") }
	return context.next();
};
-- functions/api/index.ts --
export const onRequest = (c) => Response.json(["index", c.data.seen, c.functionPath]);
-- functions/api/data.ts --
import { lib } from "../../lib/db";
export const onRequestGet = (c) => new Response("GET " + lib());
export const onRequestPost = async (c) => new Response("POST " + await c.request.text());
export const onRequest = (c) => new Response("any " + c.request.method);
-- functions/api/[id].ts --
export const onRequest = (c) => Response.json({ id: c.params.id, path: c.functionPath });
-- functions/api/[a]-[b].ts --
export const onRequest = (c) => Response.json(c.params);
-- functions/files/[[path]].js --
export const onRequest = (c) => Response.json(c.params);
-- functions/env.ts --
export const onRequest = ({ env }) => Response.json([env.CF_PAGES, env.CF_PAGES_BRANCH, env.CF_PAGES_COMMIT_SHA.length, env.CF_PAGES_URL, process.env.MYSERVICE_URL]);
-- functions/rewrite.js --
export const onRequest = (c) => c.next("/about");
-- functions/broken.js --
export const onRequest = () => "no response";
-- functions/helper.ts --
export const helper = 1;
-- lib/db.ts --
export const lib = () => "from lib";
-- dist/index.html --
home
-- dist/about.html --
about
-- dist/api/static.txt --
static
-- dist/404.html --
lost
`

func TestFunctions(t *testing.T) {
	workerdtest.Binary(t)
	p := project(t, functionsProject)
	r := build(t, p)
	r.Version.Bindings = append(r.Version.Bindings, version.Binding{Type: "plain_text", Name: "MYSERVICE_URL", Text: "https://internal"})
	url := workerdtest.Serve(t, r.Version)
	for _, c := range []struct{ method, path, want string }{
		{"GET", "/", "200 home"},
		{"GET", "/about", "200 about"},
		{"GET", "/about.html", "307 "},
		{"GET", "/nowhere", "404 lost"},
		{"GET", "/api", `200 ["index",["root@/","api@/api"],"/api"]`},
		{"GET", "/api/", `200 ["index",["root@/","api@/api/"],"/api/"]`},
		{"GET", "/api/data", "200 GET from lib"},
		{"GET", "/API/data", "200 GET from lib"},
		{"POST", "/api/data", "200 POST"},
		{"PUT", "/api/data", "200 any PUT"},
		{"GET", "/api/static.txt", `200 {"id":"static.txt","path":"/api/static.txt"}`},
		{"GET", "/api/42", `200 {"id":"42","path":"/api/42"}`},
		{"GET", "/api/a%20b", `200 {"id":"a%20b","path":"/api/a%20b"}`},
		{"GET", "/api/x-y", `200 {"a":"x","b":"y"}`},
		{"GET", "/api/x/y", "404 lost"},
		{"GET", "/files", `200 {}`},
		{"GET", "/files/a", `200 {"path":["a"]}`},
		{"GET", "/files/a/b/c", `200 {"path":["a","b","c"]}`},
		{"GET", "/api?throw", "404 lost"},
		{"GET", "/rewrite", "200 about"},
		{"GET", "/broken", "500 Internal Server Error"},
		{"GET", "/helper", "404 lost"},
		{"GET", "/functions/api/data.ts", "404 lost"},
		{"GET", "//api//data", "307 "},
	} {
		a := ask(t, c.method, url+c.path)
		if got := fmt.Sprintf("%d %s", a.status, a.body); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.method, c.path, got, c.want)
		}
	}
	if a := ask(t, "GET", url+"/about"); a.header.Get("X-Seen") != "root" || a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("headers %v", a.header)
	}
	a := ask(t, "GET", url+"/env")
	commit := ""
	for _, b := range r.Version.Bindings {
		if b.Name == "CF_PAGES_COMMIT_SHA" {
			commit = b.Text
		}
	}
	if want := `["1","main",40,"https://` + commit[:8] + `.site.pages.dev","https://internal"]`; a.body != want {
		t.Errorf("env: got %s, want %s", a.body, want)
	}
}

func TestFunctionsRoutes(t *testing.T) {
	p := project(t, strings.Replace(functionsProject, "functions/_middleware.ts", "lib/x.ts", 1))
	r := build(t, p)
	want := []string{"/api/*", "/files/*", "/broken", "/env", "/rewrite"}
	if diff := cmp.Diff(want, p.Routes().Include); diff != "" {
		t.Error(diff)
	}
	for path, runs := range map[string]bool{"/": false, "/api": true, "/api/x": true, "/apix": false, "/env/": true, "/about": false} {
		if got := p.Routes().RunsWorker(path); got != runs {
			t.Errorf("%s runs code: %t", path, got)
		}
	}
	var dirs []string
	for _, in := range r.Inputs {
		rel, err := filepath.Rel(p.Dir, in)
		if err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, filepath.ToSlash(rel))
	}
	all := strings.Join(dirs, " ")
	for _, in := range []string{"dist", "functions", "functions/api", "functions/api/data.ts", "lib/db.ts"} {
		contains(t, " "+all+" ", " "+in+" ")
	}
	if diff := cmp.Diff([]string{"default"}, r.Version.Exports); diff != "" {
		t.Error(diff)
	}
}

func TestFunctionsAreTheSameEveryTime(t *testing.T) {
	p := project(t, functionsProject)
	if diff := cmp.Diff(build(t, p), build(t, p)); diff != "" {
		t.Error(diff)
	}
}

func TestFunctionsProblems(t *testing.T) {
	for _, c := range []struct{ name, archive, want string }{
		{"syntax", "-- functions/api/x.ts --\nexport const onRequest = () => {\n  const x: = 1;\n};\n", `functions/api/x.ts:2:12: Unexpected "="`},
		{"import", "-- functions/x.ts --\nimport \"jose\";\nexport const onRequest = 1;\n", `functions/x.ts:1:8: Could not resolve "jose" (npm install jose)`},
		{"parameter", "-- functions/[a-b].ts --\nexport const onRequest = 1;\n", `functions/[a-b].ts: the parameter [a-b] has to be letters, digits and underscores`},
		{"two parameters", "-- functions/[a][b].ts --\nexport const onRequest = 1;\n", `between the parameters of "/:a:b" there has to be text`},
		{"part of a name", "-- functions/x[[a]].ts --\nexport const onRequest = 1;\n", `a parameter of any number of segments (:a*) has to be a whole name`},
	} {
		t.Run(c.name, func(t *testing.T) {
			contains(t, refused(t, project(t, c.archive)).Error(), c.want)
		})
	}
}

func TestFunctionsWarnings(t *testing.T) {
	r := build(t, project(t, `
-- functions/a.ts --
export const onRequestGET = 1; export const onRequest = () => new Response("a");
-- functions/a/index.ts --
export const onRequest = () => new Response("index");
`))
	if len(r.Warnings) != 2 {
		t.Fatalf("warnings %v", r.Warnings)
	}
	contains(t, r.Warnings[0].String(), `functions/a.ts: "onRequestGET" handles nothing`)
	contains(t, r.Warnings[1].String(), `functions/a/index.ts: it answers /a, and so does a.ts:onRequest, which is never run`)
	r = build(t, project(t, "-- functions/lib.ts --\nexport const x = 1;\n-- dist/index.html --\nx\n"))
	contains(t, r.Warnings[0].String(), "functions: no file in here exports a handler, so no function runs")
	if len(r.Version.Modules) != 0 {
		t.Error("a project without handlers has code")
	}
}

func TestOutputThatIsNotThere(t *testing.T) {
	p := project(t, "-- x --\n")
	p.Output = filepath.Join(p.Dir, "build")
	contains(t, refused(t, p).Error(), "build: the folder of static files is not there (build the site (npm run build)")
}

func TestHandlerThatThrows(t *testing.T) {
	url := workerdtest.Serve(t, build(t, project(t, `
-- functions/x.ts --
export const onRequest = () => { throw new Error("boom") };
`)).Version)
	if a := ask(t, http.MethodGet, url+"/x"); a.status != 500 {
		t.Errorf("status %d", a.status)
	}
}
