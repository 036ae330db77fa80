package connector_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// hole is a TCP proxy that can swallow everything.
type hole struct {
	net.Listener
	mu    sync.Mutex
	deaf  bool
	conns []net.Conn
}

func newHole(t *testing.T, to string) *hole {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &hole{Listener: l}
	t.Cleanup(func() {
		l.Close()
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, c := range h.conns {
			c.Close()
		}
	})
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				return
			}
			h.mu.Lock()
			h.conns = append(h.conns, near, far)
			h.mu.Unlock()
			go h.copy(near, far)
			go h.copy(far, near)
		}
	}()
	return h
}

func (h *hole) copy(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		h.mu.Lock()
		deaf := h.deaf
		h.mu.Unlock()
		if !deaf {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
	}
}

// A connection that has gone without a word is found out: by pings over HTTP/2.
func TestSilenceOverHTTP2(t *testing.T) {
	e := newEdge(t, connector.Options{Idle: 100 * time.Millisecond})
	h := newHole(t, e.addr)
	o := e.options(connector.HTTP2)
	o.Edge = h.Addr().String()
	o.Origin = named("x")
	start(t, o)
	if got := ask(t, e, web.ID); got != "x" {
		t.Fatal(got)
	}
	h.mu.Lock()
	h.deaf = true
	h.mu.Unlock()
	e.event(t, connector.Closed)
	if e.Ready(web.ID) {
		t.Error("still ready")
	}
}

// Over QUIC it is the idle time, which keep-alives of a connector that lives keep from passing.
func TestSilenceOverQUIC(t *testing.T) {
	e := newEdge(t, connector.Options{Idle: 500 * time.Millisecond})
	conn := registeredQUIC(t, e)
	e.event(t, connector.Registered)
	conn.vanish()
	if ev := e.event(t, connector.Closed); ev.Protocol != connector.QUIC {
		t.Errorf("%+v", ev)
	}
}

// Bodies that nobody reads hold their origin up, and not the edge's memory.
func TestBackPressure(t *testing.T) {
	overBoth(t, func(t *testing.T, p connector.Protocol) {
		e := newEdge(t, connector.Options{})
		o := e.options(p)
		sent := &counter{}
		o.Origin = endless{sent}
		start(t, o)
		resp, err := e.RoundTrip(request(t, "GET", "http://a/", nil).WithContext(within(t)), web.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(resp.Body, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		last, still := int64(-1), 0
		eventually(t, func() bool {
			if n := sent.value(); n == last {
				still++
			} else {
				last, still = n, 0
			}
			return still > 20
		}, func() string { return "the origin is never held up" })
		if last > 32<<20 {
			t.Errorf("%d bytes are underway", last)
		}
		resp.Body.Close()
	})
}
