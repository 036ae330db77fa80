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
// this machine and private addresses, then what egress allows, by a proxy where there must be one.
func (e *Edge) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return e.dialFor(ctx, network, addr, false)
}

// dialNamed is dial for an address that the world's own files name.
func (e *Edge) dialNamed(ctx context.Context, network, addr string) (net.Conn, error) {
	return e.dialFor(ctx, network, addr, true)
}

func (e *Edge) dialFor(ctx context.Context, network, addr string, named bool) (net.Conn, error) {
	s := e.snap.Load()
	if strings.HasPrefix(network, "unix") {
		var d net.Dialer
		return d.DialContext(ctx, network, addr)
	}
	if conn, ok, err := e.dialGiven(ctx, network, addr); ok {
		return conn, err
	}
	if to, ok := find(s.origins, strings.ToLower(addr)); ok {
		if to.network == "unix" {
			network = to.network
		} else if conn, ok, err := e.dialGiven(ctx, network, to.addr); ok {
			return conn, err
		}
		return e.dialer(nil).DialContext(ctx, network, to.addr) // the user has written where
	}
	name, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	at, where, err := s.locate(name)
	switch {
	case err != nil:
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	case where == served:
		return e.dialSelf(ctx, network, at, port)
	}
	return e.dialOut(ctx, s, network, net.JoinHostPort(at, port), named || s.names(addr))
}

// dialGiven connects to what Go code has given for an address: WithDial, then WithOrigin.
func (e *Edge) dialGiven(ctx context.Context, network, addr string) (net.Conn, bool, error) {
	if e.hook != nil {
		if conn, ok, err := e.hook(ctx, network, strings.ToLower(addr)); ok {
			return conn, true, err
		}
	}
	if q, ok := e.local.origin(addr); ok {
		conn, err := q.Dial(ctx)
		return conn, true, err
	}
	return nil, false, nil
}

// dialSelf connects to the edge in process, on the ports that the real one has.
func (e *Edge) dialSelf(ctx context.Context, network, name, port string) (net.Conn, error) {
	if !plainPorts[port] && !securePorts[port] {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("the edge answers for %s, and not on port %s: %w", name, port, syscall.ECONNREFUSED)}
	}
	q := e.local.self(securePorts[port])
	if q == nil {
		return nil, net.ErrClosed
	}
	return q.Dial(ctx)
}

// dialOut connects to this machine, to private addresses, and to what egress allows. A name that neither
// egress nor the world's files name is refused before anybody is asked for its address; what a named one resolves
// to is looked at when the connection is made.
func (e *Edge) dialOut(ctx context.Context, s *snapshot, network, addr string, named bool) (net.Conn, error) {
	if s.egressAllows(addr) {
		return e.dialEgress(ctx, network, addr)
	}
	refused := &EgressError{Addr: addr, Mend: s.egressMend(addr)}
	if !named && !literal(addr) {
		e.log.Warn("dial refused", "to", addr, "mend", refused.Mend)
		return nil, refused
	}
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

// literal is an address that needs no resolver: an IP address, or this machine's own name.
func literal(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
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

// egressMend is what lets an address that is not the world's be reached; of a host that only another account has, where
// this one has it.
func (s *snapshot) egressMend(addr string) string {
	host, _, _ := net.SplitHostPort(addr)
	if own := s.ownHost(host); own != "" {
		return "this world has " + own
	}
	return fmt.Sprintf("add %q to egress:, or send it elsewhere with %s", addr, originsHint(addr))
}

// originsHint is how origins: says that an address is somewhere else.
func originsHint(addr string) string {
	scheme := "http"
	if _, port, _ := net.SplitHostPort(addr); securePorts[port] {
		scheme = "https"
	}
	return fmt.Sprintf("origins: {%q: %q}", scheme+"://"+addr, scheme+"://127.0.0.1:PORT")
}

// ownHost is the host of this world that stands in the place of another team's, or of a Worker below another account's
// subdomain of workers.dev; empty: none does.
func (s *snapshot) ownHost(host string) string {
	label, rest, _ := strings.Cut(strings.ToLower(host), ".")
	switch {
	case rest == teamDomain && s.settings.Team != "" && label != s.settings.Team:
		return s.settings.Team + "." + teamDomain
	case strings.HasSuffix(rest, ".workers.dev") && rest != s.scripts.workersDev:
		if c, ours := s.scripts.devHost(label + "." + s.scripts.workersDev); ours && c.is() {
			return label + "." + s.scripts.workersDev
		}
	}
	return ""
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
