package edge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/edge/problem"
	"github.com/sundog-edge/sundog/edge/trace"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// connectorTarget is a tunnel that a real connector has dialled in for.
type connectorTarget request

// via is the connection on which a request went.
type via struct {
	connector string // UUID
	protocol  connector.Protocol
	index     int
}

func (v *via) String() string {
	return "connector " + short(v.connector) + ", connection " + strconv.Itoa(v.index) + " over " + string(v.protocol)
}

// viaKey leads from a request's context to the request, for who chooses the connection.
type viaKey struct{}

func (t *connectorTarget) Serve(w http.ResponseWriter, r *http.Request) error {
	q := (*request)(t)
	q.answered(&byOrigin)
	if q.rule.Rule != nil && strings.HasPrefix(q.rule.Rule.Service, "http_status:") {
		q.answered(&byConnector)
	}
	out := r.WithContext(context.WithValue(r.Context(), viaKey{}, q))
	tunnel := q.route.tunnel
	if tunnel.embedded != nil && r.Body != nil && r.Body != http.NoBody {
		out.Body = io.NopCloser(r.Body) // the embedded one may need it yet
	}
	err := q.edge.connectors.ServeTunnel(w, out, tunnel.def.UUID)
	if err == nil {
		return nil
	}
	var failed *connector.Error
	if !errors.As(err, &failed) {
		return problem.BadGateway(err.Error(), "", "")
	}
	if failed.Kind == connector.KindNoConnector && tunnel.embedded != nil { // it left since this request was routed
		q.left.Store(true)
		return (*tunnelTarget)(q).Serve(w, r)
	}
	return q.connectorProblem(failed)
}

// connectorProblem is what a client is told when nothing came of a request.
func (q *request) connectorProblem(failed *connector.Error) *problem.Problem {
	tunnel := "tunnel " + tunnelName(q.route.tunnel)
	who := "the connector of " + tunnel
	if v := q.via.Load(); v != nil {
		who = "the " + v.String() + ", of " + tunnel + ","
	}
	p := problem.BadGateway(who+" failed: "+failed.Err.Error(), "", q.ruleMark())
	switch failed.Kind {
	case connector.KindCanceled:
		panic(http.ErrAbortHandler) // nobody reads an answer
	case connector.KindNoConnector:
		return q.snap.noConnector(q.route.tunnel)
	case connector.KindOrigin:
		service := "its origin"
		if q.rule.Rule != nil {
			service = q.rule.Rule.Service
		}
		p.Cause, p.Mend = who+" cannot reach "+service, "start the origin, or correct the service; the connector's own log says more"
	case connector.KindRateLimited:
		p.Cause, p.Mend = who+" has as many flows as it may", "raise its max-active-flows, or start a replica"
	case connector.KindNotSent:
		p.Cause, p.Mend = "every connection of "+tunnel+" broke before the request was on its way: "+failed.Err.Error(), "ask again: connectors dial again by themselves"
	case connector.KindLost:
		p.Cause, p.Mend = who+" was lost before it answered: "+failed.Err.Error(), "ask again when that does no harm; the edge does not, since the origin may have had the request"
	case connector.KindMalformed:
		p.Cause = who + " answered what is no answer: " + failed.Err.Error()
	case connector.KindUpgrade:
		p.Cause = "the client's connection cannot be upgraded to what the origin agreed to: " + failed.Err.Error()
	case connector.KindFault:
		p.Cause, p.Mend = "a fault was asked for: "+failed.Err.Error(), "sundog fault list tells which, sundog fault clear ends them"
	}
	return p
}

// noConnector is the problem of a tunnel that nobody serves.
func (s *snapshot) noConnector(t *tunnel) *problem.Problem {
	return problem.NoConnector("tunnel "+tunnelName(t)+" has no connector",
		"start one: sundog tunnel run-command "+t.def.Label()+" prints how; or give the tunnel a config_file", s.mark(t.key, ""))
}

// connectorStep is the step of a trace for a request that a connector carries.
func (q *request) connectorStep() trace.Step {
	t := q.route.tunnel
	s := trace.Step{Hop: "serve", What: "tunnel " + tunnelName(t) + ", by a connector", Why: "one has dialled in"}
	if v := q.via.Load(); v != nil {
		s.What = "tunnel " + tunnelName(t) + ", " + v.String()
	}
	if rule := q.rule.Rule; rule != nil {
		s.What += fmt.Sprintf(", ingress rule #%d → %s", q.rule.Index, rule.Service)
		s.Why = fmt.Sprintf("matched by %s, in the configuration that the edge gives to connectors (version %d)", q.rule.Match, t.version)
		s.Where = q.ruleMark()
	} else {
		s.More = append(s.More, "the connector has ingress rules of its own, which its own file says")
	}
	return s
}
