package tunnelemu

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
)

// errNoAddress marks a destination that cannot be dialled.
var errNoAddress = errors.New("no address to connect to")

// stream is a tcp-like service: the bytes of one TCP connection inside a WebSocket.
type stream struct {
	dial  *dial
	dest  func(*http.Request) (string, error) // host:port
	socks bool                                // proxyType: the client speaks SOCKS5, and gets the fixed destination whatever it asks for
}

func newStream(d *dial, s *service, socks bool) *stream {
	if s.url == nil {
		return &stream{d, bastionDest, socks}
	}
	host := s.url.Host
	return &stream{d, func(*http.Request) (string, error) { return host, nil }, socks}
}

func (s *stream) serve(t *Tunnel, w http.ResponseWriter, r *http.Request, d Decision) error {
	origin, err := s.open(r)
	if err != nil {
		return t.originError(kindOf(r.Context(), err), d, err)
	}
	defer origin.Close()
	c, err := t.acceptWebSocket(w, r, d)
	if c == nil {
		return err
	}
	defer c.close()
	stop := context.AfterFunc(r.Context(), func() { origin.Close() })
	defer stop()
	if s.socks {
		if _, err := c.socksConnect(); err != nil {
			return nil
		}
		if c.socksReply(socksGranted, addrPortOf(origin.LocalAddr())) != nil {
			return nil
		}
	}
	c.join(origin)
	return nil
}

func (s *stream) open(r *http.Request) (net.Conn, error) {
	dest, err := s.dest(r)
	if err != nil {
		return nil, err
	}
	return s.dial.connect(r.Context(), dest)
}

// connect opens a connection to a destination, which must have a port.
func (d *dial) connect(ctx context.Context, dest string) (net.Conn, error) {
	if _, _, err := net.SplitHostPort(dest); err != nil {
		return nil, fmt.Errorf("%w: %v", errNoAddress, err)
	}
	return d.open(ctx, d.network, dest)
}
