// Command demo runs the dual-endpoint pattern: the origin, and the edge in
// front of it, until ^C ends both.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, filepath.Dir(os.Args[0]), os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
	}
	os.Exit(code)
}

// Where the world is, seen from the repository's folder, and where its
// config.yml says that the origin listens.
const (
	world  = "testdata/dual-endpoint"
	origin = "127.0.0.1:8080"
)

// start is how long the origin may take until it listens.
const start = 10 * time.Second

// unread is the edge's exit code when nobody reads its output any more, as in make run | head.
const unread = 141

// grace is how long either may take to end.
const grace = 10 * time.Second

// run starts both, waits until ctx or one of them ends, and ends what is left.
// The programs lie in the folder bin; flags are for `sundog up`.
func run(ctx context.Context, bin string, flags []string) (code int, err error) {
	if _, err := os.Stat(world); err != nil {
		return 1, fmt.Errorf("%w; run it from the repository's folder, as make run does", err)
	}
	// Another server that answers there must not be taken for the origin.
	if l, err := net.Listen("tcp", origin); err != nil {
		return 1, fmt.Errorf("the origin cannot listen on %s, where %s/cloudflared/config.yml says it is; end what listens there (%w)", origin, world, err)
	} else {
		l.Close()
	}
	behind, err := launch(program(bin, "origin"), "-listen", origin)
	if err != nil {
		return 1, err
	}
	defer behind.end()
	if err := listening(ctx, behind); err != nil {
		if ctx.Err() != nil {
			return 0, nil
		}
		return 1, err
	}
	front, err := launch(program(bin, "sundog"), append([]string{"up", "--beside", "the origin", world}, flags...)...)
	if err != nil {
		return 1, err
	}
	defer front.end()
	select {
	case <-ctx.Done():
		return 0, nil
	case <-behind.ended:
		return 1, errors.New("the origin has ended")
	case <-front.ended:
		if code := front.cmd.ProcessState.ExitCode(); code == unread {
			return code, nil
		}
		return front.cmd.ProcessState.ExitCode(), errors.New("the edge has ended; if a port was taken: make run ARGS='--ports 0'")
	}
}

func program(bin, name string) string {
	path := filepath.Join(bin, name)
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	if !filepath.IsAbs(path) && filepath.Dir(path) == "." {
		path = "." + string(filepath.Separator) + path
	}
	return path
}

// listening waits until the origin takes connections.
func listening(ctx context.Context, p *process) error {
	ctx, cancel := context.WithTimeout(ctx, start)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var dialer net.Dialer
	for {
		c, err := dialer.DialContext(ctx, "tcp", origin)
		if err == nil {
			return c.Close()
		}
		select {
		case <-p.ended:
			return errors.New("the origin did not start")
		case <-ctx.Done():
			return fmt.Errorf("the origin does not take connections: %w", err)
		case <-tick.C:
		}
	}
}

// process is a program that was started. ended is closed when it is over.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

func launch(path string, args ...string) (*process, error) {
	p := &process{exec.Command(path, args...), make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = os.Stdout, os.Stderr
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w; build it with make build", err)
	}
	go func() {
		defer close(p.ended)
		p.cmd.Wait() // ProcessState says how it ended
	}()
	return p, nil
}

// end asks the program to end, waits for it, and kills it when it does not.
func (p *process) end() {
	select {
	case <-p.ended:
		return
	default:
	}
	if p.cmd.Process.Signal(syscall.SIGTERM) != nil { // Windows has none
		p.cmd.Process.Signal(os.Interrupt)
	}
	select {
	case <-p.ended:
	case <-time.After(grace):
		p.cmd.Process.Kill()
		<-p.ended
	}
}
