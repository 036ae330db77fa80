package readme

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// workflow is the project whose workflow the README shows.
const workflow = "testdata/playwright"

var shownWorkflow = regexp.MustCompile("(?ms)^<!-- workflow -->\n```yaml\n(.*?)^```$")

// step is what a job does next; one that uses an action stands for what this machine has already.
type step struct{ Name, Uses, Run string }

func steps(t *testing.T) []step {
	t.Helper()
	file := filepath.Join(root, workflow, ".github/workflows/access.yml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Jobs map[string]struct{ Steps []step }
	}
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if len(doc.Jobs) != 1 {
		t.Fatalf("%s has %d jobs", file, len(doc.Jobs))
	}
	var all []step
	for _, job := range doc.Jobs {
		all = job.Steps
	}
	return all
}

// TestWorkflowIsShown holds the README's workflow against the file.
func TestWorkflowIsShown(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, workflow, ".github/workflows/access.yml"))
	if err != nil {
		t.Fatal(err)
	}
	text := readme(t)
	shown := shownWorkflow.FindStringSubmatchIndex(text)
	if shown == nil {
		t.Fatal("the README shows no workflow")
	}
	if text[shown[2]:shown[3]] == string(data) {
		return
	}
	if !*update {
		t.Fatal("the README's workflow is not " + workflow + "'s; write it anew with -update")
	}
	text = text[:shown[2]] + string(data) + text[shown[3]:]
	if err := os.WriteFile(filepath.Join(root, "README.md"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestWorkflowRuns runs the steps of the workflow one after another, as a runner does: a shell each,
// in the folder of the project, with what earlier steps wrote to $GITHUB_ENV.
func TestWorkflowRuns(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the steps are for a POSIX shell")
	}
	browser := need(t, "chromium", "chromium", "chromium-browser", "google-chrome")
	need(t, "node", "node")
	need(t, "npm", "npm")
	need(t, "bash", "bash")
	ports(t, "8787")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, workflow))); err != nil {
		t.Fatal(err)
	}
	r := &runner{dir: dir, file: filepath.Join(dir, "github.env"), env: map[string]string{
		"PATH": sundog(t) + string(filepath.ListSeparator) + os.Getenv("PATH"), "CHROMIUM": browser,
		"XDG_RUNTIME_DIR": runtimeDir(t), "SUNDOG_URL": "", "CI": "true",
	}}
	r.env["GITHUB_ENV"] = r.file
	t.Cleanup(r.end)
	// What a runner's machine has to be given is here already.
	provided := []string{"Install sundog", "Install a browser"}
	ran := 0
	for _, s := range steps(t) {
		if s.Uses != "" || slices.Contains(provided, s.Name) {
			continue
		}
		ran++
		if out, err := r.run(t.Context(), s.Run); err != nil {
			t.Fatalf("%s: %v\n%s", s.Name, err, out)
		} else if testing.Verbose() {
			t.Logf("%s:\n%s", s.Name, out)
		}
	}
	if ran < 3 {
		t.Errorf("%d steps ran", ran)
	}
}

// need finds a program by one of its names. Where SUNDOG_REQUIRE lists it, its absence is a failure.
func need(t *testing.T, what string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if slices.Contains(strings.Split(os.Getenv("SUNDOG_REQUIRE"), ","), what) {
		t.Fatalf("SUNDOG_REQUIRE wants %s, and there is none on PATH", what)
	}
	t.Skipf("no %s on PATH", what)
	return ""
}

// runner is a machine of CI: what a step leaves running lives until the job ends.
type runner struct {
	dir, file string
	env       map[string]string
	groups    []int
}

func (r *runner) run(ctx context.Context, script string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	cmd.Dir = r.dir
	cmd.Env = os.Environ()
	for name, value := range r.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { signalGroup(cmd.Process.Pid, syscall.SIGKILL); return nil }
	// A file, because what stays in the background keeps it open.
	log, err := os.CreateTemp(r.dir, "log")
	if err != nil {
		return "", err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err = cmd.Start(); err == nil {
		r.groups = append(r.groups, cmd.Process.Pid)
		err = cmd.Wait()
	}
	out, _ := os.ReadFile(log.Name())
	if err != nil {
		return string(out), err
	}
	return string(out), r.export()
}

// export takes over what the steps so far wrote to $GITHUB_ENV: lines of name=value, and values of
// many lines between two marks.
func (r *runner) export() error {
	data, err := os.ReadFile(r.file)
	if os.IsNotExist(err) {
		return nil
	} else if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		if name, mark, ok := strings.Cut(lines[i], "<<"); ok && !strings.Contains(name, "=") {
			end := slices.Index(lines[i+1:], mark)
			if end < 0 {
				return fmt.Errorf("$GITHUB_ENV: %s has no end", name)
			}
			r.env[name] = strings.Join(lines[i+1:i+1+end], "\n")
			i += end + 1
			continue
		}
		name, value, ok := strings.Cut(lines[i], "=")
		if !ok {
			return fmt.Errorf("$GITHUB_ENV: %q is no assignment", lines[i])
		}
		r.env[name] = value
	}
	return nil
}

func (r *runner) end() {
	for _, group := range slices.Backward(r.groups) {
		signalGroup(group, syscall.SIGKILL)
	}
}
