//go:build unix

package environ

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// hasTerminal reports whether a shell's job control governs this process.
func hasTerminal() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	tty.Close()
	return true
}

func attributes(shared bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: !shared}
}

// wanted are the signals to pass on. One that was ignored when this process
// began, as under nohup, stays so for CMD too.
func wanted() []os.Signal {
	var list []os.Signal
	for _, s := range []syscall.Signal{
		syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT,
		syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH, syscall.SIGCONT,
	} {
		if !signal.Ignored(s) {
			list = append(list, s)
		}
	}
	return list
}

func pass(p *os.Process, s os.Signal, shared bool) {
	sig, ok := s.(syscall.Signal)
	if !ok {
		return
	}
	if !shared {
		syscall.Kill(-p.Pid, sig)
		return
	}
	switch sig {
	case syscall.SIGINT, syscall.SIGQUIT, syscall.SIGWINCH, syscall.SIGCONT:
		return // the terminal and the shell send these to the whole group
	}
	p.Signal(sig)
}

func terminate(p *os.Process, shared bool) { pass(p, syscall.SIGTERM, shared) }

func killAll(p *os.Process, shared bool) { pass(p, syscall.SIGKILL, shared) }

func exitCode(state *os.ProcessState) int {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return state.ExitCode()
}

// needsShell reports whether a file is executable and no program.
func needsShell(err error) bool { return errors.Is(err, syscall.ENOEXEC) }

func startCode(err error) int {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, exec.ErrNotFound) || errors.Is(err, syscall.ENOTDIR) {
		return ExitNotFound
	}
	return ExitCannotRun
}

// lookup finds a command in the PATH that it will have itself. A file that
// cannot be executed is remembered, because that is another exit code than
// finding nothing.
func lookup(name string, env []string) (string, error) {
	if strings.Contains(name, "/") {
		return name, executable(name)
	}
	var path string
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, "PATH="); ok {
			path = v
		}
	}
	missing := error(exec.ErrNotFound)
	for _, dir := range filepath.SplitList(path) {
		if dir == "" {
			dir = "."
		}
		file := filepath.Join(dir, name)
		if !strings.Contains(file, "/") {
			file = "./" + file
		}
		err := executable(file)
		if err == nil {
			return file, nil
		}
		if startCode(err) == ExitCannotRun {
			missing = err
		}
	}
	return "", missing
}

func executable(file string) error {
	fi, err := os.Stat(file)
	switch {
	case err != nil:
		return reason(err)
	case fi.IsDir():
		return syscall.EISDIR
	case fi.Mode()&0o111 == 0:
		return syscall.EACCES
	}
	return nil
}
