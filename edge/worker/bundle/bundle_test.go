package bundle_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

const twoFiles = `
-- src/index.ts --
import { greet } from "./greet";
export interface Env { NAME: string }
export class Admin { hello() { return greet("admin") } }
export default {
	async fetch(_: Request, env: Env): Promise<Response> { return new Response(greet(env.NAME)) },
};
-- src/greet.ts --
export const greet = (name: string): string => "Hello, " + name;
-- package.json --
{"name": "w"}
-- tsconfig.json --
{"compilerOptions": {"strict": true}}
`

func TestBuild(t *testing.T) {
	c := project(t, twoFiles)
	r := build(t, c)
	code := mainModule(r)
	contains(t, code, `"Hello, " + name`)
	contains(t, code, "// src/greet.ts")
	contains(t, code, `__name(this, "Admin")`)
	if diff := cmp.Diff([]string{"Admin", "default"}, r.Version.Exports); diff != "" {
		t.Error(diff)
	}
	m := r.Version.Modules[0]
	if m.Name != "index.js" || m.Kind != version.ESModule {
		t.Errorf("main module %s %s", m.Name, m.Kind)
	}
	var sourceMap struct {
		Version int
		Sources []string
	}
	if err := json.Unmarshal(r.Version.SourceMap, &sourceMap); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"src/greet.ts", "src/index.ts"}, sourceMap.Sources); diff != "" {
		t.Error(diff)
	}
	var inputs []string
	for _, in := range r.Inputs {
		rel, err := filepath.Rel(c.Dir, in)
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, filepath.ToSlash(rel))
	}
	if diff := cmp.Diff([]string{"package.json", "src/greet.ts", "src/index.ts", "tsconfig.json"}, inputs); diff != "" {
		t.Error(diff)
	}
	if r.Version.Worker != "w" || c.Version.Modules != nil {
		t.Error("the version is the config's own, and the config is not written to")
	}
}

func TestBuildIsTheSameEveryTime(t *testing.T) {
	c := project(t, rulesProject)
	first := build(t, c)
	for range 3 {
		if diff := cmp.Diff(first, build(t, c)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestAssetsAloneHaveNoModules(t *testing.T) {
	c := project(t, twoFiles)
	c.Main = ""
	if r := build(t, c); r.Version.Modules != nil || r.Version.Worker != "w" {
		t.Errorf("%+v", r.Version)
	}
}

func TestDefines(t *testing.T) {
	c := project(t, `
-- index.js --
export default { fetch() { return new Response([process.env.NODE_ENV, navigator.userAgent, STAGE].join()) } }
`)
	c.Bundling.Define = map[string]string{"STAGE": `"blue"`}
	contains(t, mainModule(build(t, c)), `["production", "Cloudflare-Workers", "blue"]`)
	c.Version.CompatibilityDate = "2022-03-20"
	contains(t, mainModule(build(t, c)), `navigator.userAgent`)
	c.Version.CompatibilityFlags = []string{"global_navigator"}
	contains(t, mainModule(build(t, c)), `"Cloudflare-Workers"`)
}

func TestMinify(t *testing.T) {
	c := project(t, twoFiles)
	c.Bundling.Minify, c.Bundling.KeepNames = true, false
	if code := mainModule(build(t, c)); strings.Contains(code, "greet") || strings.Count(code, "\n") > 1 {
		t.Errorf("not minified:\n%s", code)
	}
}

func TestJSXInPlainJavaScript(t *testing.T) {
	c := project(t, `
-- index.js --
/** @jsx h */
const h = (tag, _, ...inner) => "<" + tag + ">" + inner.join("") + "</" + tag + ">";
export default { fetch() { return new Response(<p>hi</p>) } }
`)
	contains(t, mainModule(build(t, c)), `h("p", null, "hi")`)
}

func TestTSConfigPaths(t *testing.T) {
	c := project(t, `
-- src/index.ts --
import { getDbUrl } from '@/lib/db-client';
export default { fetch: () => new Response(getDbUrl()) };
-- src/lib/db-client.ts --
export function getDbUrl(): string { return process.env.DATABASE_INTERNAL_URL ?? 'http://localhost:5432' }
-- tsconfig.worker.json --
{"compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["src/*"]}}}
`)
	_, errs := refused(t, c)
	contains(t, errs[0].Hint, `"paths" of tsconfig.json`)
	c.Bundling.TSConfig = "tsconfig.worker.json"
	r := build(t, c)
	contains(t, mainModule(r), "process.env.DATABASE_INTERNAL_URL")
	if in := r.Inputs[len(r.Inputs)-1]; filepath.Base(in) != "tsconfig.worker.json" {
		t.Errorf("the last input is %s", in)
	}
}

func TestPackageConditions(t *testing.T) {
	c := project(t, `
-- index.js --
import which from "pkg";
export default { fetch: () => new Response(which) };
-- node_modules/pkg/package.json --
{"name": "pkg", "exports": {".": {"node": "./node.js", "workerd": "./workerd.js", "default": "./other.js"}}}
-- node_modules/pkg/node.js --
export default "node";
-- node_modules/pkg/workerd.js --
export default "workerd";
-- node_modules/pkg/other.js --
export default "other";
`)
	r := build(t, c)
	contains(t, mainModule(r), `"workerd"`)
	contains(t, strings.Join(r.Inputs, "\n"), filepath.Join("node_modules", "pkg", "package.json"))
	other := bundle.Builder{Conditions: []string{}}
	defer other.Close()
	r, err := other.Build(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, mainModule(r), `"other"`)
}

func TestAlias(t *testing.T) {
	c := project(t, `
-- index.js --
import a from "lib"; import { b } from "deep/lib"; import f from "files";
export default { fetch: () => new Response(a + b + f) };
-- mine.js --
export default "mine"; export const b = 1;
`)
	c.Bundling.Alias = map[string]string{"lib": "./mine.js", "deep/lib": "./mine.js", "files": "node:fs"}
	code := mainModule(build(t, c))
	contains(t, code, `"mine"`)
	contains(t, code, `from "node:fs"`)
	c.Bundling.Alias["lib"] = "./gone.js"
	_, errs := refused(t, c)
	contains(t, errs[0].String(), `index.js:1:15: "lib" is an alias of "./gone.js", which cannot be resolved`)
}

func TestRuntimeModulesStayImports(t *testing.T) {
	c := project(t, `
-- index.js --
import { WorkerEntrypoint } from "cloudflare:workers";
import { connect } from "cloudflare:sockets";
import unsafe from "workerd:unsafe";
export class A extends WorkerEntrypoint {}
export default { fetch: () => new Response(typeof connect + typeof unsafe) };
`)
	code := mainModule(build(t, c))
	for _, name := range []string{"cloudflare:workers", "cloudflare:sockets", "workerd:unsafe"} {
		contains(t, code, `from "`+name+`"`)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := bundle.Build(ctx, project(t, twoFiles)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestCancelledWhileItBuilds(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var b bundle.Builder
	defer b.Close()
	c := project(t, twoFiles)
	for i := range 30 {
		ctx, cancel := context.WithCancel(context.Background())
		if i%3 == 0 {
			go cancel()
		}
		r, err := b.Build(ctx, c)
		if err != nil && !errors.Is(err, context.Canceled) || err == nil && r.Version == nil || i%3 != 0 && err != nil {
			t.Fatalf("build %d: %v", i, err)
		}
		cancel()
	}
}

func TestBuilderSeesWhatChanged(t *testing.T) {
	var b bundle.Builder
	defer b.Close()
	c := project(t, rulesProject)
	ctx := context.Background()
	first, err := b.Build(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Build(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("nothing changed, but: %s", diff)
	}

	fixtures.WriteFile(t, filepath.Join(c.Dir, "src/page.html"), "<p>new</p>")
	fixtures.WriteFile(t, filepath.Join(c.Dir, "src/index.ts"), `import page from "./page.html"; export class New {}; export default { fetch: () => new Response(page) }`)
	changed, err := b.Build(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(build(t, c), changed); diff != "" {
		t.Errorf("a change is built as afresh: %s", diff)
	}
	if len(changed.Version.Modules) != 2 || string(changed.Version.Modules[1].Content) != "<p>new</p>" {
		t.Errorf("modules %v", changed.Version.Modules)
	}

	fixtures.WriteFile(t, filepath.Join(c.Dir, "src/index.ts"), `export default {`)
	if _, err := b.Build(ctx, c); err == nil {
		t.Error("a broken file builds")
	}
	os.Remove(filepath.Join(c.Dir, "src/index.ts"))
	if _, err := b.Build(ctx, c); err == nil {
		t.Error("a missing file builds")
	}
	fixtures.WriteFile(t, filepath.Join(c.Dir, "src/index.ts"), `export default { fetch: () => new Response(STAGE) }`)
	settings := *c
	settings.Bundling.Define = map[string]string{"STAGE": `"green"`}
	r, err := b.Build(ctx, &settings)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, mainModule(r), "green")
}

func TestEntryInPlaceOfMain(t *testing.T) {
	var b bundle.Builder
	defer b.Close()
	c := project(t, twoFiles)
	r, err := b.BuildEntry(context.Background(), c, &bundle.Entry{
		Name: "src/made.js", Contents: `import { greet } from "./greet.ts"; export default { fetch: () => new Response(greet("entry")) }`,
	})
	if err != nil {
		t.Fatal(err)
	}
	contains(t, mainModule(r), `greet("entry")`)
	if name := r.Version.Modules[0].Name; name != "made.js" {
		t.Errorf("main module %s", name)
	}
	if diff := cmp.Diff([]string{"default"}, r.Version.Exports); diff != "" {
		t.Error(diff)
	}
	for _, in := range r.Inputs {
		if strings.Contains(in, "made.js") {
			t.Errorf("%s is no file", in)
		}
	}
}

func TestBuilderByManyAtOnce(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var b bundle.Builder
	defer b.Close()
	one, two := project(t, twoFiles), project(t, rulesProject)
	want := map[*wrangler.Config]*bundle.Result{one: build(t, one), two: build(t, two)}
	var all sync.WaitGroup
	for range 4 {
		for c, w := range want {
			all.Go(func() {
				got, err := b.Build(context.Background(), c)
				if err != nil {
					t.Error(err)
				} else if diff := cmp.Diff(w, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
	all.Wait()
}
