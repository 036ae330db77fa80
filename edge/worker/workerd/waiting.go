package workerd

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// Waiting is a process that has no config yet. It is for [Waiting.Run] or for [Waiting.Kill].
type Waiting struct {
	process *Process
	config  *os.File
	ready   *readiness
	started chan error
}

// Launch starts a process that waits for its config, so that what the start of a program costs is over when there is
// one; it does not wait for that itself. What of the command is only of use with a config is not looked at. Nil: the
// binary takes no config but from a file.
func Launch(c Command) *Waiting {
	if !takesMessages(c.Path) {
		return nil
	}
	w, err := launch(c, "--binary", "-")
	if err != nil {
		return nil // Start will say the same
	}
	return w
}

func launch(c Command, args ...string) (*Waiting, error) {
	cmd := exec.Command(c.Path)
	cmd.Dir = c.Dir
	cmd.Env = environment()
	kept := &tail{each: c.OnError}
	cmd.Stderr = kept
	cmd.WaitDelay = time.Second
	in, config, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdin = in
	all := []string{c.Path, "serve", "--experimental"}
	ready, err := prepare(cmd, &all)
	if err != nil {
		in.Close()
		config.Close()
		return nil, err
	}
	cmd.Args = append(all, args...)
	w := &Waiting{
		config: config, ready: ready, started: make(chan error, 1),
		process: &Process{cmd: cmd, err: kept, done: make(chan struct{})},
	}
	go w.process.run(in, w.started)
	return w, nil
}

// Kill ends a process that is not needed.
func (w *Waiting) Kill() {
	w.config.Close()
	w.ready.close()
	if <-w.started == nil {
		w.process.Kill()
	}
	<-w.process.done
}

// Run gives the process its config, and is [Start] from there on.
func (w *Waiting) Run(ctx context.Context, c Command) (*Process, error) {
	given := make(chan struct{})
	go func() {
		defer close(given)
		defer w.config.Close()
		_, _ = w.config.Write(c.Config.Encode(c.Sockets)) // one that has ended says why
	}()
	_, _ = c.leave() // for people alone: it runs without
	p, err := w.listen(ctx, c)
	<-given
	return p, err
}

// listen waits for the sockets.
func (w *Waiting) listen(ctx context.Context, c Command) (*Process, error) {
	p := w.process
	if err := <-w.started; err != nil {
		w.ready.close()
		return nil, fmt.Errorf("start of %s: %w", c.Path, err)
	}
	listens := make(chan error, 1)
	go func() { listens <- w.ready.wait(c.Sockets, p.done) }()
	select {
	case err := <-listens:
		if err == nil {
			p.err.ready()
			return p, nil
		}
	case <-ctx.Done():
		p.Kill()
		<-listens
		<-p.done
		return nil, context.Cause(ctx)
	}
	p.Kill() // it has ended, or never will listen
	<-p.done
	text := p.err.text()
	return nil, &StartError{Faults: blame(text), Stderr: text}
}
