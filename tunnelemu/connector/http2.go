package connector

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// maxResponseHead is how long the headers of a response may be over HTTP/2, where they come in base64.
const maxResponseHead = 2 << 20

// http2Link is a TCP connection on which the connector is the HTTP/2 server.
type http2Link struct {
	conn   *http.ClientConn
	tcp    *watchedConn
	log    *slog.Logger
	endOne sync.Once
}

// watchedConn tells when it was closed, by whomever.
type watchedConn struct {
	net.Conn
	once   sync.Once
	closed chan struct{}
}

func (c *watchedConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// dialledKey is under which a context has the connection that a transport is to use.
type dialledKey struct{}

// http2Transport speaks HTTP/2 at once over connections that it is given: they are TLS already, and without ALPN.
func (s *Server) http2Transport() *http.Transport {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	return &http.Transport{
		Protocols: &protocols, DisableCompression: true, MaxResponseHeaderBytes: maxResponseHead,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return ctx.Value(dialledKey{}).(net.Conn), nil
		},
		HTTP2: &http.HTTP2Config{SendPingTimeout: s.options.Idle, PingTimeout: s.options.Idle},
	}
}

// acceptHTTP2 serves one TCP connection.
func (s *Server) acceptHTTP2(raw net.Conn, config *tls.Config, transport *http.Transport) {
	tcp := &watchedConn{Conn: raw, closed: make(chan struct{})}
	defer tcp.Close()
	remote := addrPort(raw.RemoteAddr())
	registerBy, cancel := context.WithTimeout(s.ctx, s.options.RegisterWithin)
	defer cancel()
	if !s.admit(registerBy, HTTP2, remote) {
		return
	}
	secure := tls.Server(tcp, config)
	if err := secure.HandshakeContext(registerBy); err != nil {
		s.ended(HTTP2, remote, "TLS handshake: "+err.Error())
		return
	}
	conn, err := transport.NewClientConn(context.WithValue(registerBy, dialledKey{}, secure), "http", H2Name+":80")
	if err != nil {
		s.ended(HTTP2, remote, "HTTP/2: "+err.Error())
		return
	}
	l := &http2Link{conn: conn, tcp: tcp, log: s.options.Log}
	defer l.end("")
	control, err := l.control(registerBy)
	if err != nil {
		if secure.ConnectionState().ServerName == ProbeName {
			return // a connector's check before it starts
		}
		s.ended(HTTP2, remote, "no control stream: "+err.Error())
		return
	}
	s.run(l, remote, control, registerBy)
}

// control opens the control stream; ctx bounds the opening alone.
func (l *http2Link) control(ctx context.Context) (io.ReadWriteCloser, error) {
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: "http", Host: H2Name, Path: "/"}, Host: H2Name,
		Header: http.Header{wire.HeaderUpgrade: {wire.UpgradeControl}, "User-Agent": noAgent}}
	stream, resp, err := l.open(ctx, r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		stream.Close()
		return nil, errors.New("the control stream is answered with " + resp.Status)
	}
	return stream, nil
}

// open sends a request whose body is written through the stream returned, and waits for its answer's head. ctx bounds
// that alone; the stream ends by Close.
func (l *http2Link) open(ctx context.Context, r *http.Request) (*duplex, *http.Response, error) {
	body, feed := io.Pipe()
	streamCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	r = r.WithContext(streamCtx)
	r.Body, r.ContentLength = body, -1
	resp, err := l.conn.RoundTrip(r)
	if err == nil && !stop() {
		resp.Body.Close()
		err = context.Cause(ctx)
	}
	if err != nil {
		stop()
		cancel()
		body.Close()
		return nil, nil, err
	}
	return &duplex{Reader: resp.Body, Writer: feed, closeWrite: feed.Close, end: func() {
		feed.CloseWithError(io.ErrClosedPipe)
		cancel()
		resp.Body.Close()
	}}, resp, nil
}

func (l *http2Link) protocol() Protocol    { return HTTP2 }
func (l *http2Link) done() <-chan struct{} { return l.tcp.closed }

func (l *http2Link) end(string) {
	l.endOne.Do(func() {
		l.tcp.Close() // first: whoever reads nothing does not keep us
		_ = l.conn.Close()
	})
}

func addrPort(a net.Addr) netip.AddrPort {
	p, _ := netip.ParseAddrPort(a.String()) // zero for what has no port
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}
