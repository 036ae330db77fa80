package listen

import (
	"errors"
	"syscall"
)

// Windows reports its own numbers, which the syscall package does not equate
// with EADDRINUSE: the address is in use, and it is reserved by another.
const (
	wsaeaddrinuse = syscall.Errno(10048)
	wsaeacces     = syscall.Errno(10013)
)

func isTaken(err error) bool {
	return errors.Is(err, wsaeaddrinuse) || errors.Is(err, wsaeacces)
}
