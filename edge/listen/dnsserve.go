package listen

import (
	"fmt"
	"time"

	"github.com/miekg/dns"
)

// dnsUDPSize is the largest question that is read whole; answers are bounded
// by what the client offers, which is the handler's matter.
const dnsUDPSize = 4096

// startDNS serves UDP and TCP and returns when both answer: miekg/dns cannot
// shut down a server that has not come up.
func (s *Server) startDNS(socks *sockets, h Handlers) error {
	if socks.dnsTCP == nil {
		return nil
	}
	for _, srv := range []*dns.Server{
		{PacketConn: socks.dnsUDP, UDPSize: dnsUDPSize},
		{Listener: socks.dnsTCP, IdleTimeout: func() time.Duration { return 8 * time.Second }},
	} {
		started := make(chan struct{})
		failed := make(chan error, 1)
		srv.Handler, srv.MsgAcceptFunc = h.DNS, h.DNSAccept
		srv.NotifyStartedFunc = func() { close(started) }
		s.running.Go(func() {
			if err := srv.ActivateAndServe(); err != nil {
				failed <- err
			}
		})
		select {
		case <-started:
			s.dns = append(s.dns, srv)
		case err := <-failed:
			return fmt.Errorf("--dns: %w", err)
		}
	}
	return nil
}
