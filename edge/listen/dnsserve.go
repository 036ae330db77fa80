package listen

import (
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/miekg/dns"
)

const (
	// dnsUDPSize is the largest question that is read whole; answers are bounded by what the
	// client offers, which is the handler's matter.
	dnsUDPSize = 4096
	// dnsIdle ends a TCP connection without questions, dnsWrite one whose client does not
	// read its answers. The first question must come within miekg/dns's two seconds.
	dnsIdle  = 8 * time.Second
	dnsWrite = 5 * time.Second
)

// startDNS serves UDP and TCP and returns when both answer: miekg/dns cannot
// shut down a server that has not come up.
func (s *Server) startDNS(socks *sockets, cfg Config, h Handlers) error {
	if socks.dnsTCP == nil {
		return nil
	}
	accept := h.DNSAccept
	if accept == nil {
		accept = dns.DefaultMsgAcceptFunc
	}
	udp, ok := socks.dnsUDP.(*net.UDPConn)
	if !ok {
		return fmt.Errorf("--dns: a %T is no UDP socket", socks.dnsUDP)
	}
	s.dnsUDP = udp
	p := &packets{conn: udp, handler: h.DNS, accept: accept}
	for range readers() {
		s.running.Go(p.serve)
	}
	return s.startDNSOverTCP(socks.dnsTCP, cfg.MaxConns, h.DNS, accept, h.Log)
}

func (s *Server) startDNSOverTCP(l net.Listener, most int, h dns.Handler, accept dns.MsgAcceptFunc, log *slog.Logger) error {
	started, failed := make(chan struct{}), make(chan error, 1)
	srv := &dns.Server{
		Listener: prompt{&tracked{Listener: l, tracker: &s.tracker, room: newRoom(most, "dns", log)}},
		Handler:  h, MsgAcceptFunc: accept,
		IdleTimeout: func() time.Duration { return dnsIdle }, MaxTCPQueries: -1,
		NotifyStartedFunc: func() { close(started) },
	}
	s.running.Go(func() {
		if err := srv.ActivateAndServe(); err != nil {
			failed <- err
		}
	})
	select {
	case <-started:
		s.dns = append(s.dns, srv)
		return nil
	case err := <-failed:
		return fmt.Errorf("--dns: %w", err)
	}
}

// prompt is a listener whose clients must read what they asked for.
type prompt struct{ net.Listener }

func (l prompt) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return promptConn{c}, nil
}

type promptConn struct{ net.Conn }

func (c promptConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(deadline(dnsWrite)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
