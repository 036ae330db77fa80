// Package scripts has the stories that are tests and documentation at once, one a file.
package scripts

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sundog-edge/sundog/edge/script"
)

var _ = flag.Bool("update", false, "write what is into the stories' golden files")

// sundogDir is where the command was built, and originsDir where the origins of the stories
// about attacks were, for the PATH of stories that use them; clientsDir has the real clients that variables name.
var sundogDir, originsDir, clientsDir string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	dir, err := os.MkdirTemp("", "sundog-scripts")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := errors.Join(build(dir), buildOrigins(dir), linkClients(dir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// build makes the command as a user would, unless SUNDOG_BINARY names one.
func build(dir string) error {
	name := "sundog"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if given := os.Getenv("SUNDOG_BINARY"); given != "" {
		if filepath.Base(given) != name {
			return fmt.Errorf("SUNDOG_BINARY is %s; the stories call it %s, so name a file of that name", given, name)
		}
		sundogDir = filepath.Dir(given)
		return nil
	}
	binary := filepath.Join(dir, name)
	out, err := exec.Command("go", "build", "-o", binary, "../cmd/sundog").CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return nil // the stories that need it are skipped, or fail where it is required
	}
	if err != nil {
		return fmt.Errorf("the stories need the command: %w\n%s", err, out)
	}
	sundogDir = dir
	return os.Setenv("SUNDOG_BINARY", binary)
}

// buildOrigins makes sound-origin and weak-origin. Without Go, their stories are skipped.
func buildOrigins(dir string) error {
	originsDir = filepath.Join(dir, "origins")
	out, err := exec.Command("go", "build", "-o", originsDir+string(filepath.Separator), "../testdata/attack/sound-origin", "../testdata/attack/weak-origin").CombinedOutput()
	if err != nil && !errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("the stories need their origins: %w\n%s", err, out)
	}
	return nil
}

// linkClients gives the cloudflared that SUNDOG_CLOUDFLARED names its own name, for stories that call it.
func linkClients(dir string) error {
	given := os.Getenv("SUNDOG_CLOUDFLARED")
	if given == "" || runtime.GOOS == "windows" {
		return nil
	}
	path, err := exec.LookPath(given)
	if err != nil {
		return nil // the stories that need it are skipped, or fail where it is required
	}
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	clientsDir = filepath.Join(dir, "clients")
	return errors.Join(os.Mkdir(clientsDir, 0o700), os.Symlink(path, filepath.Join(clientsDir, "cloudflared")))
}

func TestStories(t *testing.T) {
	script.Options{Setup: func(env *testscript.Env) error {
		env.Setenv("PATH", strings.Join([]string{sundogDir, originsDir, clientsDir, env.Getenv("PATH")}, string(os.PathListSeparator)))
		for name, folder := range map[string]string{"DUAL_ENDPOINT": "dual-endpoint", "SIX_HOSTNAMES": "six-hostnames"} {
			env.Setenv(name, filepath.Join(env.Getenv("SCRIPTDIR"), "..", "testdata", folder))
		}
		if given := os.Getenv("SUNDOG_CLOUDFLARED"); given != "" {
			env.Setenv("SUNDOG_CLOUDFLARED", given)
		}
		// Run files and certificates of the command stay in the story's folder.
		home := filepath.Join(env.WorkDir, ".home")
		for _, name := range []string{"HOME", "USERPROFILE", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA"} {
			env.Setenv(name, home)
		}
		return os.Mkdir(home, 0o700)
	}}.Run(t, "*.txtar")
}
