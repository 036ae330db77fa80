package workerd

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// openFiles lets the process open as many files as it is allowed to. A Go program does that for itself, and not for
// those that it starts; the runtime ends when it has no file left for a connection.
func openFiles(pid int) {
	var limit unix.Rlimit
	if unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &limit) == nil && limit.Cur < limit.Max {
		limit.Cur = limit.Max
		_ = unix.Prlimit(pid, unix.RLIMIT_NOFILE, &limit, nil) // with the fewer it runs, too
	}
}
