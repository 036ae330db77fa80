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
	"github.com/sundog-edge/sundog/internal/fixtures"
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
	if err := errors.Join(build(dir), buildOrigins(dir), linkClients(dir), nameWorkerd()); err != nil {
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

// nameWorkerd lets edges of worlds anywhere find the runtime. Without one, its stories are skipped.
func nameWorkerd() error {
	path, err := fixtures.Workerd()
	if err != nil {
		return nil
	}
	return os.Setenv("SUNDOG_WORKERD", path)
}

// aboutWorkers says whether a story's folder is of one about Workers: those have what npm installed beside them.
func aboutWorkers(dir string) bool {
	name := strings.TrimPrefix(filepath.Base(dir), "script-")
	return strings.HasPrefix(name, "workers-") || strings.HasPrefix(name, "pages-")
}

// besideModules gives a story what a project has after npm install, and the Node.js that wrangler takes first on
// PATH. Wrangler's files stay in the story's folder, and it tells nobody about itself.
func besideModules(env *testscript.Env) error {
	modules, err := fixtures.Modules()
	if err != nil {
		return nil // the stories that need them are skipped, or fail where they are required
	}
	if node, err := fixtures.Node(); err == nil {
		env.Setenv("PATH", filepath.Dir(node)+string(os.PathListSeparator)+env.Getenv("PATH"))
	}
	env.Setenv("WRANGLER_SEND_METRICS", "false")
	env.Setenv("WRANGLER_LOG_PATH", filepath.Join(env.WorkDir, ".home", "wrangler.log"))
	env.Setenv("NO_COLOR", "1")
	return os.Symlink(modules, filepath.Join(env.WorkDir, "node_modules"))
}

func TestStories(t *testing.T) {
	script.Options{Setup: func(env *testscript.Env) error {
		env.Setenv("PATH", strings.Join([]string{sundogDir, originsDir, clientsDir, env.Getenv("PATH")}, string(os.PathListSeparator)))
		for name, folder := range map[string]string{"DUAL_ENDPOINT": "dual-endpoint", "SIX_HOSTNAMES": "six-hostnames", "PRIVATE_WORKER": "private-worker"} {
			env.Setenv(name, filepath.Join(env.Getenv("SCRIPTDIR"), "..", "testdata", folder))
		}
		if given := os.Getenv("SUNDOG_CLOUDFLARED"); given != "" {
			env.Setenv("SUNDOG_CLOUDFLARED", given)
		}
		env.Setenv("SUNDOG_WORKERD", os.Getenv("SUNDOG_WORKERD"))
		// Run files and certificates of the command stay in the story's folder.
		home := filepath.Join(env.WorkDir, ".home")
		for _, name := range []string{"HOME", "USERPROFILE", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA"} {
			env.Setenv(name, home)
		}
		if err := os.Mkdir(home, 0o700); err != nil || !aboutWorkers(env.WorkDir) {
			return err
		}
		return besideModules(env)
	}}.Run(t, "*.txtar")
}
