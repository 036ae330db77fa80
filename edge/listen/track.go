package listen

import (
	"bufio"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// tracker knows every accepted connection until who serves it has closed it,
// so that hijacked ones end with the server too, and Close can wait for the
// goroutine behind each.
type tracker struct {
	mu     sync.Mutex // guards everything below
	conns  map[*conn]struct{}
	closed bool
	empty  chan struct{} // made by closeAll; closed when no connection is left
}

func (t *tracker) add(c *conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	if t.conns == nil {
		t.conns = make(map[*conn]struct{})
	}
	t.conns[c] = struct{}{}
	return true
}

func (t *tracker) remove(c *conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.conns[c]; !ok {
		return
	}
	delete(t.conns, c)
	if t.closed && len(t.conns) == 0 {
		close(t.empty)
	}
}

// closeUnused closes connections that never carried a request:
// http.Server.Shutdown would wait seconds for a browser's spare ones.
func (t *tracker) closeUnused() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := range t.conns {
		if !c.used.Load() {
			c.Conn.Close()
		}
	}
}

// closeAll closes every connection beneath its owner, refuses those that are
// added from now on, and returns a channel that is closed when every owner
// has let go.
func (t *tracker) closeAll() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.closed, t.empty = true, make(chan struct{})
		if len(t.conns) == 0 {
			close(t.empty)
		}
	}
	for c := range t.conns {
		c.Conn.Close()
	}
	return t.empty
}

// left is how many connections their owners still hold.
func (t *tracker) left() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.conns)
}

// conn is an accepted connection.
type conn struct {
	net.Conn
	info    *Info
	tracker *tracker
	room    *room
	used    atomic.Bool // has carried a request's first byte
	left    atomic.Bool // its place in the room is given back
}

func (c *conn) connInfo() *Info { return c.info }

func (c *conn) Close() error {
	err := c.Conn.Close()
	c.tracker.remove(c)
	if c.left.CompareAndSwap(false, true) {
		c.room.leave()
	}
	return err
}

func (c *conn) CloseWrite() error { return closeWrite(c.Conn) }

// closeWrite ends the sending direction, or the connection where that is all
// it can do.
func closeWrite(c net.Conn) error {
	if w, ok := c.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return c.Close()
}

// tracked is a listener whose connections are tracked and carry info.
type tracked struct {
	net.Listener
	tracker *tracker
	info    *Info
	room    *room
}

func (l *tracked) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if !l.room.enter() {
			inner.Close()
			continue
		}
		c := &conn{Conn: inner, info: l.info, tracker: l.tracker, room: l.room}
		if l.tracker.add(c) {
			return c, nil
		}
		l.room.leave()
		inner.Close()
	}
}

// replayConn is a hijacked connection whose first bytes are still in the
// server's buffer.
type replayConn struct {
	net.Conn
	info *Info
	buf  *bufio.Reader // nil once drained
}

func (c *replayConn) connInfo() *Info { return c.info }

func (c *replayConn) Read(p []byte) (int, error) {
	if c.buf != nil {
		if c.buf.Buffered() > 0 {
			return c.buf.Read(p)
		}
		c.buf = nil
	}
	return c.Conn.Read(p)
}

func (c *replayConn) CloseWrite() error { return closeWrite(c.Conn) }

// markUsed is the ConnState hook that tells used connections from spare ones.
func markUsed(nc net.Conn, state http.ConnState) {
	if state != http.StateActive {
		return
	}
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	if r, ok := nc.(*replayConn); ok {
		nc = r.Conn
	}
	if c, ok := nc.(*conn); ok {
		c.used.Store(true)
	}
}
