package line

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// body is that of an answer; with its end the connection is free.
type body struct {
	from  io.Reader
	conn  *conn
	stop  func() bool
	keep  bool
	state atomic.Int32
}

// The states of a body.
const (
	open = iota
	read
	closed
)

var errClosed = errors.New("the body is closed")

func (b *body) Read(p []byte) (int, error) {
	switch b.state.Load() {
	case read:
		return 0, io.EOF
	case closed:
		return 0, errClosed
	}
	n, err := b.from.Read(p)
	switch {
	case err == io.EOF:
		b.end(read, b.keep)
	case err != nil:
		b.end(closed, false)
	}
	return n, err
}

// Close ends the answer where it is.
func (b *body) Close() error {
	b.end(closed, false)
	return nil
}

func (b *body) end(state int32, keep bool) {
	if b.state.CompareAndSwap(open, state) {
		b.conn.end(b.stop, keep)
	}
}

// Whole says that all of an answer's body is here already, so that nobody has to wait for more of it.
func Whole(res *http.Response) bool {
	b, ok := res.Body.(*body)
	return !ok && res.Body == http.NoBody || ok && res.ContentLength >= 0 && int64(b.conn.r.Buffered()) >= res.ContentLength
}

// upgraded is the connection after an answer of 101.
type upgraded struct{ conn *conn }

func (u *upgraded) Read(p []byte) (int, error)  { return u.conn.r.Read(p) }
func (u *upgraded) Write(p []byte) (int, error) { return u.conn.Conn.Write(p) }
func (u *upgraded) Close() error                { return u.conn.Close() }

// CloseWrite says that no more is written.
func (u *upgraded) CloseWrite() error {
	if half, ok := u.conn.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return u.conn.Close()
}
