package bundle_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

const rulesProject = `
-- src/index.ts --
import page from "./page.html";
import text from "../text/a.txt";
import bin from "./data.bin";
import wasm from "./add.wasm?module";
import dep from "pkg/query.sql";
import json from "./x.json";
export default { fetch: () => new Response([page, text, bin, wasm, dep, json.a].join()) };
-- src/page.html --
<p>hi</p>
-- text/a.txt --
a
-- src/data.bin --
b
-- src/add.wasm --
c
-- src/x.json --
{"a": 1}
-- node_modules/pkg/package.json --
{"name": "pkg"}
-- node_modules/pkg/query.sql --
SELECT 1
`

func TestRules(t *testing.T) {
	r := build(t, project(t, rulesProject))
	got := map[string]version.Kind{}
	for _, m := range r.Version.Modules[1:] {
		got[m.Name] = m.Kind
		contains(t, mainModule(r), `from "./`+m.Name+`"`)
	}
	want := map[string]version.Kind{
		"9886720292a235daab50b816d7a165440b1b24ec-page.html": version.Text,
		"3f786850e387550fdab836ed7e6dc881de23001b-a.txt":     version.Text,
		"89e6c98d92887913cadf06b2adb97f26cde4849b-data.bin":  version.Data,
		"2b66fd261ee5c6cfc8de7fa466bab600bcfe4f69-add.wasm":  version.Wasm,
		"b381cee440378c2591cd8955a04e24b7b21642b2-query.sql": version.Text,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUserRulesComeFirst(t *testing.T) {
	c := project(t, `
-- index.js --
import a from "./a.md"; import b from "./b.txt";
export default { fetch: () => new Response(a + b) };
-- a.md --
a
-- b.txt --
b
`)
	c.Bundling.Rules = []wrangler.Rule{{Type: "Text", Globs: []string{"**/*.md"}}}
	_, errs := refused(t, c)
	contains(t, errs.Error(), `index.js:1:39: "./b.txt" matches the rule for Text "**/*.txt", which an earlier rule of that type hides: add "fallthrough": true`)
	c.Bundling.Rules[0].Fallthrough = true
	if n := len(build(t, c).Version.Modules); n != 3 {
		t.Errorf("%d modules, want 3", n)
	}
	c.Bundling.Rules[0].Type = "PythonModule"
	_, errs = refused(t, c)
	contains(t, errs.Error(), "Python Workers are not supported yet")
	c.Bundling.Rules[0].Type = "Txt"
	_, errs = refused(t, c)
	contains(t, errs.Error(), `a rule has the type "Txt"; there are`)
}

func TestMissingModuleOfARule(t *testing.T) {
	_, errs := refused(t, project(t, `
-- index.js --
export default { fetch: () => new Response(a) };
import a from "./gone.wasm";
`))
	if got, want := errs.Error(), `index.js:2:15: Could not resolve "./gone.wasm"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBareNameOfAFile(t *testing.T) {
	c := project(t, `
-- src/index.ts --
import "./lib/a";
export default { fetch: () => new Response("") };
-- src/lib/a.ts --
import text from "a.txt"; import other from "b.js";
console.log(text, other);
-- src/a.txt --
a
-- src/b.js --
`)
	r, errs := refused(t, c)
	contains(t, errs.Error(), `src/lib/a.ts:1:45: Could not resolve "b.js" (npm install b.js)`)
	fixtures.WriteFile(t, filepath.Join(c.Dir, "src/lib/b.js"), "")
	_, errs = refused(t, c)
	contains(t, errs.Error(), `Could not resolve "b.js" (write "./b.js": the file is beside this one)`)
	contains(t, r.Warnings[0].String(), `src/lib/a.ts:1:18: "a.txt" names a package; the file beside the main module is "./a.txt"`)
	fixtures.WriteFile(t, filepath.Join(c.Dir, "src/lib/a.ts"), `import text from "a.txt"; console.log(text)`)
	if ms := build(t, c).Version.Modules; len(ms) != 2 || ms[1].Name != "3f786850e387550fdab836ed7e6dc881de23001b-a.txt" {
		t.Errorf("%d modules", len(ms))
	}
}
