// Package readme keeps README.md true: its commands run, and what it lists of the command
// is what the command says of itself.
package readme

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
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
)

var update = flag.Bool("update", false, "write the generated parts of README.md anew")

const root = "../.."

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sundog builds the command and returns the folder that it lies in.
func sundog(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin+string(filepath.Separator), "./cmd/sundog")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// block is a fenced shell block that a comment marks as one to run.
var block = regexp.MustCompile("(?ms)^<!-- run( with origin)? -->\n```sh\n(.*?)^```$")

// TestCommandsRun runs every marked block in the folder of the bundled example, which stands for a
// reader's own project.
func TestCommandsRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the blocks are for a POSIX shell")
	}
	bin := sundog(t)
	blocks := block.FindAllStringSubmatch(readme(t), -1)
	if len(blocks) < 3 {
		t.Fatalf("%d blocks are marked: the test has nothing to hold", len(blocks))
	}
	for _, b := range blocks {
		script := strings.TrimSpace(b[2])
		name, _, _ := strings.Cut(script, "\n")
		t.Run(name, func(t *testing.T) {
			if strings.Contains(script, "curl") {
				if _, err := exec.LookPath("curl"); err != nil {
					t.Skip("no curl on PATH")
				}
			}
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "testdata/dual-endpoint"))); err != nil {
				t.Fatal(err)
			}
			if b[1] != "" {
				ports(t, "8080")
				atOrigin(t)
			}
			cmd := exec.Command("sh", "-euc", script)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"), "XDG_RUNTIME_DIR="+runtimeDir(t), "SUNDOG_URL=")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func runtimeDir(t *testing.T) string {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// ports needs fixed ports to be free, which stand in what is run. All tests with fixed ports are of
// this package, one after another, so that they do not take them from each other. Where
// SUNDOG_REQUIRE lists "ports", a port that is taken is a failure.
func ports(t *testing.T, numbers ...string) {
	t.Helper()
	for _, port := range numbers {
		ln, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err == nil {
			ln.Close()
			continue
		}
		if slices.Contains(strings.Split(os.Getenv("SUNDOG_REQUIRE"), ","), "ports") {
			t.Fatalf("SUNDOG_REQUIRE wants ports, and one is taken: %v", err)
		}
		t.Skipf("what is run has fixed ports, and one is taken: %v", err)
	}
}

// atOrigin answers where the example's config.yml says that the origin is.
func atOrigin(t *testing.T) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ok") })}
	done := make(chan struct{})
	go func() { defer close(done); srv.Serve(ln) }()
	t.Cleanup(func() { srv.Close(); <-done })
}

// TestMakeRun runs the README's first command as it stands, waits until it says what to try, and
// ends it as ^C does.
func TestMakeRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no ^C to send")
	}
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("no make on PATH")
	}
	if !strings.Contains(readme(t), "```sh\nmake run\n```") || !strings.Contains(readme(t), "```sh\nmake test\n```") {
		t.Fatal("the README's two commands are others than make run and make test")
	}
	ports(t, "8080", "4443", "4380", "4353", "4300")
	cmd := exec.Command("make", "run")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+runtimeDir(t), "SUNDOG_URL=")
	cmd.SysProcAttr = ownGroup()
	out, in := io.Pipe()
	cmd.Stdout, cmd.Stderr = in, in
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(3*time.Minute, func() { signalGroup(cmd.Process.Pid, syscall.SIGKILL) })
	defer watchdog.Stop()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait(); in.Close() }()
	var printed bytes.Buffer
	lines := bufio.NewScanner(io.TeeReader(out, &printed))
	ready := false
	for lines.Scan() {
		if strings.Contains(lines.Text(), "^C ends") && !ready {
			ready = true
			if resp, err := http.Get("http://127.0.0.1:4300/v1/ready"); err != nil || resp.StatusCode != 200 {
				t.Errorf("the edge does not answer: %v", err)
			} else {
				resp.Body.Close()
			}
			signalGroup(cmd.Process.Pid, syscall.SIGINT)
		}
	}
	if err := <-ended; !ready {
		t.Fatalf("make run ended by itself: %v\n%s", err, &printed)
	}
	for _, want := range []string{"https://myservice.example.com/", "https://myservice-internal.example.com/", "AUD", "^C ends both, the edge and the origin."} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("make run does not print %q:\n%s", want, &printed)
		}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:8080")
	if err != nil {
		t.Fatalf("the origin is still there: %v", err)
	}
	ln.Close()
}

var generated = regexp.MustCompile("(?s)(<!-- commands -->\n)(.*?)(<!-- /commands -->)")

// TestCommandTable holds the README's table against `sundog help`. With -update it writes the table.
func TestCommandTable(t *testing.T) {
	out, err := exec.Command(filepath.Join(sundog(t), "sundog"), "help").Output()
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| command | what it does |\n|---|---|\n")
	n := 0
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z]+) {2,}(\S.*)$`).FindAllStringSubmatch(string(out), -1) {
		if m[1] == "help" || m[1] == "sundog" {
			continue
		}
		fmt.Fprintf(&table, "| `sundog %s` | %s |\n", m[1], m[2])
		n++
	}
	if n < 10 {
		t.Fatalf("help lists %d commands:\n%s", n, out)
	}
	text := readme(t)
	m := generated.FindStringSubmatch(text)
	if m == nil {
		t.Fatal("the README has no table of commands")
	}
	if m[2] == table.String() {
		return
	}
	if !*update {
		t.Fatalf("the README's table is stale; go test ./internal/readme -update writes it. Want:\n%s", table.String())
	}
	text = generated.ReplaceAllString(text, "${1}"+table.String()+"${3}")
	if err := os.WriteFile(filepath.Join(root, "README.md"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
