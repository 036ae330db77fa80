package edge

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/listen"
)

// Listen puts the edge on sockets; the zero Config is the default ports on
// loopback. admin is served on the admin port; nil opens none. Close the server before the edge.
func (e *Edge) Listen(ctx context.Context, config listen.Config, admin http.Handler) (*listen.Server, error) {
	srv, err := listen.Serve(ctx, config, listen.Handlers{
		Edge: e, Admin: admin, DNS: countedDNS{e.dns, e}, DNSAccept: dnsemu.Accept, Tunnel: e.serveConnectors, TLS: e.TLSConfig(), Proxy: (*proxyPolicy)(e), Dial: e.dial, Log: e.log,
	})
	if err != nil {
		return nil, err
	}
	at := srv.Addrs()
	e.listening.Store(&at)
	return srv, nil
}

// TLSConfig shows, for each host of the world, a certificate signed by CA; a hello
// without a server name gets one for loopback addresses.
func (e *Edge) TLSConfig() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: e.ca.GetCertificate((*leafNames)(e)),
	}
}

// leafNames admits the hosts that the edge has a certificate for.
type leafNames Edge

// Leaf is the host itself, or the wildcard record that serves it.
func (e *leafNames) Leaf(name string) (string, bool) {
	s := (*Edge)(e).snap.Load()
	if _, ok := s.sites[name]; ok {
		return name, true
	}
	if _, ours := s.scripts.devHost(name); ours {
		label, parent, _ := strings.Cut(name, ".")
		if parent == pagesDev {
			return label + "." + parent, true
		}
		return "*." + parent, true
	}
	if s.zones == nil {
		return "", false
	}
	rt := s.zones.Route(name)
	switch rt.Status {
	case dnsemu.Proxied:
		if wildcardCovers(rt.Owner, name) {
			return rt.Owner, true
		}
		return name, true
	case dnsemu.DNSOnly, dnsemu.NoAddress:
		return name, true // the error page needs a certificate too
	case dnsemu.NoName:
		// One for all of them: whoever asks for made-up names gets no leaf of his own.
		return "*." + rt.Zone.Name, wildcardCovers("*."+rt.Zone.Name, name)
	}
	return "", false
}

// wildcardCovers says whether a certificate for the wildcard is one for the name: one label deep.
func wildcardCovers(wildcard, name string) bool {
	if !strings.HasPrefix(wildcard, "*.") {
		return false
	}
	for i := 0; i < len(name); i++ {
		if name[i] == '.' {
			return name[i:] == wildcard[1:]
		}
	}
	return false
}

// proxyPolicy says what the forward proxy does with a target.
type proxyPolicy Edge

func (p *proxyPolicy) Admit(_ context.Context, name string, port int, client string) listen.Admission {
	e := (*Edge)(p)
	a := e.admitTarget(name, port, client)
	if a.Terminate {
		e.opened.Add(1)
	} else {
		e.others.Add(1)
	}
	return a
}

func (e *Edge) admitTarget(name string, port int, client string) listen.Admission {
	s := e.snap.Load()
	if isLoan(client) {
		if e.loans.of(client) == nil {
			return listen.Admission{Status: http.StatusForbidden, Text: "sundog: " + unknownLoan + "; " + mendLoan}
		}
	} else if client != "" {
		if _, ok := find(s.clients, client); !ok && client != "default" {
			return listen.Admission{Status: http.StatusForbidden, Text: "sundog: there is no client " + strconv.Quote(client) + " in this world; add it under clients:"}
		}
	}
	addr := joinPort(name, port)
	if _, ours := s.sites[name]; ours {
		return listen.Admission{Terminate: true}
	}
	if _, err := netip.ParseAddr(name); err != nil {
		// What the world says of a name comes before egress, which is about strangers.
		switch where, _, zone := s.stands(name); where {
		case served:
			return listen.Admission{Terminate: true}
		case dnsOnly:
			return listen.Admission{Dial: true}
		case missing:
			return e.missing(name, zone)
		}
	}
	if literal(addr) && isLoopback(name) || s.egressAllows(addr) || s.names(addr) {
		return listen.Admission{Dial: true}
	}
	return e.refuse(addr)
}

// isLoopback is a literal of this machine.
func isLoopback(name string) bool {
	ip, err := netip.ParseAddr(name)
	return err != nil || ip.Unmap().IsLoopback()
}

// refuse tells the client and the person at the terminal what would admit the target.
func (e *Edge) refuse(addr string) listen.Admission {
	const why = "it is not in this world"
	host, _, _ := net.SplitHostPort(addr)
	if own := e.snap.Load().ownHost(host); own != "" {
		mend := "this world has " + own
		e.refused(addr, why, mend, mend)
		return listen.Admission{Status: http.StatusForbidden, Text: "sundog: " + addr + " is not in this world; " + mend}
	}
	e.refused(addr, why, "start the edge with --egress "+addr, "to let it through: --egress "+addr)
	return listen.Admission{
		Status: http.StatusForbidden,
		Text:   "sundog: " + addr + " is not in this world; to let it through, start the edge with --egress " + addr + " (or egress: [\"" + addr + "\"] in sundog.yaml)",
	}
}

// missing answers for a name that its zone does not have, or has without an address.
func (e *Edge) missing(name, zone string) listen.Admission {
	why := "zone " + zone + " does not have it (NXDOMAIN), or without an address (NODATA)"
	const mend = "add a record for it, or check the spelling"
	e.refused(name, why, mend, mend)
	return listen.Admission{Status: http.StatusBadGateway, Text: "sundog: " + name + ": " + why + "; " + mend}
}

func joinPort(name string, port int) string {
	if ip, err := netip.ParseAddr(name); err == nil {
		return netip.AddrPortFrom(ip, uint16(port)).String()
	}
	return name + ":" + strconv.Itoa(port)
}
