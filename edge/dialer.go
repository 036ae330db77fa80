package edge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/sundog-edge/sundog/dnsemu"
)

// EgressError is a dial that the edge refuses, because it would leave the machine.
type EgressError struct {
	Addr string // "example.org:443"
	Mend string // the line that would allow it
}

func (e *EgressError) Error() string {
	return fmt.Sprintf("%s is outside this world: %s", e.Addr, e.Mend)
}

// dial is the one way out of the edge: the origins map, then hosts of the world (in process), then
// this machine and private addresses, then what egress allows.
func (e *Edge) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	s := e.snap.Load()
	if strings.HasPrefix(network, "unix") {
		var d net.Dialer
		return d.DialContext(ctx, network, addr)
	}
	if e.hook != nil {
		if conn, ok, err := e.hook(ctx, network, strings.ToLower(addr)); ok {
			return conn, err
		}
	}
	if q, ok := e.local.origin(addr); ok {
		return q.Dial(ctx)
	}
	if to, ok := find(s.origins, strings.ToLower(addr)); ok {
		if q, ok := e.local.origin(to); ok {
			return q.Dial(ctx)
		}
		return e.dialOut(ctx, s, network, to, true)
	}
	name, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	if h, err := canonicalHost(name); err == nil && !h.Addr.IsValid() && s.serves(h.Name) && (port == "443" || port == "80") {
		q := e.local.self(port == "443")
		if q == nil {
			return nil, net.ErrClosed
		}
		return q.Dial(ctx)
	}
	return e.dialOut(ctx, s, network, addr, false)
}

// serves says whether the edge answers for a host itself.
func (s *snapshot) serves(name string) bool {
	if _, ok := s.sites[name]; ok {
		return true
	}
	return s.zones != nil && s.zones.Route(name).Status == dnsemu.Proxied
}

// dialOut connects to this machine and to private addresses, and to all else only where egress
// or the origins map says so. The check is made on the address that is connected to, after the name is resolved.
func (e *Edge) dialOut(ctx context.Context, s *snapshot, network, addr string, named bool) (net.Conn, error) {
	if named || s.egressAllows(addr) {
		return e.dialer(nil).DialContext(ctx, network, addr)
	}
	refused := &EgressError{Addr: addr, Mend: egressMend(addr)}
	conn, err := e.dialer(func(_, resolved string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(resolved)
		if err != nil || !isNear(ap.Addr()) {
			return refused
		}
		return nil
	}).DialContext(ctx, network, addr)
	if errors.Is(err, refused) {
		e.log.Warn("dial refused", "to", addr, "mend", refused.Mend)
		return nil, refused
	}
	return conn, err
}

func (e *Edge) dialer(control func(network, address string, c syscall.RawConn) error) *net.Dialer {
	return &net.Dialer{Control: control, KeepAlive: 30 * time.Second}
}

// isNear is an address of this machine or of a private network.
func isNear(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || carrierGrade.Contains(a)
}

var carrierGrade = netip.MustParsePrefix("100.64.0.0/10")

func egressMend(addr string) string {
	return fmt.Sprintf("add %q to egress:, or send it elsewhere with origins: {\"http://%s\": \"http://127.0.0.1:PORT\"}", addr, addr)
}

// egressRule is one pattern of egress: "host:port", where host may begin with
// "*." or be "*", and port may be "*".
type egressRule struct {
	host, port, pattern string
}

func parseEgress(pattern string) (egressRule, error) {
	h, p, err := net.SplitHostPort(pattern)
	if err != nil || h == "" || p == "" {
		return egressRule{}, errors.New("an egress pattern is host:port")
	}
	return egressRule{strings.ToLower(strings.TrimSuffix(h, ".")), p, pattern}, nil
}

func (s *snapshot) egressAllows(addr string) bool {
	if len(s.egress) == 0 {
		return false
	}
	h, p, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	h = strings.ToLower(strings.TrimSuffix(h, "."))
	for _, rule := range s.egress {
		if rule.port != "*" && rule.port != p {
			continue
		}
		if rule.host == "*" || rule.host == h || strings.HasPrefix(rule.host, "*.") && strings.HasSuffix(h, rule.host[1:]) {
			return true
		}
	}
	return false
}
