package pages_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/internal/workerdtest"
	"github.com/sundog-edge/sundog/edge/worker/version"
)

// The functions answer as those that wrangler compiles from the same folder.
func TestFunctionsAnswerAsWranglersDo(t *testing.T) {
	workerdtest.Binary(t)
	p := project(t, functionsProject+`
-- functions/users/[id]/[post].ts --
export const onRequest = (c) => Response.json([c.params, c.functionPath]);
-- functions/users/[id]/_middleware.ts --
export const onRequestGet = async (c) => { c.data = { user: c.params.id }; const r = await c.next(); r.headers.set("x-user", c.data.user + c.functionPath); return r };
-- functions/users/new.ts --
export const onRequestHead = () => new Response(null, { status: 204 });
export const onRequestOptions = () => new Response("options", { headers: { allow: "HEAD" } });
-- functions/body.ts --
export const onRequestPost = async (c) => { const r = await c.next("/echo", { method: "POST", body: "changed" }); return r };
-- functions/chain/_middleware.ts --
const one = async (c) => new Response("1" + await (await c.next()).text()); const two = async (c) => new Response("2" + await (await c.next()).text());
export const onRequest = [one, two];
-- functions/chain/x.ts --
export const onRequest = [(c) => c.next(), () => new Response("x")];
-- functions/data.ts --
export const onRequest = (c) => { c.data = 1; return new Response() };
`)
	workerdtest.Wrangler(t, p.Dir, "pages", "functions", "build", "--outdir", "out", "--compatibility-date", "2026-11-01")
	code, err := os.ReadFile(filepath.Join(p.Dir, "out/index.js"))
	if err != nil {
		t.Fatal(err)
	}
	ours := build(t, p).Version
	theirs := *ours
	theirs.Modules = []version.Module{{Name: "index.js", Kind: version.ESModule, Content: code}}

	ourURL, theirURL := workerdtest.Serve(t, ours), workerdtest.Serve(t, &theirs)
	say := func(method, base, path string) string {
		a := ask(t, method, base+path)
		return fmt.Sprint(a.status, a.body, a.header["X-Seen"], a.header["X-User"], a.header["Location"], a.header["Content-Type"])
	}
	for _, path := range []string{
		"/", "/about", "/about/", "/about.html", "/nowhere", "/api", "/api/", "/API", "/api//", "//api", "//api//data", "/api/data", "/api/data/", "/api/data//",
		"/api/42", "/api/a%20b", "/api/a%2Fb", "/api/x-y", "/api/x-y-z", "/api/-", "/api/x/y", "/api?throw", "/api/42?throw", "/api/static.txt",
		"/files", "/files/", "/files/a", "/files/a/b", "/files/a//b", "/files//", "/env", "/rewrite", "/broken", "/helper", "/users", "/users/1", "/users/new",
		"/users/1/2", "/users//1/2", "/users/1/2/", "/users/1/2/3", "/body", "/chain/x", "/chain/x/", "/chain", "/chain/y", "/data", "/index", "/_middleware", "/api/[id]", "/%61pi/data",
	} {
		for _, method := range []string{"GET", "POST", "HEAD", "OPTIONS", "DELETE"} {
			if diff := cmp.Diff(say(method, theirURL, path), say(method, ourURL, path)); diff != "" {
				t.Errorf("%s %s: %s", method, path, diff)
			}
		}
	}
}
