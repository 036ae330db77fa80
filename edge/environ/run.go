package environ

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"time"
)

// Exit codes that are not CMD's own, as env(1) has them. A CMD that a signal
// ended yields 128 + its number.
const (
	ExitSundog    = 125 // the edge or this package failed; CMD did not run
	ExitCannotRun = 126 // CMD was found and cannot be executed
	ExitNotFound  = 127 // CMD was not found
)

// Stdio is what CMD reads and writes. A nil stream is empty. An *os.File is
// handed to CMD itself, so that a terminal stays a terminal.
type Stdio struct {
	In       io.Reader
	Out, Err io.Writer
}

const (
	// killAfter is how long CMD has to end after it was told to.
	killAfter = 5 * time.Second
	// drainAfter bounds waiting for output of processes that CMD left behind,
	// where a stream is no file.
	drainAfter = time.Second
)

// Run runs argv with exactly env as its environment and returns its exit
// code. argv[0] is looked up in env's PATH, not in this process's. err is nil
// when CMD ran, whatever its code; otherwise it says why CMD did not run, and
// code is 125, 126 or 127.
//
// On Unix, where there is no controlling terminal, CMD has a process group of
// its own, and signals that reach this process are sent to that group. Where
// there is a terminal, CMD stays in this process's group, so that the shell's
// job control works and keys (^C, ^\, ^Z) reach CMD from the terminal itself;
// INT and QUIT are not passed on then, CMD would get them twice, and other
// signals go to CMD alone. While Run runs, those signals do not end this
// process.
//
// When ctx ends CMD gets TERM, and KILL after five seconds. On Windows it is
// killed at once.
func Run(ctx context.Context, argv, env []string, stdio Stdio) (code int, err error) {
	return run(ctx, argv, env, stdio, hasTerminal())
}

// run is Run; shared says that CMD stays in this process's group.
func run(ctx context.Context, argv, env []string, stdio Stdio, shared bool) (int, error) {
	if len(argv) == 0 {
		return ExitSundog, errors.New("there is no command to run")
	}
	if err := ctx.Err(); err != nil {
		return ExitSundog, err
	}
	path, err := lookup(argv[0], env)
	if err != nil {
		return startCode(err), fmt.Errorf("%s: %w", argv[0], err)
	}
	cmd := command(path, argv, env, stdio, shared)

	// Signals are caught before CMD starts, so that none ends this process
	// and leaves CMD behind.
	caught := make(chan os.Signal, 16)
	if signals := wanted(); len(signals) > 0 {
		signal.Notify(caught, signals...)
		defer signal.Stop(caught)
	}
	if err := cmd.Start(); err != nil && needsShell(err) {
		// What the kernel takes for no program is a script without its first
		// line; execvp gives it to the shell.
		cmd = command("/bin/sh", append([]string{"sh", path}, argv[1:]...), env, stdio, shared)
		err = cmd.Start()
		if err != nil {
			return startCode(err), fmt.Errorf("%s: %w", argv[0], reason(err))
		}
	} else if err != nil {
		return startCode(err), fmt.Errorf("%s: %w", argv[0], reason(err))
	}

	done := make(chan struct{})
	relayed := make(chan struct{})
	go func() {
		defer close(relayed)
		relay(ctx, cmd.Process, caught, done, shared)
	}()
	err = cmd.Wait()
	close(done)
	<-relayed
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) || errors.Is(err, exec.ErrWaitDelay) {
		return exitCode(cmd.ProcessState), nil
	}
	return ExitSundog, fmt.Errorf("%s: %w", argv[0], err)
}

func command(path string, argv, env []string, stdio Stdio, shared bool) *exec.Cmd {
	return &exec.Cmd{
		Path: path, Args: argv, Env: env,
		Stdin: stdio.In, Stdout: stdio.Out, Stderr: stdio.Err,
		SysProcAttr: attributes(shared),
		WaitDelay:   drainAfter,
	}
}

// relay passes signals on until CMD has ended, and ends CMD with ctx.
func relay(ctx context.Context, p *os.Process, caught <-chan os.Signal, done <-chan struct{}, shared bool) {
	over := ctx.Done()
	kill := time.NewTimer(killAfter)
	kill.Stop()
	defer kill.Stop()
	for {
		select {
		case s := <-caught:
			pass(p, s, shared)
		case <-over:
			over = nil
			terminate(p, shared)
			kill.Reset(killAfter)
		case <-kill.C:
			killAll(p, shared)
		case <-done:
			return
		}
	}
}

// reason is what the system said, without the path that the caller names.
func reason(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
