package edge

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

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
	err := q.route.tunnel.embedded.Serve(w, r, q.rule)
	if err == nil {
		return nil
	}
	var origin *tunnelemu.OriginError
	if !errors.As(err, &origin) {
		return problem.BadGateway(err.Error(), "", q.ruleMark())
	}
	return q.originProblem(origin)
}

func (q *request) originProblem(o *tunnelemu.OriginError) *problem.Problem {
	var refused *EgressError
	if errors.As(o.Err, &refused) {
		return problem.BadGateway("the connector may not reach "+o.Service+": "+refused.Addr+" is outside this world", refused.Mend, q.ruleMark())
	}
	cause, mend := "the connector could not reach "+o.Service+": "+o.Err.Error(), "start the origin, or correct the service"
	switch o.Kind {
	case tunnelemu.KindCanceled, tunnelemu.KindBody:
		panic(http.ErrAbortHandler) // the client left, or broke off its own body: nobody reads an answer
	case tunnelemu.KindRefused, tunnelemu.KindMissing:
		cause, mend = "nothing listens at "+o.Service, "start the origin, or correct the service"
	case tunnelemu.KindTimeout, tunnelemu.KindTLSTimeout:
		cause, mend = o.Service+" did not take the connection in time", "check the origin, or raise connectTimeout or tlsTimeout"
	case tunnelemu.KindName:
		cause, mend = "the name in "+o.Service+" does not resolve on this machine", "say where it really is: origins: {\""+o.Service+"\": \"http://127.0.0.1:PORT\"}"
	case tunnelemu.KindTLS:
		cause, mend = "the TLS handshake with "+o.Service+" failed: "+o.Err.Error(), "give its CA as caPool, its name as originServerName, or set noTLSVerify: true"
	case tunnelemu.KindReset:
		cause, mend = o.Service+" closed the connection without an answer", "look into the origin's own log"
	}
	return problem.BadGateway(cause, mend, q.ruleMark())
}

// ruleMark is where the deciding ingress rule was written.
func (q *request) ruleMark() string {
	if q.rule.Rule == nil || q.rule.Rule.Line == 0 {
		return ""
	}
	return q.route.tunnel.def.Config.File + ":" + strconv.Itoa(q.rule.Rule.Line) + ":" + strconv.Itoa(q.rule.Rule.Column)
}
