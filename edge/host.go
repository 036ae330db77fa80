package edge

import (
	"errors"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// host is an authority brought to one form: lower case, punycode, no port,
// no trailing dot. Addr is valid when it is an IP literal.
type host struct {
	Name string // "myservice.example.com", "203.0.113.7", "2001:db8::1"
	Port string // as written, digits only; empty: none
	Addr netip.Addr
}

var (
	errHostEmpty = errors.New("the request names no host")
	errHostChars = errors.New("the host has characters that no name has")
	errHostPort  = errors.New("the host's port is not a number from 1 to 65535")
	errHostLong  = errors.New("the host is longer than 253 bytes or has a label longer than 63")
)

// canonicalHost reads the authority of a request. A name that is in its
// form already costs no allocation.
func canonicalHost(authority string) (host, error) {
	name, port, err := splitPort(authority)
	if err != nil {
		return host{}, err
	}
	if strings.HasPrefix(name, "[") {
		addr, err := netip.ParseAddr(strings.TrimSuffix(name[1:], "]"))
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return host{}, errHostChars
		}
		return host{Name: addr.Unmap().String(), Port: port, Addr: addr.Unmap()}, nil
	}
	name = strings.TrimSuffix(name, ".")
	if name == "" {
		return host{}, errHostEmpty
	}
	switch plainness(name) {
	case needsFolding:
		// Lookup maps width and case and turns letters into punycode; the names that it alone
		// refuses, such as those with an underscore, need no more than lower case.
		if mapped, err := idna.Lookup.ToASCII(name); err == nil {
			name = strings.TrimSuffix(mapped, ".")
		} else {
			name = strings.ToLower(name)
		}
		if name == "" || plainness(name) != plain {
			return host{}, errHostChars
		}
	case notAName:
		return host{}, errHostChars
	}
	if last := name[len(name)-1]; '0' <= last && last <= '9' {
		if addr, err := netip.ParseAddr(name); err == nil {
			return host{Name: name, Port: port, Addr: addr}, nil
		}
	}
	if !lengthsFit(name) {
		return host{}, errHostLong
	}
	return host{Name: name, Port: port}, nil
}

type foldState int

const (
	plain        foldState = iota // in its form
	needsFolding                  // upper case or letters beyond ASCII
	notAName                      // characters that no reading admits
)

func plainness(name string) foldState {
	state := plain
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_':
		case 'A' <= c && c <= 'Z', c >= 0x80:
			state = needsFolding
		default:
			return notAName
		}
	}
	return state
}

func lengthsFit(name string) bool {
	if len(name) > 253 {
		return false
	}
	label := 0
	for i := 0; i < len(name); i++ {
		if name[i] != '.' {
			if label++; label > 63 {
				return false
			}
			continue
		}
		if label == 0 {
			return false
		}
		label = 0
	}
	return label > 0
}

func splitPort(authority string) (name, port string, err error) {
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || strings.IndexByte(authority[i:], ']') >= 0 {
		return authority, "", nil
	}
	name, port = authority[:i], authority[i+1:]
	if port == "" { // "example.com:" is the default port, by RFC 3986
		return name, "", nil
	}
	n := 0
	for j := 0; j < len(port); j++ {
		if port[j] < '0' || port[j] > '9' {
			return "", "", errHostPort
		}
		if n = n*10 + int(port[j]-'0'); n > 65535 {
			return "", "", errHostPort
		}
	}
	if n == 0 {
		return "", "", errHostPort
	}
	return name, port, nil
}
