package browser

import (
	"net"
	"net/netip"
	"strings"
)

// bypassEntry reads an entry of NO_PROXY: the host (with its port), address or range that it names,
// and the name below which it covers everything; either may be empty. An entry for a host covers what is below it, as
// it does for curl and Go.
func bypassEntry(entry string) (name, below string) {
	entry = strings.TrimSpace(entry)
	if _, err := netip.ParsePrefix(entry); err == nil {
		return entry, ""
	}
	if addr, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		return literal(addr), ""
	}
	if host, port, err := net.SplitHostPort(entry); err == nil {
		if addr, err := netip.ParseAddr(host); err == nil {
			return literal(addr) + ":" + port, ""
		}
	}
	rest := strings.TrimLeft(entry, "*.")
	switch {
	case rest == "" || strings.ContainsAny(rest, "*;<>/ \t"):
		return "", "" // it covers everything, or is in no notation that both sides know
	case rest != entry:
		return "", rest
	}
	return rest, rest
}

func literal(addr netip.Addr) string {
	if addr.Is6() {
		return "[" + addr.String() + "]"
	}
	return addr.String()
}
