package listen

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
)

// Queue is a net.Listener that is fed by hand. Give it to an http.Server (or
// several) and connections come from Deliver and Dial. The zero value works.
// It is safe for concurrent use.
type Queue struct {
	// Address is what Addr says and what the accepting end of Dial has as its
	// own address. nil: 127.0.0.1:0. Set it before the first use.
	Address net.Addr
	// HTTP says that only http.Servers accept from here. Connections of Dial
	// then lack CloseWrite at the accepting end: where http.Server finds it, a
	// goroutine lingers half a second after an answer that left its request
	// unread, lest a reset overtake the answer. Memory has no resets. Set it
	// before the first use.
	HTTP bool

	once  sync.Once
	conns chan net.Conn
	done  chan struct{}
	close sync.Once
	port  atomic.Uint32
}

// loopback is the address of both ends of an in-memory connection: a handler
// sees a peer of this machine.
var loopback = net.IPv4(127, 0, 0, 1)

func (q *Queue) init() {
	q.once.Do(func() {
		q.conns, q.done = make(chan net.Conn), make(chan struct{})
		if q.Address == nil {
			q.Address = &net.TCPAddr{IP: loopback}
		}
	})
}

// Accept returns the next connection; after Close, net.ErrClosed.
func (q *Queue) Accept() (net.Conn, error) {
	q.init()
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

// Deliver hands a connection to Accept and waits until it is taken. After
// Close it returns net.ErrClosed, and the connection stays the caller's.
func (q *Queue) Deliver(c net.Conn) error { return q.deliver(context.Background(), c) }

func (q *Queue) deliver(ctx context.Context, c net.Conn) error {
	q.init()
	select {
	case q.conns <- c:
		return nil
	case <-q.done:
		return net.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Dial connects in memory. The connection buffers up to 64 KiB each way,
// obeys deadlines, and has CloseWrite. After Close it returns net.ErrClosed.
func (q *Queue) Dial(ctx context.Context) (net.Conn, error) {
	q.init()
	// Both ends have addresses of TCP's shape, because handlers split
	// Request.RemoteAddr; the dynamic ports tell the connections apart.
	client := &net.TCPAddr{IP: loopback, Port: 49152 + int(q.port.Add(1)%16384)}
	ours, end := pipe(client, q.Address)
	var theirs net.Conn = end
	if q.HTTP {
		theirs = struct{ net.Conn }{end}
	}
	if err := q.deliver(ctx, theirs); err != nil {
		return nil, err
	}
	return ours, nil
}

// DialContext is Dial in the shape that http.Transport wants. It ignores
// network and address.
func (q *Queue) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return q.Dial(ctx)
}

// Close ends Accept, Deliver and Dial. Connections that were taken live on.
func (q *Queue) Close() error {
	q.init()
	q.close.Do(func() { close(q.done) })
	return nil
}

// Addr is Address, or 127.0.0.1:0.
func (q *Queue) Addr() net.Addr {
	q.init()
	return q.Address
}
