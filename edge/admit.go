package edge

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/problem"
)

// admission is what the edge makes of a request before anything else: one
// host, one client, and whether the way it came allows it.
type admission struct {
	host      host
	tls       bool
	urlPort   string // port that absolute URLs carry: set when the authority named a listener's port
	client    accessemu.Client
	clientRef string // entry of clients:, empty when the address is the connection's own
	loan      *loan  // the credential that the proxy's user has; nil: none
	problem   *problem.Problem
}

func (a *admission) scheme() string {
	if a.tls {
		return "https"
	}
	return "http"
}

// maxLoops is how often one request may pass an edge before it is called a loop.
const maxLoops = 16

func (e *Edge) admit(s *snapshot, r *http.Request) (a admission) {
	info := listen.From(r.Context())
	a.tls = r.TLS != nil
	if err := listen.Check(r); err != nil {
		a.host.Name = problem.OneLine(r.Host)
		a.problem = problem.BadRequest("the request can be read in two ways: "+err.Error(), "send it in the one form that RFC 9112 and RFC 9113 give")
		return a
	}
	if r.RequestURI == "*" {
		a.host.Name = problem.OneLine(r.Host)
		a.problem = problem.BadRequest("OPTIONS * asks about a server and names no resource of it", "ask for a path")
		return a
	}
	h, err := canonicalHost(r.Host)
	if err != nil {
		a.host.Name = problem.OneLine(r.Host)
		a.problem = problem.BadRequest(err.Error(), "name one host of this world")
		return a
	}
	a.host = h
	if subrequestOf(r.Context()) != nil {
		a.client.IP = workerAddress // whom it forwards is for the target to hear, and not for Access
	} else if p := e.admitClient(s, r, info, &a); p != nil {
		a.problem = p
		return a
	}
	if info != nil && h.Port != "" && (h.Port == info.HTTPSPort || h.Port == info.ProxyPort) {
		a.urlPort = info.HTTPSPort
	}
	if info != nil && info.ConnectHost != "" && info.ConnectHost != h.Name {
		a.problem = problem.Misdirected("the request names "+h.Name+" inside a CONNECT to "+info.ConnectHost,
			"open a CONNECT to "+h.Name)
		return a
	}
	if _, ours := s.sites[h.Name]; h.Addr.IsValid() && !ours {
		a.problem = problem.DirectIP(h.Name)
		return a
	}
	if r.TLS != nil && r.TLS.ServerName != h.Name && !e.ca.Covers((*leafNames)(e), r.TLS.ServerName, h.Name) {
		shown := r.TLS.ServerName
		if shown == "" {
			shown = "no name (the hello had no SNI)"
		}
		a.problem = problem.Misdirected("the certificate shown is for "+shown+" and does not cover "+h.Name,
			"open a new connection with "+h.Name+" as server name")
		return a
	}
	if n := loops(r.Header["Cdn-Loop"]); n >= maxLoops && subrequestOf(r.Context()) == nil { // those of Workers are counted otherwise
		a.problem = problem.Loop("the request has passed the edge " + strconv.Itoa(n) + " times")
	}
	return a
}

// admitClient finds who is asking: the entry of clients: that the proxy user or the in-process
// transport names, else "default", else the connection's own address.
func (e *Edge) admitClient(s *snapshot, r *http.Request, info *listen.Info, a *admission) *problem.Problem {
	name, country := "", ""
	if info != nil {
		name, country = info.Client, info.Country
	}
	if isLoan(name) {
		if a.loan = e.loans.of(name); a.loan == nil {
			return problem.BadRequest(unknownLoan, mendLoan)
		}
		name, country = a.loan.client, a.loan.country(s)
	}
	p := e.findClient(s, r, name, a)
	if country != "" {
		a.client.Country = country
	}
	return p
}

// findClient is the client of a name, or the connection's own address.
func (e *Edge) findClient(s *snapshot, r *http.Request, name string, a *admission) *problem.Problem {
	if name != "" || s.clients != nil {
		c, ok := find(s.clients, nameOr(name, "default"))
		if ok {
			a.client = accessemu.Client{IP: c.IP, Country: c.Country, ASN: c.ASN, Posture: c.Posture}
			a.clientRef = c.Name
			return nil
		}
		if name != "" && name != "default" {
			return problem.BadRequest("there is no client "+problem.OneLine(name)+" in this world", "add it under clients:, or use another name")
		}
	}
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		a.client.IP = ap.Addr().Unmap()
	} else {
		a.client.IP = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return nil
}

func nameOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

// loops reads how often Cdn-Loop says that the request has passed.
func loops(values []string) int {
	n := 0
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			token, params, _ := strings.Cut(strings.TrimSpace(part), ";")
			if !strings.EqualFold(strings.TrimSpace(token), "cloudflare") {
				continue
			}
			count := 1
			if _, v, ok := strings.Cut(params, "loops="); ok {
				if c, err := strconv.Atoi(strings.TrimSpace(v)); err == nil && c > 0 && c < 1<<20 {
					count = c
				}
			}
			n += count
		}
	}
	return n
}
