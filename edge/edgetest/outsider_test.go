package edgetest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A module of somebody else's uses this package, with what it exports and nothing more.
func TestOutsider(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds and tests a whole module")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command on PATH")
	}
	cmd := exec.Command("go", "test", "-v", "./...")
	cmd.Dir = filepath.Join("..", "..", "testdata", "outsider-edgetest")
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"--- PASS: TestPublicNeedsLogin", "--- PASS: TestInternalPasses", "--- PASS: TestStories/origin-down"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
}
