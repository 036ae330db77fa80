package environ

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// hasTerminal is true: the console sends its keys to every process that is
// attached to it, CMD included.
func hasTerminal() bool { return true }

func attributes(bool) *syscall.SysProcAttr { return nil }

// wanted are the signals to catch, so that ^C ends CMD and this process
// outlives it.
func wanted() []os.Signal { return []os.Signal{os.Interrupt} }

// pass does nothing: the console has told CMD already.
func pass(*os.Process, os.Signal, bool) {}

func terminate(p *os.Process, _ bool) { p.Kill() }

func killAll(p *os.Process, _ bool) { p.Kill() }

func exitCode(state *os.ProcessState) int { return state.ExitCode() }

func needsShell(error) bool { return false }

func startCode(err error) int {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, exec.ErrNotFound) {
		return ExitNotFound
	}
	return ExitCannotRun
}

// lookup finds a command in this process's PATH: the rules of PATHEXT are the
// system's.
func lookup(name string, _ []string) (string, error) {
	path, err := exec.LookPath(name)
	var ee *exec.Error
	if errors.As(err, &ee) {
		err = ee.Err
	}
	return path, err
}
