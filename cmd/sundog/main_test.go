package main

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected outputs under testdata")

// quickExit is for GORACE: with the race detector a process would sleep a second at its end.
const quickExit = "atexit_sleep_ms=0"

// In scripts, `sundog` is this test binary, called anew.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sundog": main})
}

func TestScripts(t *testing.T) {
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("REPOSITORY", repository)
			e.Setenv("DUAL", filepath.Join(repository, "testdata", "dual-endpoint"))
			e.Setenv("GORACE", quickExit)
			// What the person who runs the tests has set must not count.
			for _, name := range []string{"XDG_RUNTIME_DIR", "SUNDOG_URL", "SUNDOG_TOKEN"} {
				e.Setenv(name, "")
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   cmdExits,
			"present": cmdPresent,
		},
	})
}

// exits CODE CMD [ARG]...: run CMD, which must end with CODE.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE CMD [ARG]...")
	}
	want, err := strconv.Atoi(args[0])
	if err != nil {
		ts.Fatalf("usage: exits CODE CMD [ARG]...")
	}
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	ts.Logf("[exit code %d]", got)
	if got != want {
		ts.Fatalf("%s ended with %d, want %d", args[1], got, want)
	}
}

// present FILE: wait until FILE is there and not empty.
func cmdPresent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: present FILE")
	}
	late := time.After(30 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && len(bytes.TrimSpace(data)) > 0 {
			return
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			ts.Fatalf("%v", err)
		}
		select {
		case <-late:
			ts.Fatalf("%s does not appear", args[0])
		case <-tick.C:
		}
	}
}
