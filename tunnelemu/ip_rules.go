package tunnelemu

import (
	"net"
	"net/netip"
	"slices"
)

// ipPolicy are the ipRules of a socks-proxy. The first rule that covers a destination decides; none of them means no.
type ipPolicy []ipRule

type ipRule struct {
	prefix *net.IPNet
	ports  []int // none: every port
	allow  bool
}

// newIPPolicy takes rules that the configuration's check let pass.
func newIPPolicy(rules []IPRule) ipPolicy {
	p := make(ipPolicy, 0, len(rules))
	for _, r := range rules {
		_, prefix, err := net.ParseCIDR(*r.Prefix)
		if err != nil {
			panic("unreachable: " + err.Error())
		}
		p = append(p, ipRule{prefix, r.Ports, r.Allow})
	}
	return p
}

func (p ipPolicy) allows(to netip.AddrPort) bool {
	ip := net.IP(to.Addr().Unmap().AsSlice())
	for _, r := range p {
		if r.prefix.Contains(ip) && (len(r.ports) == 0 || slices.Contains(r.ports, int(to.Port()))) {
			return r.allow
		}
	}
	return false
}
