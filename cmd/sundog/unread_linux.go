package main

import (
	"os"
	"syscall"
)

// watchReader calls unread when f is a pipe and nobody reads it any more, also while nothing is
// written. A pipe's writing end counts as readable when, and only when, its reader has gone.
func watchReader(f *os.File, unread func()) {
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return
	}
	fd := -1
	if raw.Control(func(n uintptr) { fd = int(n) }) != nil || fd < 0 || fd >= 32 {
		return
	}
	flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFL, 0)
	if errno != 0 || flags&syscall.O_ACCMODE != syscall.O_WRONLY {
		return
	}
	go func() {
		for {
			var readable syscall.FdSet
			readable.Bits[0] = 1 << fd
			switch n, err := syscall.Select(fd+1, &readable, nil, nil, nil); {
			case err == syscall.EINTR:
			case err == nil && n == 1:
				unread()
				return
			default:
				return
			}
		}
	}()
}
