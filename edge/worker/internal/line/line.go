// Package line speaks HTTP/1.1 on the sockets of the runtime. It is to them what http.Transport is to the world, for
// half the time of a small request: the goroutine that asks writes and reads itself. What it does otherwise is for
// Workers' sake: no request that may have been taken is sent a second time, an answer is read although the request
// could not be written to its end, and what ends without an answer is told apart ([ErrCut]).
package line

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// Transport is a pool of connections. The zero value with Dial set is ready for use, by any number of goroutines.
type Transport struct {
	// Dial opens a connection to the host of a request's URL.
	Dial func(ctx context.Context, host string) (net.Conn, error)

	mu     sync.Mutex
	idle   map[string][]*conn // by host, the latest last; guarded by mu
	closed bool               // guarded by mu
}

// maxIdle is how many connections to a host wait for the next request.
const maxIdle = 256

// ErrCut is a request that was taken and whose connection ended before an answer began.
var ErrCut = errors.New("the connection ended without an answer")

// RoundTrip sends one request. An error is that of Dial, [ErrCut], that of the request's body or context, or what is
// wrong with the answer.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !token(r.Method) {
		closeBody(r)
		return nil, errors.New("the method of the request is no token")
	}
	for {
		c, err := t.take(r)
		if err != nil {
			closeBody(r)
			return nil, err
		}
		res, err := c.send(r)
		if err == nil {
			return res, nil
		}
		if err == errNotTaken && c.used && !hasBody(r) && r.Context().Err() == nil {
			continue // the other side had given the connection up
		}
		if cause := context.Cause(r.Context()); cause != nil {
			return nil, cause
		}
		if err == errNotTaken {
			err = ErrCut
		}
		return nil, err
	}
}

// take is a connection that waits, or a new one.
func (t *Transport) take(r *http.Request) (*conn, error) {
	host := r.URL.Host
	for {
		t.mu.Lock()
		list := t.idle[host]
		if len(list) == 0 {
			t.mu.Unlock()
			nc, err := t.Dial(r.Context(), host)
			if err != nil {
				return nil, err
			}
			return newConn(t, host, nc), nil
		}
		c := list[len(list)-1]
		list[len(list)-1] = nil
		t.idle[host] = list[:len(list)-1]
		t.mu.Unlock()
		if c.used = true; !c.stale() {
			return c, nil
		}
		c.Close()
	}
}

// put keeps a connection for the next request.
func (t *Transport) put(c *conn) {
	t.mu.Lock()
	if list := t.idle[c.host]; !t.closed && len(list) < maxIdle {
		if t.idle == nil {
			t.idle = map[string][]*conn{}
		}
		t.idle[c.host] = append(list, c)
		c = nil
	}
	t.mu.Unlock()
	if c != nil {
		c.Close()
	}
}

// Close closes the connections that wait, and keeps none from now on.
func (t *Transport) Close() {
	t.mu.Lock()
	idle := t.idle
	t.idle, t.closed = nil, true
	t.mu.Unlock()
	for _, list := range idle {
		for _, c := range list {
			c.Close()
		}
	}
}

func hasBody(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}

// token says whether a method is one; the empty one is GET.
func token(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c <= ' ' || c >= 0x7f:
			return false
		case c == '(' || c == ')' || c == '<' || c == '>' || c == '@' || c == ',' || c == ';' || c == ':' || c == '\\' ||
			c == '"' || c == '/' || c == '[' || c == ']' || c == '?' || c == '=' || c == '{' || c == '}':
			return false
		}
	}
	return true
}
