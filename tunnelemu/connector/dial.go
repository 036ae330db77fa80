package connector

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// DialContext opens a TCP connection from a tunnel's connector to a private address. network is "tcp", "tcp4" or "tcp6",
// and addr an IP with a port, since connectors resolve no names here. The error is an *Error. The connection has
// CloseWrite.
func (s *Server) DialContext(ctx context.Context, tunnelID, network, addr string) (net.Conn, error) {
	to, err := destination(network, addr)
	if err != nil {
		return nil, &Error{Kind: KindAddress, Tunnel: tunnelID, Err: err}
	}
	last := &Error{Kind: KindNoConnector, Tunnel: tunnelID, Err: errNoConnector}
	t := s.tunnelOf(tunnelID)
	if t == nil {
		return nil, last
	}
	var failed []*session
	for range maxTries {
		c := t.choose(failed)
		if c == nil {
			break
		}
		err := c.fault(ctx, StageRequest)
		var conn net.Conn
		if err == nil {
			conn, err = c.link.dial(ctx, to)
		}
		if err == nil {
			return &heldConn{Conn: conn, session: c}, nil
		}
		c.release()
		if last = c.errorOf(err); last.Kind != KindNotSent {
			break
		}
		failed = append(failed, c)
	}
	return nil, last
}

func destination(network, addr string) (to netip.AddrPort, err error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return to, errors.New("network " + network + " is not supported yet: tcp, tcp4 and tcp6 are")
	}
	if to, err = netip.ParseAddrPort(addr); err != nil {
		return to, errors.New("a private destination is an IP address with a port, not " + addr)
	}
	if network == "tcp4" && !to.Addr().Unmap().Is4() || network == "tcp6" && to.Addr().Unmap().Is4() {
		return to, errors.New(addr + " is no address of " + network)
	}
	return to, nil
}

// heldConn keeps a place on the session until it is closed.
type heldConn struct {
	net.Conn
	session *session
	once    sync.Once
}

func (c *heldConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.session.release)
	return err
}

// CloseWrite ends the direction to the destination.
func (c *heldConn) CloseWrite() error { return c.Conn.(interface{ CloseWrite() error }).CloseWrite() }

// quicConn is a stream as a connection.
type quicConn struct {
	*quic.Stream
	local  net.Addr
	remote netip.AddrPort
}

func (c *quicConn) LocalAddr() net.Addr  { return c.local }
func (c *quicConn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }
func (c *quicConn) CloseWrite() error    { return c.Stream.Close() }

func (c *quicConn) Close() error {
	err := c.Stream.Close()
	c.CancelRead(0)
	return err
}

// streamConn is an HTTP/2 stream as a connection. In-memory pipes stand between, since they have deadlines and a stream
// has not.
type streamConn struct {
	in, out net.Conn // ours
	stream  *duplex
	local   net.Addr
	remote  netip.AddrPort
	once    sync.Once
}

func newStreamConn(stream *duplex, local net.Addr, remote netip.AddrPort) *streamConn {
	in, inFar := net.Pipe()
	out, outFar := net.Pipe()
	c := &streamConn{in: in, out: out, stream: stream, local: local, remote: remote}
	go func() {
		_, _ = io.Copy(inFar, stream)
		inFar.Close()
	}()
	go func() {
		_, _ = io.Copy(stream, outFar)
		outFar.Close()
		_ = stream.CloseWrite()
	}()
	return c
}

func (c *streamConn) Read(p []byte) (int, error)         { return c.in.Read(p) }
func (c *streamConn) Write(p []byte) (int, error)        { return c.out.Write(p) }
func (c *streamConn) LocalAddr() net.Addr                { return c.local }
func (c *streamConn) RemoteAddr() net.Addr               { return net.TCPAddrFromAddrPort(c.remote) }
func (c *streamConn) CloseWrite() error                  { return c.out.Close() }
func (c *streamConn) SetReadDeadline(t time.Time) error  { return c.in.SetReadDeadline(t) }
func (c *streamConn) SetWriteDeadline(t time.Time) error { return c.out.SetWriteDeadline(t) }

func (c *streamConn) SetDeadline(t time.Time) error {
	return errors.Join(c.in.SetReadDeadline(t), c.out.SetWriteDeadline(t))
}

func (c *streamConn) Close() error {
	c.once.Do(func() {
		c.out.Close()
		c.in.Close()
		c.stream.Close()
	})
	return nil
}
