package workerd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// Command is one start of the runtime.
type Command struct {
	Path   string // of the binary
	Dir    string // a private folder; the config is left there as text
	Config *Config
	// Sockets are the addresses of the config's sockets, by name: "unix:/path" or "127.0.0.1:port".
	Sockets map[string]string
	// OnError takes what the process writes to stderr once it is ready, line by line; nil: it is kept for [Process.Last] alone.
	OnError func(line string)
}

// Process is a runtime that listens.
type Process struct {
	cmd  *exec.Cmd
	err  *tail
	done chan struct{}
	wait error // of the process, once done
	once sync.Once
}

// Start runs the process, and returns once every socket listens. A process that ends before is a
// [StartError]; a context that ends before kills it.
func Start(ctx context.Context, c Command) (*Process, error) {
	if takesMessages(c.Path) {
		w, err := launch(c, "--binary", "-")
		if err != nil {
			return nil, err
		}
		return w.Run(ctx, c)
	}
	file, err := c.leave()
	if err != nil {
		return nil, err
	}
	var args []string
	for name, address := range c.Sockets {
		args = append(args, "--socket-addr", name+"="+address)
	}
	w, err := launch(c, append(args, file)...)
	if err != nil {
		return nil, err
	}
	w.config.Close()
	return w.listen(ctx, c)
}

// leave writes the config down as text.
func (c *Command) leave() (file string, err error) {
	file = filepath.Join(c.Dir, "config.capnp")
	return file, os.WriteFile(file, []byte(c.Config.Text()), 0o600)
}

// run starts the process and waits for it on one thread, so that a process that is to die with its parent's
// thread dies with the parent.
func (p *Process) run(in *os.File, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	in.Close()
	for _, f := range p.cmd.ExtraFiles {
		f.Close()
	}
	started <- err
	if err != nil {
		close(p.done)
		return
	}
	openFiles(p.cmd.Process.Pid)
	p.wait = p.cmd.Wait()
	p.err.end()
	close(p.done)
}

// environment is what the process gets of the environment: the names that a program needs to run at all. The
// user's tokens are none of its business.
func environment() (env []string) {
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "LD_LIBRARY_PATH", "TZ", "LANG"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed once the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Last is how the process ended and the end of what it wrote to stderr; before its end, the latter alone.
func (p *Process) Last() string {
	text := string(bytes.TrimSpace([]byte(p.err.text())))
	select {
	case <-p.done:
	default:
		return text
	}
	how := "exit status 0"
	if p.wait != nil {
		how = p.wait.Error()
	}
	if text == "" {
		return how
	}
	return how + ": " + text
}

// Stop asks the process to finish what it is doing and to end, and kills it when it has not after the bound.
func (p *Process) Stop(bound time.Duration) {
	if err := terminate(p.cmd.Process); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.Kill()
	}
	t := time.NewTimer(bound)
	defer t.Stop()
	select {
	case <-p.done:
	case <-t.C:
		p.Kill()
		<-p.done
	}
}

// Kill ends the process at once.
func (p *Process) Kill() { p.once.Do(func() { _ = p.cmd.Process.Kill() }) }

// kept is how much of stderr is kept.
const kept = 64 << 10

// tail keeps the end of what is written to it, and once told to passes whole lines on.
type tail struct {
	each func(string)

	mu    sync.Mutex
	all   []byte // guarded by mu, like the two below
	line  []byte
	lines bool
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, b...)
	if over := len(t.all) - kept; over > 0 {
		t.all = append(t.all[:0], t.all[over:]...)
	}
	if !t.lines || t.each == nil {
		return len(b), nil
	}
	t.line = append(t.line, b...)
	for {
		i := bytes.IndexByte(t.line, '\n')
		if i < 0 {
			break
		}
		t.each(string(t.line[:i]))
		t.line = t.line[i+1:]
	}
	return len(b), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.all)
}

// ready forgets what was written at the start.
func (t *tail) ready() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all, t.lines = nil, true
}

func (t *tail) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.line) > 0 && t.each != nil {
		t.each(string(t.line))
	}
	t.line = nil
}

var _ io.Writer = (*tail)(nil)
