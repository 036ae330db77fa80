package edge

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/netip"
	"strconv"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/listen"
)

// Listen puts the edge on sockets; the zero Config is the default ports on
// loopback. admin is served on the admin port; nil opens none. Close the server before the edge.
func (e *Edge) Listen(ctx context.Context, config listen.Config, admin http.Handler) (*listen.Server, error) {
	return listen.Serve(ctx, config, listen.Handlers{
		Edge: e, Admin: admin, DNS: e.dns, DNSAccept: dnsemu.Accept, TLS: e.TLSConfig(), Proxy: (*proxyPolicy)(e), Dial: e.dialProxy, Log: e.log,
	})
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
	if s.zones == nil {
		return "", false
	}
	rt := s.zones.Route(name)
	switch rt.Status {
	case dnsemu.Proxied:
		if len(rt.Record.Name) > 2 && rt.Record.Name[:2] == "*." && wildcardCovers(rt.Record.Name, name) {
			return rt.Record.Name, true
		}
		return name, true
	case dnsemu.DNSOnly, dnsemu.NoName, dnsemu.NoAddress:
		return name, rt.Zone != nil // the error page needs a certificate too
	}
	return "", false
}

// wildcardCovers says whether a certificate for the wildcard is one for the name: one label deep.
func wildcardCovers(wildcard, name string) bool {
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
	s := e.snap.Load()
	if client != "" {
		if _, ok := find(s.clients, client); !ok && client != "default" {
			return listen.Admission{Status: http.StatusForbidden, Text: "sundog: there is no client " + strconv.Quote(client) + " in this world; add it under clients:"}
		}
	}
	addr := joinPort(name, port)
	if ip, err := netip.ParseAddr(name); err == nil {
		if ip.IsLoopback() || s.egressAllows(addr) || isNear(ip) && s.names(addr) {
			return listen.Admission{Dial: true}
		}
		return e.refuse(addr)
	}
	if name == "localhost" || s.egressAllows(addr) {
		return listen.Admission{Dial: true}
	}
	if s.serves(name) {
		return listen.Admission{Terminate: true}
	}
	if s.zones != nil {
		switch rt := s.zones.Route(name); rt.Status {
		case dnsemu.NoName:
			return e.missing(name, "does not exist in zone "+rt.Zone.Name+" (NXDOMAIN)", "add a record for it, or check the spelling")
		case dnsemu.NoAddress:
			return e.missing(name, "has no address in zone "+rt.Zone.Name+" (NODATA)", "add an A, AAAA or CNAME record")
		case dnsemu.DNSOnly:
			return listen.Admission{Dial: true}
		}
	}
	if s.names(addr) {
		return listen.Admission{Dial: true}
	}
	return e.refuse(addr)
}

// refuse tells the client and the person at the terminal what would admit the target.
func (e *Edge) refuse(addr string) listen.Admission {
	mend := "--egress " + addr
	e.log.Warn("refused: not a host of this world", "host", addr, "admit with", mend)
	return listen.Admission{
		Status: http.StatusForbidden,
		Text:   "sundog: " + addr + " is not in this world; to let it through: " + mend + " (or egress: [\"" + addr + "\"] in sundog.yaml)",
	}
}

// missing answers for a name of the world's own zones that leads nowhere.
func (e *Edge) missing(name, what, mend string) listen.Admission {
	e.log.Warn("refused: "+name+" "+what, "mend", mend)
	return listen.Admission{Status: http.StatusBadGateway, Text: "sundog: " + name + " " + what + "; " + mend}
}

func joinPort(name string, port int) string {
	if ip, err := netip.ParseAddr(name); err == nil {
		return netip.AddrPortFrom(ip, uint16(port)).String()
	}
	return name + ":" + strconv.Itoa(port)
}
