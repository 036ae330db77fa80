package bundle_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, archive, want string }{
		{"a package", `
-- src/index.ts --
import { jwtVerify } from "jose";
export default { fetch: () => jwtVerify() };
`, `src/index.ts:1:27: Could not resolve "jose" (npm install jose)`},
		{"a package with a scope, from a file that main imports", `
-- src/index.ts --
export { default } from "./lib/deep";
-- src/lib/deep.ts --
const é = "é"; import x from "@hono/zod/validate";
export default x;
`, `src/lib/deep.ts:1:30: Could not resolve "@hono/zod/validate" (npm install @hono/zod)`},
		{"a file", `
-- index.js --
import "./gone.js";
`, `index.js:1:8: Could not resolve "./gone.js"`},
		{"all at once", `
-- index.js --
import "one"; import "two";
export default {};
`, "index.js:1:8: Could not resolve \"one\" (npm install one)\nindex.js:1:22: Could not resolve \"two\" (npm install two)"},
		{"syntax", `
-- src/index.ts --
export default {
	async fetch(request: Request): Promise<Response> {
		const x: string = ;
	},
};
`, `src/index.ts:3:21: Unexpected ";"`},
		{"an import that the other file has not", `
-- index.js --
import { nope } from "./lib.js";
export default { fetch: () => nope };
-- lib.js --
export const yes = 1;
`, `index.js:1:10: No matching export in "lib.js" for import "nope"`},
		{"a module of Node.js that is none", `
-- index.js --
import "node:cryptoo";
export default {};
`, `index.js:1:8: Node.js has no built-in module "cryptoo": did you mean node:crypto?`},
		{"service-worker syntax", `
-- index.js --
const answer = () => new Response("hi");

  addEventListener("fetch", (event) => event.respondWith(answer()));
`, `index.js:3:3: the main module has the service-worker syntax (addEventListener), which is not supported: it has to be an ES module (export default { async fetch(request, env, ctx) { … } })`},
		{"nothing exported", `
-- index.js --
console.log(1);
`, `index.js: the main module exports nothing (export default { async fetch(request, env, ctx) { … } })`},
		{"CommonJS", `
-- index.js --
module.exports = { fetch() {} };
`, `index.js:1:1: the main module is CommonJS, which no Worker is (export default { async fetch(request, env, ctx) { … } })`},
		{"static files of a plugin", `
-- index.js --
import a from "assets:./static";
export default a;
`, `index.js:1:15: "assets:./static" is an import of static files, as plugins of Pages have it, which is not supported yet`},
		{"Python", `
-- main.py --
def on_fetch(request): pass
`, `main.py: Python Workers are not supported yet: the main module has to be JavaScript or TypeScript`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, errs := refused(t, project(t, c.archive))
			if diff := cmp.Diff(c.want, errs.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMainThatIsNotThere(t *testing.T) {
	c := project(t, twoFiles)
	c.Main = "src/gone.ts"
	r, errs := refused(t, c)
	contains(t, errs.Error(), "src/gone.ts: the main module is not there")
	contains(t, strings.Join(r.Inputs, "\n"), filepath.Join("src", "gone.ts"))
	c.Main = "src"
	_, errs = refused(t, c)
	contains(t, errs.Error(), "src: the main module is a folder")
}

func TestInputsBesideErrors(t *testing.T) {
	r, _ := refused(t, project(t, `
-- src/index.ts --
export { default } from "./broken";
-- src/broken.ts --
export default {
`))
	if r.Version != nil || len(r.Inputs) != 2 {
		t.Errorf("inputs %v, version %v", r.Inputs, r.Version)
	}
}

func TestFoldersOfWhatIsMissingAreInputs(t *testing.T) {
	c := project(t, `
-- src/index.ts --
import "../lib/gone"; import "../nowhere/gone";
-- lib/here.ts --
`)
	r, _ := refused(t, c)
	want := []string{filepath.Join(c.Dir, "lib"), filepath.Join(c.Dir, "src/index.ts")}
	if diff := cmp.Diff(want, r.Inputs); diff != "" {
		t.Error(diff)
	}
}

func TestDurableObjectClassIsExported(t *testing.T) {
	c := project(t, `
-- index.js --
export class Room {}
export default {};
`)
	c.Version.Bindings = []version.Binding{
		{Type: "durable_object_namespace", Name: "ROOM", ClassName: "Rooms", At: "wrangler.jsonc:9"},
		{Type: "durable_object_namespace", Name: "OTHER", ClassName: "Far", ScriptName: "another"},
	}
	_, errs := refused(t, c)
	if len(errs) != 1 {
		t.Errorf("%d errors", len(errs))
	}
	contains(t, errs.Error(), `index.js: the class "Rooms" is not exported, and a Durable Object is made of it (did you mean Room? the wrangler file names it at wrangler.jsonc:9)`)
}

func TestDetail(t *testing.T) {
	_, errs := refused(t, project(t, `
-- index.js --
	const a = 1; import "jose";
export default {};
`))
	want := `index.js:1:22: Could not resolve "jose"
     const a = 1; import "jose";
                         ^~~~~~
  npm install jose`
	if diff := cmp.Diff(want, errs[0].Detail()); diff != "" {
		t.Error(diff)
	}
	if got := (bundle.Problem{Text: "alone"}).Detail(); got != "alone" {
		t.Error(got)
	}
}

func TestWarnings(t *testing.T) {
	r := build(t, project(t, `
-- index.js --
import "./a.css";
export default { fetch: (r) => r == -0 };
-- a.css --
p { color: red }
`))
	if len(r.Warnings) != 2 {
		t.Fatalf("%d warnings: %v", len(r.Warnings), r.Warnings)
	}
	contains(t, r.Warnings[0].String(), "index.js:2:37: Comparison with -0")
	contains(t, r.Warnings[1].String(), "style sheets that code imports are in no Worker: index.css is dropped")
}

func TestNoBundle(t *testing.T) {
	c := project(t, `
-- dist/index.js --
import { a } from "./lib/a.mjs";
import text from "./t.txt";
export default { fetch: () => new Response(a + text) };
-- dist/lib/a.mjs --
export const a = 1;
-- dist/t.txt --
t
-- dist/.wrangler/tmp.txt --
no
-- dist/readme.md --
no
`)
	c.Bundling = wrangler.Bundling{NoBundle: true, FindAdditional: true, Rules: []wrangler.Rule{{Type: "ESModule", Globs: []string{"**/*.mjs"}}}}
	r := build(t, c)
	var got []string
	for _, m := range r.Version.Modules {
		got = append(got, m.Name+" "+string(m.Kind))
	}
	if diff := cmp.Diff([]string{"index.js esm", "lib/a.mjs esm", "t.txt text"}, got); diff != "" {
		t.Error(diff)
	}
	contains(t, mainModule(r), `import { a } from "./lib/a.mjs";`)
	if diff := cmp.Diff([]string{"default"}, r.Version.Exports); diff != "" {
		t.Error(diff)
	}
	fixtures.WriteFile(t, filepath.Join(c.Dir, "dist/index.js"), "export default {};\n//# sourceMappingURL=index.js.map\n")
	if r := build(t, c); r.Version.SourceMap != nil {
		t.Error("a source map that is not there")
	}
	fixtures.WriteFile(t, filepath.Join(c.Dir, "dist/index.js.map"), `{"version": 3}`)
	r = build(t, c)
	if string(r.Version.SourceMap) != `{"version": 3}` {
		t.Errorf("source map %s", r.Version.SourceMap)
	}
	contains(t, strings.Join(r.Inputs, "\n"), "index.js.map")
	c.Bundling.BaseDir = "."
	if name := build(t, c).Version.Modules[0].Name; name != "dist/index.js" {
		t.Errorf("main module %s", name)
	}
	c.Bundling.BaseDir = "dist/lib"
	_, errs := refused(t, c)
	contains(t, errs.Error(), "the main module is not below base_dir, dist/lib")

	c.Bundling.BaseDir, c.Main = "", "dist/lib/a.mjs"
	fixtures.WriteFile(t, filepath.Join(c.Dir, "dist/lib/a.mjs"), "export const = 1")
	_, errs = refused(t, c)
	contains(t, errs.Error(), `dist/lib/a.mjs:1:14: Expected identifier`)
	c.Main = "src/index.ts"
	fixtures.WriteFile(t, filepath.Join(c.Dir, "src/index.ts"), "export default {}")
	_, errs = refused(t, c)
	contains(t, errs.Error(), "with no_bundle the main module has to be JavaScript")
}

func TestFindAdditionalModules(t *testing.T) {
	c := project(t, `
-- src/index.js --
import text from "./texts/a.txt";
import { lazy } from "./lib.js";
export default { fetch: async (r) => new Response(text + lazy + (await import("./lang/" + r)).default) };
-- src/lib.js --
export const lazy = 1;
-- src/lang/de.mjs --
export default "Hallo";
-- src/texts/a.txt --
a
`)
	c.Bundling.FindAdditional = true
	c.Bundling.Rules = []wrangler.Rule{{Type: "ESModule", Globs: []string{"lang/*.mjs"}}}
	r := build(t, c)
	var got []string
	for _, m := range r.Version.Modules {
		got = append(got, m.Name)
	}
	if diff := cmp.Diff([]string{"index.js", "lang/de.mjs", "texts/a.txt"}, got); diff != "" {
		t.Error(diff)
	}
	contains(t, mainModule(r), `from "./texts/a.txt"`)
	contains(t, mainModule(r), `lazy = 1`)
}
