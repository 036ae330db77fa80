package connector

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"

	"github.com/quic-go/quic-go"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// Names that connectors ask for in TLS; a certificate is needed for each.
const (
	H2Name    = "h2.cftunnel.com"
	QUICName  = "quic.cftunnel.com"
	ProbeName = "probe.cftunnel.com"
)

// Names lists what a certificate must be good for.
func Names() []string { return []string{H2Name, QUICName, ProbeName} }

// Serve takes connections over HTTP/2 from tcp and over QUIC from udp, either of which may be nil, until ctx ends or the
// Server is closed; then it closes both, and every connection. Connectors expect both on one port number. Of config the
// certificates are taken (Certificates, GetCertificate); protocols and curves are set here. The error is a listener's;
// nil after ctx or Close. It may be called again with other listeners.
func (s *Server) Serve(ctx context.Context, tcp net.Listener, udp net.PacketConn, config *tls.Config) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	loops := make(chan error, 2)
	n := 0
	if udp != nil {
		transport := &quic.Transport{Conn: udp, VerifySourceAddress: func(net.Addr) bool {
			return s.strangers.Load() > int64(s.options.Strangers)/2
		}}
		listener, err := transport.Listen(tlsFor(config, wire.ALPN), s.quicConfig())
		if err != nil {
			closeAll(tcp, udp)
			return err
		}
		defer func() {
			listener.Close()
			transport.Close()
			udp.Close()
		}()
		n++
		go func() { loops <- s.acceptAllQUIC(ctx, listener) }()
	}
	if tcp != nil {
		defer context.AfterFunc(ctx, func() { tcp.Close() })()
		defer tcp.Close()
		n++
		go func() { loops <- s.acceptAllHTTP2(ctx, tcp, tlsFor(config, "")) }()
	}
	if n == 0 {
		return errors.New("connector: Serve needs a TCP listener or a UDP socket")
	}
	var first error
	for range n {
		err := <-loops
		if first == nil && ctx.Err() == nil {
			first = err
		}
		cancel()
	}
	return first
}

func closeAll(tcp net.Listener, udp net.PacketConn) {
	if tcp != nil {
		tcp.Close()
	}
	udp.Close()
}

// tlsFor is a configuration with what connectors offer: no X25519 alone, and no ALPN over TCP.
func tlsFor(config *tls.Config, alpn string) *tls.Config {
	c := config.Clone()
	c.MinVersion = tls.VersionTLS12
	c.NextProtos = nil
	if alpn != "" {
		c.NextProtos = []string{alpn}
		c.MinVersion = tls.VersionTLS13
	}
	c.CurvePreferences = []tls.CurveID{tls.X25519MLKEM768, tls.CurveP256}
	return c
}

func (s *Server) acceptAllHTTP2(ctx context.Context, tcp net.Listener, config *tls.Config) error {
	transport := s.http2Transport()
	for {
		conn, err := tcp.Accept()
		if err != nil {
			return err
		}
		if !s.begin(func() { s.acceptHTTP2(conn, config, transport) }) {
			conn.Close()
			if ctx.Err() == nil {
				s.ended(HTTP2, addrPort(conn.RemoteAddr()), "too many connections have not registered")
			}
		}
	}
}

func (s *Server) acceptAllQUIC(ctx context.Context, listener *quic.Listener) error {
	for {
		conn, err := listener.Accept(ctx)
		if err != nil {
			return err
		}
		if !s.begin(func() { s.acceptQUIC(conn) }) {
			_ = conn.CloseWithError(0, "too many connections")
			s.ended(QUIC, addrPort(conn.RemoteAddr()), "too many connections have not registered")
		}
	}
}

// begin runs f for a stranger, if there is room for one.
func (s *Server) begin(f func()) bool {
	if s.strangers.Add(1) > int64(s.options.Strangers) {
		s.strangers.Add(-1)
		return false
	}
	started := s.start(func() {
		defer s.strangers.Add(-1)
		f()
	})
	if !started {
		s.strangers.Add(-1)
	}
	return started
}

// admit asks for faults when a connection has arrived.
func (s *Server) admit(ctx context.Context, protocol Protocol, remote netip.AddrPort) bool {
	err := s.options.Fault(ctx, Point{Stage: StageAccept, Protocol: protocol, Index: -1})
	if err != nil {
		s.ended(protocol, remote, err.Error())
	}
	return err == nil
}

// ended writes down why somebody who never registered is gone.
func (s *Server) ended(protocol Protocol, remote netip.AddrPort, reason string) {
	s.options.Log.Info("connection ended", slog.String("reason", reason), slog.String("protocol", string(protocol)), slog.String("remote", remote.String()))
}
