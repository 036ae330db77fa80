package worker

import (
	"errors"
	"net"
	"syscall"
)

// patientConn is a connection whose other side may have answered before it closed. A Worker that does not read the
// request's body answers and closes; an http.Transport that fails to write then would never read the answer. So
// what cannot be written any more is dropped, and reading says how it ends.
type patientConn struct{ net.Conn }

func (c patientConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return len(b), nil
	}
	return n, err
}
