package listen

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// Why a CONNECT target is refused by [ParseTarget].
var (
	ErrTargetPort = errors.New("a CONNECT target is host:port, with a port from 1 to 65535")
	ErrTargetHost = errors.New("a CONNECT target's host is a name, an IPv4 address or an IPv6 address in brackets")
)

// ParseTarget reads the target of a CONNECT: "host:port", both required. The
// host comes back canonical: lower case, punycode, no trailing dot, an IP
// address in its shortest form and without brackets. A name whose last label
// is a number is refused, because resolvers read "127.1" as an address that no
// policy saw. The error is [ErrTargetPort] or [ErrTargetHost].
func ParseTarget(s string) (host string, port int, err error) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return "", 0, ErrTargetPort
	}
	host, digits := s[:i], s[i+1:]
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 {
		return "", 0, ErrTargetPort
	}
	host, ok := canonicalTarget(host)
	if !ok {
		return "", 0, ErrTargetHost
	}
	return host, int(n), nil
}

func canonicalTarget(host string) (string, bool) {
	if strings.HasPrefix(host, "[") {
		inner, ok := strings.CutSuffix(host[1:], "]")
		if !ok {
			return "", false
		}
		addr, err := netip.ParseAddr(inner)
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", false
		}
		return addr.Unmap().String(), true
	}
	host = strings.TrimSuffix(host, ".")
	if !isASCII(host) {
		mapped, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", false
		}
		host = mapped
	}
	host = strings.ToLower(host)
	if !isName(host) {
		return "", false
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.String(), addr.Is4()
	}
	return host, !looksNumeric(host[strings.LastIndexByte(host, '.')+1:])
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isName reports whether s consists of labels that a name of the internet can
// have, underscores included.
func isName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	label := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '.':
			if label == 0 {
				return false
			}
			label = 0
			continue
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
		if label++; label > 63 {
			return false
		}
	}
	return label > 0
}

// looksNumeric reports whether a last label makes resolvers read the whole
// name as an IPv4 address: digits, or 0x and hexadecimal digits.
func looksNumeric(label string) bool {
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}
