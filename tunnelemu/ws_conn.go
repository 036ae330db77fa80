package tunnelemu

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// pingPeriod is how often the connector pings the client of a tcp-like service. No pong is waited for.
	pingPeriod = 54 * time.Second
	// linger bounds the wait for a client that does not close its side, so that the last bytes reach those that do.
	linger = 500 * time.Millisecond
)

var pingFrame = []byte{finBit | opPing, 0}

// wsConn is the connector's end of a WebSocket that carries bytes: what the client sends in binary messages is read
// from it, what is written goes out in binary frames.
type wsConn struct {
	conn     net.Conn
	messages messageReader
	buf      *[bufferSize]byte // of the pool
	pending  []byte            // of the last message, in buf

	mu   sync.Mutex // guards writing to conn, and over
	over bool       // nothing more is written

	done      chan struct{} // ends the pings
	pinger    sync.WaitGroup
	unhook    func() bool
	lingering *time.Timer
}

// acceptWebSocket answers the client of a tcp-like service: 101, with Sec-Websocket-Accept only when there was a key.
// A request that is no upgrade gets 200 and nothing else, and no wsConn.
func (t *Tunnel) acceptWebSocket(w http.ResponseWriter, r *http.Request, d Decision) (*wsConn, error) {
	h := w.Header()
	key := r.Header.Get("Sec-Websocket-Key")
	if !isWebSocket(r) {
		h["Content-Type"] = nil
		w.WriteHeader(http.StatusOK)
		return nil, nil
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, t.originError(KindUpgrade, d, err)
	}
	_ = conn.SetDeadline(time.Time{})
	h["Connection"], h["Upgrade"] = connUpgrade, upgradeWebSocket
	if key != "" {
		h["Sec-Websocket-Accept"] = []string{acceptKey(key)}
	}
	c := &wsConn{conn: conn, buf: buffers.Get().(*[bufferSize]byte), done: make(chan struct{})}
	c.messages = messageReader{in: bufio.NewReader(rest{rw.Reader, conn}), control: c.control}
	c.unhook = context.AfterFunc(r.Context(), func() { conn.Close() })
	if writeSwitch(rw.Writer, h) != nil {
		conn.Close() // what follows fails at once
	}
	ticks, stop := t.options.Ticker(pingPeriod)
	c.pinger.Go(func() {
		defer stop()
		c.ping(ticks)
	})
	return c, nil
}

func (c *wsConn) ping(ticks <-chan time.Time) {
	for {
		select {
		case <-c.done:
			return
		case <-ticks:
			if c.send(pingFrame) != nil {
				return
			}
		}
	}
}

// send writes whole frames.
func (c *wsConn) send(frames []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return net.ErrClosed
	}
	_, err := c.conn.Write(frames)
	return err
}

func (c *wsConn) control(op byte, payload []byte) error {
	var space [2 + maxControl]byte
	return c.send(append(appendFrameHeader(space[:0], finBit|op, len(payload)), payload...))
}

// next is the next message, or what was left of the last one.
func (c *wsConn) next() ([]byte, error) {
	for len(c.pending) == 0 {
		n, err := c.messages.next(c.buf[:maxMessage])
		if err != nil {
			return nil, err
		}
		c.pending = c.buf[:n]
	}
	message := c.pending
	c.pending = nil
	return message, nil
}

// Read gives the bytes of the client's messages, one after another.
func (c *wsConn) Read(p []byte) (int, error) {
	message, err := c.next()
	if err != nil {
		return 0, err
	}
	n := copy(p, message)
	c.pending = message[n:]
	return n, nil
}

// join carries bytes between the client and an origin until either of them ends: there is no half-open state, as in
// the connector.
func (c *wsConn) join(origin net.Conn) {
	up := make(chan struct{})
	go func() {
		defer close(up)
		for {
			message, err := c.next()
			if err != nil {
				break
			}
			if _, err := origin.Write(message); err != nil {
				break
			}
		}
		origin.Close()
	}()
	c.fromOrigin(origin)
	origin.Close()
	c.finish()
	<-up
}

// headroom is for the longest header of a frame that holds no more than maxMessage.
const headroom = 4

func (c *wsConn) fromOrigin(origin io.Reader) {
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	for {
		n, err := origin.Read(buf[headroom : headroom+maxMessage])
		if n > 0 {
			start := headroom - 2
			if n >= 126 {
				start = 0
			}
			appendFrameHeader(buf[start:start], finBit|opBinary, n)
			if c.send(buf[start:headroom+n]) != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// finish ends the connector's side: no frame follows, and the client has a moment to close its own.
func (c *wsConn) finish() {
	if c.lingering != nil {
		return
	}
	// First, since a client that reads nothing may hold the lock.
	c.lingering = time.AfterFunc(linger, func() { c.conn.Close() })
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	close(c.done)
	c.pinger.Wait()
	if half, ok := c.conn.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		c.conn.Close()
	}
}

// close releases the connection, when no goroutine reads it any more.
func (c *wsConn) close() {
	c.finish()
	_, _ = io.Copy(io.Discard, c.messages.in)
	c.lingering.Stop()
	c.unhook()
	c.conn.Close()
	buffers.Put(c.buf)
}
