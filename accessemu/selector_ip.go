package accessemu

import "net/netip"

// IPRule admits one address or one range, version 4 or 6. It is asked again at
// every request of a session.
type IPRule struct {
	IP string `json:"ip"`
}

func (r IPRule) compile(field string, f *faults) matcher {
	prefix, err := netip.ParsePrefix(r.IP)
	if err != nil {
		addr, err := netip.ParseAddr(r.IP)
		if err != nil || addr.Zone() != "" {
			f.add(join(field, "ip"), quote(r.IP), `an IP address or a range, as "192.0.2.7", "192.0.2.0/24" or "2001:db8::/32"`, "")
			return nil
		}
		addr = addr.Unmap()
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	return ipMatcher(prefix.Masked())
}

type ipMatcher netip.Prefix

func (m ipMatcher) match(s subject) bool { return netip.Prefix(m).Contains(s.ip) }

func (m ipMatcher) say() string {
	if p := netip.Prefix(m); p.IsSingleIP() {
		return "the IP address " + p.Addr().String()
	}
	return "an IP address in " + netip.Prefix(m).String()
}
