package bundle_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/internal/workerdtest"
)

// What wrangler would upload for the same project, module by module.
func TestOutputIsWranglers(t *testing.T) {
	dir := npm(t)
	c := project(t, `
-- src/index.tsx --
import { jwtVerify } from "jose";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { DurableObject } from "cloudflare:workers";
import page from "./page.html";
import sql from "./q.sql";
import bin from "./x.bin";
import add from "./add.wasm";
import data from "./data.json";
import { later } from "./later";
const path = require("node:path");
enum Colour { Red = "red" }
const h = (tag: string, _: unknown, ...inner: string[]) => tag + inner.join();
export class Room extends DurableObject { static name2 = "x"; #secret = 1; get() { return this.#secret } }
export default {
	async fetch(request: Request, env: { A?: string }) {
		using x = { [Symbol.dispose]() {} };
		const lazy = await import("./lazy");
		if (process.env.NODE_ENV !== "production") console.log("development");
		return new Response([page, sql, bin, add, data.a, later?.b ?? env.A, Colour.Red, jwtVerify.name, lazy.default,
			Buffer.name, fs.existsSync("x"), path.join("a"), navigator.userAgent, <p>text</p>].join());
	},
};
-- src/later.ts --
export const later: { b?: string } | null = { b: "b" };
export function dropped() {}
-- src/lazy.ts --
export default class Lazy {}
-- src/page.html --
<p>hi</p>
-- src/q.sql --
SELECT 1
-- src/x.bin --
bin
-- src/add.wasm --
wasm
-- src/data.json --
{"a": 1}
-- tsconfig.json --
{"compilerOptions": {"jsx": "react", "jsxFactory": "h", "target": "es2022"}}
-- wrangler.json --
{"name": "w", "main": "src/index.tsx", "compatibility_date": "2026-11-01"}
`)
	c.Main = "src/index.tsx"
	if err := os.Symlink(dir, filepath.Join(c.Dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	workerdtest.Wrangler(t, c.Dir, "deploy", "--dry-run", "--outdir", "out")
	theirs := map[string]string{}
	files, err := os.ReadDir(filepath.Join(c.Dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() == "README.md" || strings.HasSuffix(f.Name(), ".map") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(c.Dir, "out", f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		theirs[f.Name()] = string(b)
	}
	ours := map[string]string{}
	for _, m := range build(t, c).Version.Modules {
		ours[m.Name] = string(m.Content)
	}
	const names = "how either calls the module behind require(\"node:path\")"
	theirs["index.js"] = strings.NewReplacer("node-built-in-modules:", names, "libDefault", names).Replace(withoutComments(theirs["index.js"]))
	ours["index.js"] = strings.NewReplacer("sundog-required:", names, "import m from", "import "+names+" from", "module.exports = m;", "module.exports = "+names+";").Replace(withoutComments(ours["index.js"]))
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Error(diff)
	}
}

// withoutComments leaves out the lines that name files.
func withoutComments(code string) string {
	var kept []string
	for line := range strings.SplitSeq(code, "\n") {
		if s := strings.TrimSpace(line); s != "" && !strings.HasPrefix(s, "//") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
