package accessemu

import "net/netip"

// IPRule admits one address or one range, version 4 or 6. It is asked again at
// every request of a session.
type IPRule struct {
	IP string `json:"ip"`
}

const allowedPrefix = `an IP address or a range, as "192.0.2.7", "192.0.2.0/24" or "2001:db8::/32"`

func (r IPRule) compile(field string, f *faults) matcher {
	prefix, ok := parsePrefix(r.IP)
	if !ok {
		f.add(join(field, "ip"), quote(r.IP), allowedPrefix, "")
		return nil
	}
	return ipMatcher(prefix)
}

func parsePrefix(s string) (netip.Prefix, bool) {
	if prefix, err := netip.ParsePrefix(s); err == nil {
		return prefix.Masked(), true
	}
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, false
	}
	addr = addr.Unmap()
	return netip.PrefixFrom(addr, addr.BitLen()), true
}

type ipMatcher netip.Prefix

func (m ipMatcher) match(s subject) bool { return netip.Prefix(m).Contains(s.ip) }

func (m ipMatcher) say() string {
	if p := netip.Prefix(m); p.IsSingleIP() {
		return "the IP address " + p.Addr().String()
	}
	return "an IP address in " + netip.Prefix(m).String()
}
