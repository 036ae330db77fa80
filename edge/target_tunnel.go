package edge

import (
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/sundog-edge/sundog/edge/mark"
	"github.com/sundog-edge/sundog/edge/problem"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// tunnelTarget is a tunnel that is routed in process, as its connector would.
type tunnelTarget request

func (t *tunnelTarget) Serve(w http.ResponseWriter, r *http.Request) error {
	q := (*request)(t)
	q.answered(&byOrigin)
	if strings.HasPrefix(q.rule.Rule.Service, "http_status:") {
		q.answered(&byConnector)
	}
	if r.ContentLength < 0 {
		r.TransferEncoding = chunkedOnly // HTTP/2 has no such word; the edge says it to the connector all the same
	}
	back := q.keepBody(r)
	err := q.route.tunnel.embedded.Serve(w, r, q.rule)
	if err == nil {
		return nil
	}
	var origin *tunnelemu.OriginError
	if !errors.As(err, &origin) {
		return problem.BadGateway(err.Error(), "", q.ruleMark())
	}
	switch {
	case back != nil && origin.Kind == tunnelemu.KindRefused:
		return q.standIn(origin.Service, q.ruleMark(), back).Serve(w, r)
	case origin.Kind == tunnelemu.KindDenied:
		q.denied(w, origin)
		return nil
	}
	return q.originProblem(origin)
}

// denied is the connector's own 403, which the edge passes on as it comes: empty.
func (q *request) denied(w http.ResponseWriter, o *tunnelemu.OriginError) {
	q.answered(&byConnector)
	cause, mend := originTrouble(o.Kind, o.Service, o.Err)
	p := problem.Problem{Cause: cause, Mend: mend, Where: q.ruleMark()}
	why := p.Why()
	q.note.Store(&why)
	w.Header().Set("Sundog-Why", why)
	w.Header()["Content-Type"] = nil
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(o.Status())
}

func (q *request) originProblem(o *tunnelemu.OriginError) *problem.Problem {
	var refused *EgressError
	if errors.As(o.Err, &refused) {
		return problem.BadGateway("the connector may not reach "+o.Service+": "+refused.Addr+" is outside this world", refused.Mend, q.ruleMark())
	}
	var proxy *EgressProxyError
	if errors.As(o.Err, &proxy) {
		return problem.BadGateway("the connector cannot reach "+o.Service+": "+proxy.why(), proxy.Mend, q.ruleMark())
	}
	switch o.Kind {
	case tunnelemu.KindCanceled, tunnelemu.KindBody:
		panic(http.ErrAbortHandler) // the client left, or broke off its own body: nobody reads an answer
	}
	cause, mend := originTrouble(o.Kind, o.Service, o.Err)
	return problem.BadGateway(cause, mend, q.ruleMark())
}

// originTrouble says why an origin cannot be reached, and what would change that.
func originTrouble(kind tunnelemu.Kind, service string, err error) (cause, mend string) {
	switch kind {
	case tunnelemu.KindRefused, tunnelemu.KindMissing:
		return "nothing listens at " + service + elsewhere(service, err), "start the origin, or correct the service"
	case tunnelemu.KindTimeout, tunnelemu.KindTLSTimeout:
		return service + " did not take the connection in time", "check the origin, or raise connectTimeout or tlsTimeout"
	case tunnelemu.KindName:
		return "the name in " + service + " does not resolve on this machine", "say where it really is: " + originsLine(service)
	case tunnelemu.KindTLS:
		return "the TLS handshake with " + service + " failed: " + err.Error(), "give its CA as caPool, its name as originServerName, or set noTLSVerify: true"
	case tunnelemu.KindDenied:
		return "the connector's own check before " + service + " (access) refuses the request: " + err.Error(),
			"guard the host with an Access application whose AUD is one of the rule's audTag"
	case tunnelemu.KindToken:
		return "the connector cannot verify the request's Access token for " + service + ": " + err.Error(),
			"correct teamName in the rule's access, or send a token that holds"
	case tunnelemu.KindTransport:
		return "the way between edge and connector cannot carry this to " + service + ": " + err.Error(), "choose another protocol; sundog quirks lists what each cannot do"
	case tunnelemu.KindAddress:
		return "there is nowhere to connect to for " + service + ": " + err.Error(), "write a port in the service; to a bastion, the client names the destination"
	case tunnelemu.KindReset:
		return service + " closed the connection without an answer", "look into the origin's own log"
	}
	return "the connector could not reach " + service + ": " + err.Error(), "start the origin, or correct the service"
}

// elsewhere says where a service is dialled when that is not what it says.
func elsewhere(service string, err error) string {
	var op *net.OpError
	if !errors.As(err, &op) || op.Addr == nil || op.Op != "dial" {
		return ""
	}
	at, _ := placeOf(service)
	_, asked, _ := net.SplitHostPort(at.addr)
	host, port, err := net.SplitHostPort(op.Addr.String())
	if err != nil || port == asked && (isLoopback(host) && strings.HasPrefix(at.addr, "localhost:") || strings.HasPrefix(at.addr, net.JoinHostPort(host, ""))) {
		return ""
	}
	return ", dialled at " + op.Addr.String()
}

// originsLine is what leads a service elsewhere, to be filled in with a port.
func originsLine(service string) string {
	scheme, _, _ := strings.Cut(service, "://")
	return `origins: {"` + service + `": "` + scheme + `://127.0.0.1:PORT"}`
}

// ruleMark is where the deciding ingress rule was written.
func (q *request) ruleMark() string {
	if q.rule.Rule == nil || q.rule.Rule.Line == 0 {
		return ""
	}
	return mark.At(q.route.tunnel.def.Config.File, q.rule.Rule.Line, q.rule.Rule.Column).String()
}
