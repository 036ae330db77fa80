package ca

import (
	"fmt"
	"net/netip"
	"strings"
)

// UnknownNameError ends a handshake: the client asked for a name that no leaf is
// made for.
type UnknownNameError struct {
	ServerName string // as the client sent it
	Malformed  bool   // it is no host name at all; otherwise the edge does not serve it
}

func (e *UnknownNameError) Error() string {
	name := e.ServerName
	if len(name) > 255 {
		name = name[:255]
	}
	if e.Malformed {
		return fmt.Sprintf("TLS server name %q is not a host name", name)
	}
	return fmt.Sprintf("TLS server name %q is not a host of this world", name)
}

// canonicalName brings a hello's server name to the form that Names.Leaf takes. host
// is "" when the default leaf is meant: no name, an address, localhost. ok is false
// when it is no host name. A canonical name costs no allocation.
func canonicalName(serverName string) (host string, ok bool) {
	if serverName == "" {
		return "", true
	}
	if len(serverName) > 254 {
		return "", false
	}
	// A trailing dot is against RFC 6066, yet means no other host.
	host = strings.TrimSuffix(serverName, ".")
	if len(host) > 253 {
		return "", false
	}
	upper, label, maybeAddress := false, 0, true
	for i := range len(host) {
		switch c := host[i]; {
		case c == '.':
			if label == 0 {
				return "", false
			}
			label = 0
			continue
		case 'A' <= c && c <= 'Z':
			upper, maybeAddress = true, false
		case 'a' <= c && c <= 'z', c == '-', c == '_':
			maybeAddress = false
		case '0' <= c && c <= '9':
		default:
			return "", addressLiteral(serverName)
		}
		if label++; label > 63 {
			return "", false
		}
	}
	switch {
	case label == 0:
		return "", false
	case maybeAddress:
		return "", addressLiteral(host)
	case upper:
		host = strings.ToLower(host)
	}
	if host == "localhost" {
		return "", true
	}
	return host, true
}

func addressLiteral(s string) bool {
	_, err := parseAddress(s)
	return err == nil
}

// parseAddress reads an address with or without an URL's brackets.
func parseAddress(s string) (netip.Addr, error) {
	if len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']' {
		s = s[1 : len(s)-1]
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap().WithZone(""), err
}

// covers reports whether a certificate for name, which may begin with a wildcard,
// is good for host: RFC 6125 lets a star stand for exactly one label.
func covers(name, host string) bool {
	if name == host {
		return true
	}
	parent, wild := strings.CutPrefix(name, "*")
	dot := strings.IndexByte(host, '.')
	return wild && dot > 0 && host[dot:] == parent
}
