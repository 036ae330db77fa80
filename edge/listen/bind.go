package listen

import (
	"context"
	"errors"
	"net"
	"net/netip"
)

// pairTries bounds the search for a number that is free for UDP and TCP both.
const pairTries = 32

// sockets are the bound listeners; nil: off.
type sockets struct {
	https, proxy, admin net.Listener
	dnsTCP, tunnelTCP   net.Listener
	dnsUDP, tunnelUDP   net.PacketConn
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
	pair := func(p place) (net.Listener, net.PacketConn) {
		if !p.on {
			return nil, nil
		}
		l, pc, err := bindPair(ctx, p.addr)
		if err != nil {
			errs = append(errs, bindError(p, err, probe))
			return nil, nil
		}
		return l, pc
	}
	s.dnsTCP, s.dnsUDP = pair(ps.dns)
	s.tunnelTCP, s.tunnelUDP = pair(ps.tunnel)
	if len(errs) > 0 {
		s.close()
		return nil, errors.Join(errs...)
	}
	return &s, nil
}

// bindPair binds UDP and TCP to one number, also when the number is free to
// choose: a port that is free for one may be taken for the other.
func bindPair(ctx context.Context, addr netip.AddrPort) (net.Listener, net.PacketConn, error) {
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
		if addr.Port() != 0 || !isTaken(err) || try == pairTries {
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
	for _, l := range []net.Listener{s.https, s.proxy, s.admin, s.dnsTCP, s.tunnelTCP} {
		if l != nil {
			l.Close()
		}
	}
	for _, pc := range []net.PacketConn{s.dnsUDP, s.tunnelUDP} {
		if pc != nil {
			pc.Close()
		}
	}
}

func (s *sockets) addrs() Addrs {
	text := func(l net.Listener) string {
		if l == nil {
			return ""
		}
		return l.Addr().String()
	}
	return Addrs{HTTPS: text(s.https), Proxy: text(s.proxy), DNS: text(s.dnsTCP), Tunnel: text(s.tunnelTCP), Admin: text(s.admin)}
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}
