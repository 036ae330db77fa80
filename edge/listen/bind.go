package listen

import (
	"context"
	"errors"
	"net"
	"net/netip"
)

// dnsTries bounds the search for a number that is free for UDP and TCP both.
const dnsTries = 32

// sockets are the bound listeners; nil: off.
type sockets struct {
	https, proxy, admin net.Listener
	dnsTCP              net.Listener
	dnsUDP              net.PacketConn
}

// bind opens every socket or none. All that cannot be opened is reported.
func bind(ctx context.Context, ps places, probe func(string) string) (*sockets, error) {
	var (
		s    sockets
		errs []error
	)
	tcp := func(p place) net.Listener {
		if !p.on {
			return nil
		}
		l, err := listenTCP(ctx, p.addr)
		if err != nil {
			errs = append(errs, bindError(p, err, probe))
			return nil
		}
		return l
	}
	s.https, s.proxy, s.admin = tcp(ps.https), tcp(ps.proxy), tcp(ps.admin)
	if ps.dns.on {
		var err error
		if s.dnsTCP, s.dnsUDP, err = bindDNS(ctx, ps.dns.addr); err != nil {
			errs = append(errs, bindError(ps.dns, err, probe))
		}
	}
	if len(errs) > 0 {
		s.close()
		return nil, errors.Join(errs...)
	}
	return &s, nil
}

// bindDNS binds UDP and TCP to one number, also when the number is free to
// choose: a port that is free for one may be taken for the other.
func bindDNS(ctx context.Context, addr netip.AddrPort) (net.Listener, net.PacketConn, error) {
	var lc net.ListenConfig
	for try := 1; ; try++ {
		l, err := listenTCP(ctx, addr)
		if err != nil {
			return nil, nil, err
		}
		network := "udp4"
		if addr.Addr().Is6() && !addr.Addr().Is4In6() {
			network = "udp"
		}
		pc, err := lc.ListenPacket(ctx, network, l.Addr().String())
		if err == nil {
			return l, pc, nil
		}
		l.Close()
		if addr.Port() != 0 || !isTaken(err) || try == dnsTries {
			return nil, nil, err
		}
	}
}

func listenTCP(ctx context.Context, addr netip.AddrPort) (net.Listener, error) {
	var lc net.ListenConfig
	network := "tcp"
	if addr.Addr().Unmap().Is4() {
		network = "tcp4"
	}
	return lc.Listen(ctx, network, netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()).String())
}

func (s *sockets) close() {
	for _, l := range []net.Listener{s.https, s.proxy, s.admin, s.dnsTCP} {
		if l != nil {
			l.Close()
		}
	}
	if s.dnsUDP != nil {
		s.dnsUDP.Close()
	}
}

func (s *sockets) addrs() Addrs {
	text := func(l net.Listener) string {
		if l == nil {
			return ""
		}
		return l.Addr().String()
	}
	return Addrs{HTTPS: text(s.https), Proxy: text(s.proxy), DNS: text(s.dnsTCP), Admin: text(s.admin)}
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}
