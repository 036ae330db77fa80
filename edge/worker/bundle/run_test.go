package bundle_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/internal/workerdtest"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

func get(t testing.TB, url string) (status int, body string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// add is a WebAssembly module that exports add(i32, i32).
const add = "\x00asm\x01\x00\x00\x00\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\x00\x07\x07\x01\x03add\x00\x00\x0a\x09\x01\x07\x00\x20\x00\x20\x01\x6a\x0b"

func TestRuns(t *testing.T) {
	workerdtest.Binary(t)
	c := project(t, `
-- src/index.ts --
import wasm from "./add.wasm";
import text from "./text.txt";
import data from "./data.bin";
import { Buffer } from "node:buffer";
import EventEmitter from "events";
import { existsSync } from "fs";
const path = require("path");
const { exports: { add } } = new WebAssembly.Instance(wasm);
export default { fetch: () => new Response([
	(add as Function)(2, 3), text.trim(), data.byteLength, Buffer.from("hi").toString("hex"),
	typeof EventEmitter, typeof existsSync, path.join("a", "b"), process.env.NODE_ENV, process.env.GREETING,
].join(" ")) };
-- src/text.txt --
ünïcode "quoted"
-- src/data.bin --
12345
`)
	fixtures.WriteFile(t, filepath.Join(c.Dir, "src/add.wasm"), add)
	v := build(t, c).Version
	if _, body := get(t, workerdtest.Serve(t, v)); body != `5 ünïcode "quoted" 6 6869 function function a/b production ` {
		t.Error(body)
	}
}

func TestJoseRuns(t *testing.T) {
	url := workerdtest.Serve(t, build(t, jose(t)).Version)
	if status, body := get(t, url); status != 403 || body != "Missing Access token" {
		t.Errorf("%d %s", status, body)
	}
}

func TestMissingBuiltinThrowsWhenItIsUsed(t *testing.T) {
	workerdtest.Binary(t)
	c := project(t, `
-- index.js --
import { readFileSync } from "node:fs";
import os from "node:os";
const http = require("http");
const says = (f) => { try { return f() } catch (e) { return e.message } };
export default { fetch: () => new Response([
	says(() => readFileSync("x")), says(() => os.cpus()), says(() => http.request("x")), says(() => new http.Agent()),
].join("\n")) };
`)
	c.Version.CompatibilityDate, c.Version.CompatibilityFlags = "2024-09-23", []string{"nodejs_compat"}
	_, body := get(t, workerdtest.Serve(t, build(t, c).Version))
	want := `node:fs is in the runtime from compatibility_date 2025-09-15 on; this Worker has 2024-09-23 (readFileSync)
node:os is in the runtime from compatibility_date 2025-09-15 on; this Worker has 2024-09-23 (cpus)
node:http is in the runtime from compatibility_date 2025-08-15 on; this Worker has 2024-09-23 (request)
node:http is in the runtime from compatibility_date 2025-08-15 on; this Worker has 2024-09-23 (Agent)`
	if body != want {
		t.Error(body)
	}
}

// Every module that the table calls native at a date has to be so in the runtime, and no other.
func TestNativeModulesOfTheRuntime(t *testing.T) {
	workerdtest.Binary(t)
	names := bundle.BuiltinNames()
	sort.Strings(names)
	for _, date := range []string{"2024-09-23", "2025-09-16", "2026-02-01", "2026-11-01"} {
		c := project(t, "-- index.js --\nexport default {};\n")
		c.Version.CompatibilityDate, c.Version.CompatibilityFlags = date, []string{"nodejs_compat"}
		c.Bundling.NoBundle = true
		code := "const names = " + strings.ReplaceAll(strings.ReplaceAll(`["`+strings.Join(names, `","`)+`"]`, "\n", ""), " ", "") + `;
export default { async fetch() {
	const have = [];
	for (const n of names) try { await import("node:" + n); have.push(n) } catch {}
	return new Response(have.join("\n"));
} };`
		fixtures.WriteFile(t, filepath.Join(c.Dir, "index.js"), code)
		_, body := get(t, workerdtest.Serve(t, build(t, c).Version))
		have := map[string]bool{}
		for n := range strings.SplitSeq(body, "\n") {
			have[n] = true
		}
		for _, n := range names {
			if n == "fs/promises" {
				continue // it is importable before fs is, where wrangler replaces both
			}
			if want := bundle.NativeAt(n, date); want != have[n] {
				t.Errorf("%s at %s: the table says %t, the runtime %t", n, date, want, have[n])
			}
		}
	}
}

func TestNodeBuiltinsFromUnenvRun(t *testing.T) {
	workerdtest.Binary(t)
	c := project(t, `
-- index.js --
import { hostname } from "node:os";
export default { fetch: () => new Response(typeof hostname()) };
`)
	c.Version.CompatibilityDate, c.Version.CompatibilityFlags = "2024-09-23", []string{"nodejs_compat"}
	if err := os.Symlink(npm(t), filepath.Join(c.Dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	if _, body := get(t, workerdtest.Serve(t, build(t, c).Version)); body != "string" {
		t.Error(body)
	}
}
