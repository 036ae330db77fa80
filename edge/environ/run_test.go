//go:build unix

package environ

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRunExitCodes(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, filepath.Join(dir, "data"), "not a program", 0o644)
	mustWrite(t, filepath.Join(dir, "script"), "exit 9\n", 0o755) // no #! line
	mustWrite(t, filepath.Join(dir, "lost"), "#!/nowhere/interpreter\n", 0o755)
	os.Mkdir(filepath.Join(dir, "folder"), 0o755)
	env := []string{"PATH=/nowhere:" + dir + ":" + os.Getenv("PATH")}
	tests := []struct {
		argv []string
		want int
		err  string
	}{
		{[]string{"sh", "-c", "exit 0"}, 0, ""},
		{[]string{"sh", "-c", "exit 7"}, 7, ""},
		{[]string{"sh", "-c", "kill -TERM $$"}, 128 + 15, ""},
		{[]string{"sh", "-c", "kill -KILL $$"}, 128 + 9, ""},
		{[]string{"script"}, 9, ""},
		{[]string{dir + "/script"}, 9, ""},
		{[]string{"no-such-command"}, 127, "no-such-command: executable file not found in $PATH"},
		{[]string{dir + "/missing"}, 127, "no such file or directory"},
		{[]string{dir + "/data/x"}, 127, "not a directory"},
		{[]string{"lost"}, 127, "lost: no such file or directory"},
		{[]string{"data"}, 126, "data: permission denied"},
		{[]string{dir + "/data"}, 126, "permission denied"},
		{[]string{dir + "/folder"}, 126, "is a directory"},
		{nil, 125, "there is no command to run"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.argv, " "), func(t *testing.T) {
			code, err := Run(context.Background(), tt.argv, env, Stdio{})
			if code != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%d, %v; want %d, %q", code, err, tt.want, tt.err)
			}
		})
	}
}

func TestRunLooksInItsOwnPath(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, filepath.Join(dir, "sh"), "#!/bin/sh\necho ours $SUNDOG_TEST\n", 0o755)
	var out strings.Builder
	code, err := Run(context.Background(), []string{"sh"}, []string{"PATH=" + dir, "SUNDOG_TEST=1"}, Stdio{Out: &out})
	if code != 0 || err != nil || out.String() != "ours 1\n" {
		t.Errorf("%d, %v, %q", code, err, out.String())
	}
	if code, _ := Run(context.Background(), []string{"sh"}, []string{"PATH="}, Stdio{}); code != 127 {
		t.Errorf("with an empty PATH: %d", code)
	}
}

func TestRunStdio(t *testing.T) {
	var out, errOut strings.Builder
	code, err := Run(context.Background(), []string{"sh", "-c", "cat; echo problem >&2"}, os.Environ(), Stdio{strings.NewReader("hello"), &out, &errOut})
	if code != 0 || err != nil || out.String() != "hello" || errOut.String() != "problem\n" {
		t.Errorf("%d, %v, %q, %q", code, err, out.String(), errOut.String())
	}
}

// started runs a script that prints a line when it is ready, and hands the
// line to then while the script runs.
func started(t *testing.T, ctx context.Context, script string, shared bool, then func(line string)) (int, string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	type result struct {
		code int
		err  error
	}
	done := make(chan result, 1)
	go func() {
		code, err := run(ctx, []string{"sh", "-c", script}, os.Environ(), Stdio{Out: w}, shared)
		w.Close()
		done <- result{code, err}
	}()
	lines := bufio.NewReader(r)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	then(strings.TrimSpace(line))
	rest, _ := io.ReadAll(lines)
	got := <-done
	if got.err != nil {
		t.Error(got.err)
	}
	return got.code, string(rest)
}

func sendSelf(s syscall.Signal) func(string) {
	return func(string) { syscall.Kill(os.Getpid(), s) }
}

func TestRunForwardsSignalsToTheGroup(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1} {
		if signal.Ignored(s) {
			continue // as under nohup; a shell cannot trap what was ignored when it began
		}
		// The shell runs its trap only when the grandchild has ended, and that ends only if the
		// signal reaches it too: by the group.
		script := fmt.Sprintf("trap 'echo caught; exit 3' %d; sh -c 'echo ready; exec tail -f /dev/null' || :; echo not reached", int(s))
		code, out := started(t, context.Background(), script, false, sendSelf(s))
		if code != 3 || out != "caught\n" {
			t.Errorf("%v: code %d, output %q", s, code, out)
		}
	}
}

func TestRunReportsTheSignalThatEndedIt(t *testing.T) {
	code, _ := started(t, context.Background(), "echo ready; exec tail -f /dev/null", false, sendSelf(syscall.SIGTERM))
	if code != 128+15 {
		t.Errorf("code %d", code)
	}
}

func TestRunGroups(t *testing.T) {
	own := syscall.Getpgrp()
	for _, shared := range []bool{false, true} {
		var group int
		started(t, context.Background(), "echo $$; exec tail -f /dev/null", shared, func(line string) {
			pid, _ := strconv.Atoi(line)
			group, _ = syscall.Getpgid(pid)
			syscall.Kill(os.Getpid(), syscall.SIGTERM) // is passed on, and ends it
		})
		if (group == own) != shared {
			t.Errorf("shared %v: group %d, ours %d", shared, group, own)
		}
	}
}

// At a terminal the keys reach CMD without us: INT is not passed on, TERM is.
func TestRunAtATerminalPassesWhatTheTerminalDoesNot(t *testing.T) {
	// The TERM that ends the script proves that the INT before it was dealt with.
	script := "tail -f /dev/null > /dev/null & tail=$!; trap 'echo int' INT; trap 'echo term; kill $tail; exit 4' TERM; echo ready; while :; do wait; done"
	code, out := started(t, context.Background(), script, true, func(string) {
		syscall.Kill(os.Getpid(), syscall.SIGINT)
		syscall.Kill(os.Getpid(), syscall.SIGTERM)
	})
	if code != 4 || out != "term\n" {
		t.Errorf("code %d, output %q", code, out)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	code, _ := started(t, ctx, "echo ready; exec tail -f /dev/null", false, func(string) { cancel() })
	if code != 128+15 {
		t.Errorf("code %d", code)
	}
	if code, err := Run(ctx, []string{"sh", "-c", "exit 0"}, os.Environ(), Stdio{}); code != 125 || !errors.Is(err, context.Canceled) {
		t.Errorf("under an ended context: %d, %v", code, err)
	}
}

func TestRunDoesNotWaitForWhatCmdLeftBehind(t *testing.T) {
	var out strings.Builder
	pid := filepath.Join(t.TempDir(), "pid")
	code, err := Run(context.Background(), []string{"sh", "-c", "tail -f /dev/null & echo $! > " + pid + "; echo done"}, os.Environ(), Stdio{Out: &out})
	if code != 0 || err != nil || out.String() != "done\n" {
		t.Errorf("%d, %v, %q", code, err, out.String())
	}
	data, _ := os.ReadFile(pid)
	n, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	syscall.Kill(n, syscall.SIGKILL)
}

func TestRunLeavesIgnoredSignalsIgnored(t *testing.T) {
	signal.Ignore(syscall.SIGHUP)
	defer func() { // Reset alone leaves an ignored signal ignored
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGHUP)
		signal.Stop(c)
	}()
	for _, s := range wanted() {
		if s == syscall.SIGHUP {
			t.Error("HUP is wanted although it is ignored")
		}
	}
	var out strings.Builder
	if code, err := Run(context.Background(), []string{"sh", "-c", "kill -HUP $$; echo survived"}, os.Environ(), Stdio{Out: &out}); code != 0 || out.String() != "survived\n" {
		t.Errorf("%d, %v, %q", code, err, out.String())
	}
}

func ExampleRun() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	code, err := Run(ctx, []string{"sh", "-c", `echo "$HTTPS_PROXY"; exit 3`}, []string{"PATH=" + os.Getenv("PATH"), "HTTPS_PROXY=http://127.0.0.1:4380"}, Stdio{Out: os.Stdout})
	fmt.Println(code, err)
	// Output:
	// http://127.0.0.1:4380
	// 3 <nil>
}
