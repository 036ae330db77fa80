package bundle_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

const usesNode = `
-- index.js --
import { Buffer } from "node:buffer";
import fs, { readFileSync } from "fs";
const os = require("os");
export default { fetch: () => new Response(Buffer.from(readFileSync("x")) + fs.a + os.b) };
`

func TestNodeBuiltins(t *testing.T) {
	r := build(t, project(t, usesNode))
	code := mainModule(r)
	for _, name := range []string{"buffer", "fs", "os"} {
		contains(t, code, `from "node:`+name+`"`)
	}
	if strings.Contains(code, `"fs"`) || len(r.Warnings) != 0 {
		t.Errorf("warnings %v, code:\n%s", r.Warnings, code)
	}
}

func TestNodeBuiltinsBeforeTheirDate(t *testing.T) {
	c := project(t, usesNode)
	c.Version.CompatibilityDate, c.Version.CompatibilityFlags = "2024-09-23", []string{"nodejs_compat"}
	r := build(t, c)
	if len(r.Warnings) != 2 {
		t.Fatalf("warnings %v", r.Warnings)
	}
	all := r.Warnings[0].String() + "\n" + r.Warnings[1].String()
	contains(t, all, `index.js:2:34: node:fs is in the runtime from compatibility_date 2025-09-15 on; this Worker has 2024-09-23, so whatever uses it throws`)
	contains(t, all, `index.js:3:20: node:os is in the runtime`)
	contains(t, mainModule(r), `from "node:buffer"`)

	c.Version.CompatibilityFlags = append(c.Version.CompatibilityFlags, "enable_nodejs_fs_module")
	r = build(t, c)
	contains(t, mainModule(r), `from "node:fs"`)
	if len(r.Warnings) != 1 {
		t.Errorf("warnings %v", r.Warnings)
	}
	c.Version.CompatibilityDate = "2026-11-01"
	c.Version.CompatibilityFlags = []string{"disable_nodejs_fs_module"}
	contains(t, build(t, c).Warnings[0].Text, "turned off by the compatibility flag disable_nodejs_fs_module")
}

func TestNodeBuiltinsFromUnenv(t *testing.T) {
	c := project(t, usesNode)
	c.Version.CompatibilityDate, c.Version.CompatibilityFlags = "2024-09-23", []string{"nodejs_compat"}
	if err := os.Symlink(npm(t), filepath.Join(c.Dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	r := build(t, c)
	contains(t, mainModule(r), "unenv/dist/runtime/node/fs.mjs")
	contains(t, r.Warnings[0].Text, "so the replacement from unenv is bundled")
}

func TestNodeBuiltinsWithoutTheFlag(t *testing.T) {
	c := project(t, `
-- index.js --
import "node:buffer";
export default { fetch: () => import("node:fs") };
`)
	c.Version.CompatibilityDate = "2025-01-01"
	r, errs := refused(t, c)
	if len(errs) != 1 {
		t.Errorf("%d errors: %v", len(errs), errs)
	}
	contains(t, errs.Error(), `index.js:1:8: "node:buffer" is built into Node.js, which this Worker does not have: add "nodejs_compat" to compatibility_flags (on by itself from compatibility_date 2026-08-04)`)
	contains(t, r.Warnings[0].String(), `index.js:2:38: "node:fs" fails when it is loaded`)

	c.Version.CompatibilityFlags = []string{"nodejs_compat"}
	build(t, c)
	c.Version.CompatibilityDate, c.Version.CompatibilityFlags = "2026-11-01", []string{"no_nodejs_compat"}
	_, errs = refused(t, c)
	contains(t, errs.Error(), `take "no_nodejs_compat" out of compatibility_flags`)
}

func TestBareNodeNames(t *testing.T) {
	c := project(t, `
-- index.js --
import { readFile } from "fs";
export default { fetch: readFile };
`)
	for _, s := range []struct{ date, flag, hint string }{
		{"2025-01-01", "", `it is built into Node.js: add "nodejs_compat"`},
		{"2024-01-01", "nodejs_compat", `it is built into Node.js: import "node:fs"`},
	} {
		c.Version.CompatibilityDate, c.Version.CompatibilityFlags = s.date, []string{s.flag}
		_, errs := refused(t, c)
		contains(t, errs.Error(), `index.js:1:26: Could not resolve "fs"`)
		contains(t, errs.Error(), s.hint)
	}
	fixtures.WriteFile(t, filepath.Join(c.Dir, "node_modules/fs/index.js"), `export const readFile = "a package of that name"`)
	contains(t, mainModule(build(t, c)), "a package of that name")
}

func TestAsyncHooksAlone(t *testing.T) {
	c := project(t, `
-- index.js --
import { AsyncLocalStorage } from "node:async_hooks";
export default { fetch: () => new AsyncLocalStorage() };
`)
	c.Version.CompatibilityDate, c.Version.CompatibilityFlags = "2025-01-01", []string{"nodejs_als"}
	contains(t, mainModule(build(t, c)), `from "node:async_hooks"`)
}
