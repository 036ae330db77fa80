package edge

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/problem"
	"github.com/sundog-edge/sundog/edge/trace"
	"github.com/sundog-edge/sundog/edge/world"
)

// Explain decides about a request as ServeHTTP would and sends nothing. The
// request is as a client would send it: its URL is absolute. client names an entry of clients:; empty is the default.
func (e *Edge) Explain(r *http.Request, client string) *trace.Trace {
	return e.ExplainAs(r, client, "")
}

// ExplainAs is Explain as if the person with that address were signed in, in the person's own country
// unless a client is named. An empty address is nobody.
func (e *Edge) ExplainAs(r *http.Request, client, email string) *trace.Trace {
	info := &listen.Info{Client: client, Country: e.snap.Load().countryOf(email, client)}
	r = r.Clone(listen.With(context.Background(), info))
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	r.RequestURI = ""
	if r.URL.Scheme == "https" {
		r.TLS = pretendTLS(r.Host)
	}
	q := e.beginAs(r, email)
	t := q.Trace()
	t.Ray = "" // nobody can ask for it again
	if q.admission.problem == nil {
		// A client under exec asks the proxy first, which asks DNS.
		switch where, _, _ := q.snap.stands(q.admission.host.Name); where {
		case missing:
			t.Steps = append(t.Steps, trace.Step{Hop: "proxy", What: "a client under sundog exec meets CONNECT 502 and never gets here", Why: "the name has no address in its zone"})
		case stranger:
			t.Steps = append(t.Steps, trace.Step{Hop: "proxy", What: "a client under sundog exec meets CONNECT 403 and never gets here", Why: "it is not in this world; --egress HOST:443 lets it through, past this edge"})
		}
	}
	return t
}

// Ray is the request's number, without the data centre.
func (q *request) Ray() string { ray, _, _ := strings.Cut(q.ray, "-"); return ray }

// Trace renders the decisions.
func (q *request) Trace() *trace.Trace {
	a := &q.admission
	t := &trace.Trace{
		Ray: q.Ray(), Time: q.start, Duration: time.Duration(q.duration.Load()),
		Method: q.method, URL: a.scheme() + "://" + q.authority() + q.uri,
		Status: int(q.status.Load()),
		Client: trace.Client{Name: a.clientRef, Country: a.client.Country, ASN: a.client.ASN},
	}
	if q.sub != nil {
		t.Worker = q.sub.worker
	}
	if q.absolute {
		t.URL = q.uri
	}
	if a.client.IP.IsValid() {
		t.Client.IP = a.client.IP.String()
	}
	if by := q.by.Load(); by != nil {
		t.AnsweredBy = *by
	}
	q.steps(t)
	if t.Why == "" {
		t.Why = q.why()
	}
	return t
}

func (q *request) authority() string {
	if p := q.admission.host.Port; p != "" {
		return q.admission.host.Name + ":" + p
	}
	return q.admission.host.Name
}

func (q *request) steps(t *trace.Trace) {
	add := func(s trace.Step) { t.Steps = append(t.Steps, s) }
	a := &q.admission
	if a.problem != nil {
		add(problemStep("admit", a.problem))
		return
	}
	add(trace.Step{Hop: "admit", What: "host " + a.host.Name + " over " + a.scheme()})
	add(q.routeStep())
	if !q.route.ours() || q.internal == internalTrace {
		return
	}
	if q.lent != "" {
		add(trace.Step{Hop: "proxy", What: q.lent})
	}
	add(q.guardStep())
	if q.redirect || q.held() || q.guard.Verdict == accessemu.Ambiguous {
		return
	}
	switch late := q.late.Load(); {
	case late != nil:
		add(q.serveStep())
		add(problemStep("serve", late))
	case q.problem != nil:
		add(problemStep("serve", q.problem))
	default:
		add(q.serveStep())
	}
}

func problemStep(hop string, p *problem.Problem) trace.Step {
	s := trace.Step{Hop: hop, What: fmt.Sprintf("error %d, status %d: %s", p.Code, p.Status, p.Cause), Where: p.Where}
	if p.Aside != "" {
		s.What += ": " + problem.OneLine(p.Aside)
	}
	if p.Mend != "" {
		s.Why = "mend: " + p.Mend
	}
	return s
}

func (q *request) routeStep() trace.Step {
	rt := &q.route
	if rt.site != nil {
		return trace.Step{Hop: "route", What: rt.site.name, Why: "a host that every world has"}
	}
	if !rt.ours() {
		return problemStep("route", rt.problem)
	}
	if rt.zone == nil {
		return trace.Step{Hop: "route", What: rt.code.String(), Where: q.snap.codeMark(&rt.code)}
	}
	s := trace.Step{Hop: "route", What: "zone " + rt.zone.Name}
	if rt.record != nil {
		s.What += ", " + rt.record.Type + " " + rt.record.Name + " → " + rt.record.Content
		s.Where = q.snap.recordMark(rt.record)
	}
	switch {
	case rt.code.is():
		s.Why = "the request is for " + rt.code.String()
		if at := q.snap.codeMark(&rt.code); at != "" {
			s.More = append(s.More, "written at "+at)
		}
	case rt.problem != nil:
		s.Why = rt.problem.Cause
	case rt.tunnel != nil:
		s.Why = "the record names tunnel " + tunnelName(rt.tunnel)
	}
	return s
}

func (q *request) guardStep() trace.Step {
	g := &q.guard
	s := trace.Step{Hop: "guard", What: g.Verdict.String(), Why: g.Why}
	if g.Mend != "" {
		s.Why += "; " + g.Mend
	}
	if q.redirect {
		s.What = "redirect to HTTPS"
	}
	s.Where = q.snap.accessMark(g.Kind, g.ID, g.Field)
	if g.ServiceToken != "" {
		s.More = append(s.More, "the request proves to have the service token "+g.ServiceToken)
	}
	for _, c := range g.Refused {
		s.More = append(s.More, c.Carrier+" does not count: "+c.Problem)
	}
	for _, p := range g.Policies() {
		line := p.Decision + " " + p.Name + ": " + p.Why
		if where := q.snap.accessMark(p.Kind, p.ID, p.Field); where != "" {
			line += " [" + where + "]"
		}
		s.More = append(s.More, line)
	}
	for _, reading := range g.Readings {
		line := "read as " + reading.Path + ": no application"
		if reading.App != nil {
			line = "read as " + reading.Path + ": " + reading.App.Name + " (" + reading.Destination + ")"
		}
		s.More = append(s.More, line)
	}
	return s
}

// accessMark is where a field of an Access document was written; kind is accessemu's name of it.
func (s *snapshot) accessMark(kind, id, field string) string {
	if k := world.AccessKind(kind); k != "" {
		return s.mark(world.Key{Kind: k, ID: id}, field)
	}
	return ""
}

func (q *request) serveStep() trace.Step {
	s := trace.Step{Hop: "serve"}
	switch {
	case q.route.code.is():
		s.What = q.route.code.String()
	case q.route.live && !q.left.Load():
		s = q.connectorStep()
	case q.route.tunnel != nil && q.rule.Rule != nil:
		rule := q.rule.Rule
		s.What = fmt.Sprintf("tunnel %s, ingress rule #%d → %s", tunnelName(q.route.tunnel), q.rule.Index, rule.Service)
		s.Why = fmt.Sprintf("matched by %s", q.rule.Match)
		s.Where = q.ruleMark()
		s.More = q.quirkNotes()
		if stood := q.stood.Load(); stood != nil {
			s.More = append(s.More, *stood)
		}
	case q.route.tunnel != nil:
		s.What = "tunnel " + tunnelName(q.route.tunnel) + " has no ingress rules"
	default:
		s.What = "origin " + q.route.record.Content
	}
	return s
}

// why is the one line that Sundog-Why carries; empty when a target answered.
func (q *request) why() string {
	if late := q.late.Load(); late != nil {
		return late.Why()
	}
	if note := q.note.Load(); note != nil {
		return *note
	}
	if q.problem != nil {
		return q.problem.Why()
	}
	if q.route.site == nil && q.held() {
		return q.guardWhy()
	}
	return ""
}

func (q *request) guardWhy() string {
	g := &q.guard
	return q.snap.accessWhy(accessemu.Reason{Why: g.Why, Mend: g.Mend, Kind: g.Kind, ID: g.ID, Field: g.Field})
}

// accessWhy is a reason of Access in one line: why, where it is written, what would mend it.
func (s *snapshot) accessWhy(r accessemu.Reason) string {
	if r.Why == "" {
		return ""
	}
	line := r.Why
	if m := s.accessMark(r.Kind, r.ID, r.Field); m != "" {
		line += " (" + m + ")"
	}
	if r.Mend != "" {
		line += "; " + r.Mend
	}
	return problem.OneLine(line)
}

var _ trace.Source = (*request)(nil)
var _ http.Handler = (*Edge)(nil)
