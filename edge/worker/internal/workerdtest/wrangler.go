package workerdtest

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

// Wrangler runs the wrangler of testdata/npm in a folder. Without one the test is skipped, or fails
// where SUNDOG_REQUIRE names wrangler.
func Wrangler(t testing.TB, dir string, args ...string) {
	t.Helper()
	program, node := fixtures.Need(t, "wrangler", fixtures.Wrangler), fixtures.Need(t, "wrangler", fixtures.Node)
	cmd := exec.Command(node, append([]string{program}, args...)...)
	home := t.TempDir()
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+home, "WRANGLER_LOG_PATH="+home, "WRANGLER_SEND_METRICS=false", "CI=1", "NODE_ENV=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("wrangler %s: %v: %s", strings.Join(args, " "), err, out)
	}
}
