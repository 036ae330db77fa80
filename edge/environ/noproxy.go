package environ

import (
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// noProxy computes NO_PROXY: loopback, the admin host, the hosts of ingress
// origins and what is inherited, but no entry by which any client would keep
// a world name from the proxy.
func (p *Plan) noProxy() {
	var kept []string
	seen := map[string]bool{"": true}
	add := func(entry string) (covers string) {
		if seen[entry] {
			return ""
		}
		if covers = covered(entry, p.input.World); covers == "" {
			seen[entry] = true
			kept = append(kept, entry)
		}
		return covers
	}
	for _, e := range []string{"localhost", "127.0.0.1", "::1"} {
		add(e)
	}
	admin, _, _ := net.SplitHostPort(p.input.Admin)
	add(admin)
	for _, e := range p.input.Origins {
		add(e)
	}
	for _, kv := range p.input.Inherited {
		if name, value, _ := strings.Cut(kv, "="); strings.EqualFold(name, "NO_PROXY") {
			for _, e := range strings.FieldsFunc(value, separates) {
				if name := add(e); name != "" {
					seen[e] = true
					p.Dropped = append(p.Dropped, Removal{"NO_PROXY entry " + e, "dropped; it would keep " + name + " of this world from the proxy"})
				}
			}
		}
	}
	p.NoProxy = strings.Join(kept, ",")
}

// separates reports what stands between entries: clients disagree about
// spaces, and none allows them inside one.
func separates(r rune) bool { return r <= ' ' || r == ',' || r == ';' || r == 0x7f }

// covered returns the first world name that an entry equals or covers; empty:
// none. Clients read entries differently (whole labels or any suffix, leading
// dot or star, CIDR, port, URL), so an entry covers what the most generous of
// them says.
func covered(entry string, world []string) string {
	if prefix, err := netip.ParsePrefix(entry); err == nil {
		for _, name := range world {
			if addr, err := netip.ParseAddr(name); err == nil && overlaps(prefix, addr) {
				return name
			}
		}
		return ""
	}
	host := entryHost(entry)
	if addr, err := netip.ParseAddr(host); err == nil {
		for _, name := range world {
			if w, err := netip.ParseAddr(name); err == nil && w.Unmap() == addr.Unmap() {
				return name
			}
		}
		return ""
	}
	tail := strings.TrimLeft(host[strings.LastIndexByte(host, '*')+1:], ".")
	for _, name := range world {
		canonical := strings.ToLower(name)
		below, wild := strings.CutPrefix(canonical, "*")
		switch {
		case !wild && strings.HasSuffix(canonical, tail),
			wild && (strings.HasSuffix(below, tail) || strings.HasSuffix(tail, below)):
			return name
		}
	}
	return ""
}

// entryHost is an entry's host part in lower case and punycode, with stars
// and dots as they were.
func entryHost(entry string) string {
	if _, rest, ok := strings.Cut(entry, "://"); ok {
		entry = rest
	}
	if i := strings.IndexAny(entry, "/?#"); i >= 0 {
		entry = entry[:i]
	}
	entry = entry[strings.LastIndexByte(entry, '@')+1:]
	if _, err := netip.ParseAddr(entry); err != nil {
		if i := strings.LastIndexByte(entry, ':'); i >= 0 && strings.Trim(entry[i+1:], "0123456789") == "" {
			entry = entry[:i]
		}
	}
	entry = strings.TrimRight(strings.Trim(entry, "[]"), ".")
	stars := entry[:strings.LastIndexByte(entry, '*')+1]
	rest := entry[len(stars):]
	dots := rest[:len(rest)-len(strings.TrimLeft(rest, "."))]
	name := rest[len(dots):]
	if ascii, err := idna.Lookup.ToASCII(name); err == nil {
		name = ascii
	}
	return strings.ToLower(stars + dots + name)
}

func overlaps(prefix netip.Prefix, addr netip.Addr) bool {
	addr = addr.Unmap()
	if p := prefix.Addr(); p.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(p.Unmap(), prefix.Bits()-96)
	}
	return prefix.Contains(addr)
}
