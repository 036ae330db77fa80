package line

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync/atomic"
	"syscall"
)

// conn is one connection. It carries one request at a time, and is the pool's between two.
type conn struct {
	net.Conn
	to    *Transport
	host  string
	r     *bufio.Reader
	w     *bufio.Writer
	head  headReader
	sink  sink
	used  bool        // it carried a request before
	stale func() bool // the other side has closed it, or spoke unasked

	sent  chan struct{} // closed when the body is written, or could not be; nil: there is none
	fail  error         // why it could not be; read after sent
	parts atomic.Int32  // of the exchange that are under way: the request and its answer
	spent atomic.Bool   // no further request fits on it
}

func newConn(t *Transport, host string, nc net.Conn) *conn {
	c := &conn{Conn: nc, to: t, host: host, stale: staleness(nc)}
	c.head.from, c.sink.to = nc, nc
	c.r, c.w = bufio.NewReaderSize(&c.head, 8<<10), bufio.NewWriterSize(&c.sink, 8<<10)
	return c
}

// errNotTaken is a connection that the other side closed before it read the request.
var errNotTaken = errors.New("not taken")

// maxInterim is how many answers of 1xx may come before the one.
const maxInterim = 8

// send writes the request and reads the head of its answer. After an error the connection is closed.
func (c *conn) send(r *http.Request) (*http.Response, error) {
	c.sink.err, c.fail, c.sent = nil, nil, nil
	c.sink.over.Store(false)
	c.parts.Store(1)
	stop := context.AfterFunc(r.Context(), func() { c.Close() })
	if hasBody(r) {
		sent := make(chan struct{})
		c.sent = sent
		c.parts.Store(2)
		go func() {
			err := c.write(r)
			c.fail = err
			close(sent)
			c.leave(err == nil) // a body that broke off is no whole body
		}()
	} else if err := c.write(r); err != nil {
		stop()
		c.Close()
		return nil, err
	}
	c.head.left = maxHead
	res, err := c.read(r)
	c.head.left = math.MaxInt64
	if err != nil {
		stop()
		if c.sent != nil {
			select { // before the connection is closed, which ends it, too
			case <-c.sent:
				if c.fail != nil {
					err = c.fail
				}
			default: // it still reads the body, until that is closed
			}
		}
		c.sink.over.Store(true)
		c.Close()
		return nil, err
	}
	switch {
	case res.StatusCode == http.StatusSwitchingProtocols:
		stop()
		res.Body = &upgraded{c}
	case res.Body == http.NoBody:
		c.end(stop, !res.Close && !r.Close)
	default:
		res.Body = &body{from: res.Body, conn: c, stop: stop, keep: !res.Close && !r.Close}
	}
	return res, nil
}

func (c *conn) write(r *http.Request) error {
	if err := r.Write(c.w); err != nil {
		return err
	}
	return c.w.Flush()
}

// read is the answer without those of 1xx.
func (c *conn) read(r *http.Request) (*http.Response, error) {
	if _, err := c.r.Peek(1); err != nil {
		switch {
		case c.sent == nil && c.sink.err != nil || errors.Is(err, syscall.ECONNRESET) || err == io.EOF && !eofIsFinal:
			return nil, errNotTaken
		case err == io.EOF:
			return nil, ErrCut
		}
		return nil, err
	}
	for range maxInterim {
		res, err := http.ReadResponse(c.r, r)
		if err != nil || res.StatusCode >= 200 || res.StatusCode == http.StatusSwitchingProtocols {
			return res, err
		}
		if res.StatusCode == http.StatusContinue {
			continue // the body is on its way anyhow
		}
		if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.Got1xxResponse != nil {
			if err := trace.Got1xxResponse(res.StatusCode, textproto.MIMEHeader(res.Header)); err != nil {
				return nil, err
			}
		}
	}
	return nil, errors.New("too many answers of 1xx")
}

// end is that of the answer.
func (c *conn) end(stop func() bool, keep bool) {
	c.sink.over.Store(true)
	c.leave(stop() && keep)
}

// leave ends one part of the exchange; with the last the connection waits for another.
func (c *conn) leave(fine bool) {
	if !fine {
		c.spent.Store(true)
		c.Close()
	}
	if c.parts.Add(-1) > 0 || c.spent.Load() {
		return
	}
	if c.sink.err != nil || c.r.Buffered() > 0 {
		c.Close()
		return
	}
	c.to.put(c)
}

// maxHead bounds the head of an answer.
const maxHead = 10 << 20

// headReader counts what the head of an answer has.
type headReader struct {
	from io.Reader
	left int64
}

func (h *headReader) Read(p []byte) (int, error) {
	if h.left <= 0 {
		return 0, errors.New("the head of the answer is longer than 10 MB")
	}
	n, err := h.from.Read(p)
	h.left -= int64(n)
	return n, err
}

// sink takes what is written. The other side may have answered before it closed: a Worker that does not read the
// request's body does. So what cannot be written any more is dropped, and reading says how it ends. Once it has said so,
// the body is not read on: it may have no end.
type sink struct {
	to   net.Conn
	err  error       // of the goroutine that writes, until the body is sent
	over atomic.Bool // the answer has ended
}

func (s *sink) Write(b []byte) (int, error) {
	if s.err != nil {
		if s.over.Load() {
			return 0, s.err
		}
		return len(b), nil
	}
	n, err := s.to.Write(b)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		s.err = err
		return len(b), nil
	}
	return n, err
}

// ReadFrom writes what comes as it comes: a buffer would wait until it is full.
func (s *sink) ReadFrom(from io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{s}, from)
}
