package edge

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// resolve gives the addresses of a name that a client of a socks-proxy asks for, so that ipRules can judge it. The
// dial that follows goes by the name. What origins leads elsewhere and what the edge serves itself is on this machine;
// of other names only those that egress admits are asked for outside.
func (e *Edge) resolve(ctx context.Context, name string) ([]netip.Addr, error) {
	s := e.snap.Load()
	here := []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if s.origins != nil {
		it := s.origins.Root().Iterator()
		it.SeekPrefix([]byte(name + ":"))
		if _, to, ok := it.Next(); ok {
			if at, err := netip.ParseAddrPort(to.addr); err == nil {
				return []netip.Addr{at.Addr()}, nil
			}
			return here, nil
		}
	}
	at, where, err := s.locate(name)
	switch {
	case err != nil:
		return nil, err
	case where == served:
		return here, nil
	}
	if addr, err := netip.ParseAddr(at); err == nil {
		return []netip.Addr{addr}, nil
	}
	if !literal(net.JoinHostPort(at, "0")) && !s.egressNames(at) {
		addr := net.JoinHostPort(at, "PORT")
		return nil, &EgressError{Addr: addr, Mend: s.egressMend(addr)}
	}
	list, err := net.DefaultResolver.LookupNetIP(ctx, "ip", at)
	for i := range list {
		list[i] = list[i].Unmap()
	}
	slices.SortStableFunc(list, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	return list, err
}

// egressNames says whether egress admits a host on some port.
func (s *snapshot) egressNames(host string) bool {
	return slices.ContainsFunc(s.egress, func(r egressRule) bool {
		return r.host == "*" || r.host == host || strings.HasPrefix(r.host, "*.") && strings.HasSuffix(host, r.host[1:])
	})
}
