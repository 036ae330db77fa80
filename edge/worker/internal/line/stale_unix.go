//go:build unix

package line

import (
	"net"
	"syscall"
)

// eofIsFinal: a connection that was not stale and ends without a word had its request read.
const eofIsFinal = true

// staleness reads without waiting: nothing is there while the other side waits for a request.
func staleness(nc net.Conn) func() bool {
	over, ok := nc.(syscall.Conn)
	if !ok {
		return func() bool { return false }
	}
	raw, err := over.SyscallConn()
	if err != nil {
		return func() bool { return true }
	}
	var one [1]byte
	waits := false
	look := func(fd uintptr) bool {
		_, err := syscall.Read(int(fd), one[:])
		waits = err == syscall.EAGAIN
		return true
	}
	return func() bool { return raw.Read(look) != nil || !waits }
}
