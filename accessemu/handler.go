package accessemu

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Handler is Access in front of one origin, as an http.Handler: all that a test
// without the rest of the edge needs. It answers the team's host, TransferHost and
// the paths of Access, and passes to Origin what is admitted.
type Handler struct {
	State  *State
	Config func() *Config             // asked once a request
	Origin http.Handler               // nil: 204 for everything
	Client func(*http.Request) Client // nil: the address of the connection, country not known
	Decide func(*Request, Decision)   // called with every decision, for logs and tests; nil: not
}

// ServeHTTP reads the host from the request's Host, whose port it keeps in
// absolute URLs.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := h.Config()
	host, port := splitHost(r.Host)
	rq := &Request{Host: host, Port: port, HTTP: r, Client: remoteClient(r)}
	if h.Client != nil {
		rq.Client = h.Client(r)
	}
	if c != nil && host == c.AuthDomain() {
		h.State.ServeTeam(w, rq, c)
		return
	}
	if host == TransferHost {
		h.State.ServeTransfer(w, rq, c)
		return
	}
	d := c.Decide(h.State, rq)
	if h.Decide != nil {
		h.Decide(rq, d)
	}
	switch d.Verdict {
	case NoApplication, Bypass, Forward:
		r = r.Clone(r.Context())
		d.Prepare(r.Header)
		d.Finish(w.Header())
		if h.Origin == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.Origin.ServeHTTP(w, r)
	default:
		h.State.Answer(w, rq, c, d)
	}
}

func splitHost(s string) (host, port string) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = s, ""
	}
	return strings.TrimSuffix(lowerASCII(host), "."), port
}

func remoteClient(r *http.Request) Client {
	addr, _ := netip.ParseAddrPort(r.RemoteAddr)
	return Client{IP: addr.Addr().Unmap()}
}
