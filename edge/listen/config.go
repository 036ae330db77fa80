package listen

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Addresses that an empty field of [Config] means.
const (
	DefaultHTTPS  = "127.0.0.1:4443"
	DefaultProxy  = "127.0.0.1:4380"
	DefaultDNS    = "127.0.0.1:4353"
	DefaultTunnel = "127.0.0.1:7844"
	DefaultAdmin  = "127.0.0.1:4300"
)

// Off is the address of a listener that shall not exist.
const Off = "off"

// Config says where to listen. Each address is "host:port" or a bare "port",
// which is on 127.0.0.1; host is an IP literal or "localhost"; port 0 takes a
// free one; "" is the default address and [Off] none. The zero value is the
// default ports on loopback.
type Config struct {
	HTTPS  string // the only one that may leave loopback unconditionally
	Proxy  string // proxy and plain HTTP; off loopback only with ProxyPassword
	DNS    string // one number for UDP and TCP; loopback only
	Tunnel string // where connectors dial in, one number for TCP and UDP; loopback only
	Admin  string // off loopback only with AdminToken

	// ProxyPassword is demanded from every user of the proxy (Basic, any user
	// name). Empty: the proxy asks for none and stays on loopback.
	ProxyPassword string
	// AdminToken says that the admin handler demands a token.
	AdminToken bool

	// Grace bounds how long Close waits for requests under way. 0: 3 s.
	Grace time.Duration
	// HeaderTimeout bounds the TLS handshake, a request's head, and the first
	// byte inside CONNECT. 0: 10 s.
	HeaderTimeout time.Duration
	// IdleTimeout ends a connection without requests. 0: 2 min.
	IdleTimeout time.Duration
	// BodyTimeout bounds reading the body of a request to the admin port. The edge's own
	// bodies may last as long as both sides want. 0: 10 s.
	BodyTimeout time.Duration
	// MaxConns is how many connections each listener holds at a time, DNS over TCP too; those beyond
	// it are closed at once. 0: 4096.
	MaxConns int
	// TunnelIdle ends a passed-through CONNECT that carried no byte either
	// way for so long. 0: 10 min.
	TunnelIdle time.Duration
}

// Ports0 is a Config with a free port for every listener.
func Ports0() Config {
	const free = "127.0.0.1:0"
	return Config{HTTPS: free, Proxy: free, DNS: free, Tunnel: free, Admin: free}
}

// Addrs are the addresses that listeners have, as "host:port" with the real
// port; "" for one that does not exist.
type Addrs struct {
	HTTPS, Proxy, DNS, Tunnel, Admin string
}

// AddrError is an address that a listener cannot have.
type AddrError struct {
	Flag    string // "--proxy"
	Found   string // "0.0.0.0:4380"
	Allowed string // what may stand there, and what would mend it
}

func (e *AddrError) Error() string {
	return fmt.Sprintf("%s %s: %s", e.Flag, e.Found, e.Allowed)
}

// place is one listener's address, read but not bound.
type place struct {
	flag string
	addr netip.AddrPort
	on   bool
}

// places is the Config, read. Every mistake is reported, joined.
type places struct{ https, proxy, dns, tunnel, admin place }

func (c Config) places(h Handlers) (places, error) {
	var errs []error
	read := func(flag, found, def string, wanted bool, guarded string) place {
		p, err := readPlace(flag, found, def, wanted, guarded)
		if err != nil {
			errs = append(errs, err)
		}
		return p
	}
	proxyGuard, adminGuard := "", ""
	if c.ProxyPassword == "" {
		proxyGuard = "the proxy leaves loopback only with a password (--proxy-password)"
	}
	if !c.AdminToken {
		adminGuard = "the admin port leaves loopback only with a token (SUNDOG_TOKEN)"
	}
	ps := places{
		https:  read("--https", c.HTTPS, DefaultHTTPS, h.Edge != nil && h.TLS != nil, ""),
		proxy:  read("--proxy", c.Proxy, DefaultProxy, h.Edge != nil, proxyGuard),
		dns:    read("--dns", c.DNS, DefaultDNS, h.DNS != nil, "DNS answers on loopback only"),
		tunnel: read("--tunnel", c.Tunnel, DefaultTunnel, h.Tunnel != nil, "connectors dial in on loopback only"),
		admin:  read("--admin", c.Admin, DefaultAdmin, h.Admin != nil, adminGuard),
	}
	return ps, errors.Join(errs...)
}

// readPlace reads one address. guarded is why it must be on loopback; empty:
// it need not.
func readPlace(flag, found, def string, wanted bool, guarded string) (place, error) {
	p := place{flag: flag}
	switch found {
	case Off:
		return p, nil
	case "":
		if !wanted {
			return p, nil
		}
		found = def
	}
	bad := func(format string, args ...any) (place, error) {
		return place{flag: flag}, &AddrError{flag, found, fmt.Sprintf(format, args...)}
	}
	if !wanted {
		return bad("there is no handler for this listener; leave it empty or %q", Off)
	}
	host, port := "127.0.0.1", found
	if strings.Contains(found, ":") {
		var err error
		if host, port, err = net.SplitHostPort(found); err != nil {
			return bad(`want "host:port" or a port, as in %s`, def)
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || strings.HasPrefix(port, "+") {
		return bad("the port is a number from 0 to 65535; 0 takes a free one")
	}
	var ip netip.Addr
	switch host {
	case "localhost":
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case "":
		ip = netip.IPv6Unspecified()
	default:
		if ip, err = netip.ParseAddr(host); err != nil {
			return bad(`the host is an IP address or "localhost"`)
		}
	}
	if guarded != "" && !ip.Unmap().IsLoopback() {
		return bad("%s; use %s", guarded, net.JoinHostPort("127.0.0.1", port))
	}
	p.addr, p.on = netip.AddrPortFrom(ip, uint16(n)), true
	return p, nil
}

func orDefault(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return d
}
