package edge

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/problem"
)

// Target is where a request ends: it answers, or returns a *problem.Problem and has
// written nothing. After the headers it can only abort, by panicking with
// http.ErrAbortHandler. Targets pass flushes, upgrades, full duplex and cancellation.
type Target interface {
	Serve(w http.ResponseWriter, r *http.Request) error
}

// ServeHTTP takes a request as it came from the client. It keeps w and r no longer than
// the call, and changes r's headers.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := e.begin(r)
	q.out = response{ResponseWriter: w, q: q, http1: r.ProtoMajor == 1}
	if s := e.stale.Load(); s != nil {
		q.out.stale = s.aside
		if here(r.RemoteAddr) {
			q.out.stale = s.here
		}
	}
	e.ring.Add(&q.self)
	q.cut = true // until it has ended
	defer q.close()
	q.answer(&q.out, r)
	q.cut = false
}

// answer carries the decisions out.
func (q *request) answer(w *response, r *http.Request) {
	if q.problem != nil {
		q.fail(w, r, q.problem)
		return
	}
	switch {
	case q.route.site != nil:
		q.answered(q.route.site.by)
		q.noteOn(w)
		q.route.site.serve(q, w, r)
	case q.internal == internalTrace:
		q.answered(&byEdge)
		q.serveTrace(w, r)
	case q.redirect:
		q.redirectHTTPS(w, r)
	case q.held():
		q.answered(&byAccess)
		if why := q.guardWhy(); why != "" {
			w.Header().Set("Sundog-Why", why)
		}
		q.noteOn(w)
		q.edge.access.Answer(w, &q.view, q.snap.access, q.guard)
	default:
		q.prepare(r)
		if err := q.target().Serve(w, r); err != nil {
			q.failLate(w, r, err)
		}
	}
}

// noteOn lets Access say why it answers with an error of its own.
func (q *request) noteOn(w http.ResponseWriter) {
	q.view.Explain = func(reason accessemu.Reason) {
		why := q.snap.accessWhy(reason)
		q.note.Store(&why)
		w.Header().Set("Sundog-Why", why)
	}
}

// target is where the decided request ends.
func (q *request) target() Target {
	switch {
	case q.route.code.is():
		return (*workerTarget)(q)
	case q.route.live:
		return (*connectorTarget)(q)
	case q.route.tunnel != nil:
		return (*tunnelTarget)(q)
	}
	return (*directTarget)(q)
}

// prepare makes of the client's request the one that the target gets.
func (q *request) prepare(r *http.Request) {
	h := r.Header
	removeHopByHop(h)
	removeEdgeHeaders(h)
	delete(h, "Host")
	guardTrailers(r)
	r.Host = q.authority() // the canonical one: what was decided about is what the origin sees
	q.guard.Prepare(h)
	if q.route.code.is() {
		q.encoding = h.Get("Accept-Encoding")
	}
	acceptEncoding(h)

	a := &q.admission
	q.values[0] = a.client.IP.String()
	if q.sub != nil {
		q.values[0] = q.sub.client.String()
	}
	q.values[1] = q.ray
	q.values[2] = a.client.Country
	h["Cf-Connecting-Ip"] = q.values[0:1:1]
	h["Cf-Ray"] = q.values[1:2:2]
	if a.client.Country == "" {
		q.values[2] = "XX"
	}
	h["Cf-Ipcountry"] = q.values[2:3:3]
	if before := h["X-Forwarded-For"]; len(before) > 0 {
		q.values[3] = strings.Join(before, ",") + "," + q.values[0]
	} else {
		q.values[3] = q.values[0]
	}
	h["X-Forwarded-For"] = q.values[3:4:4]
	h["X-Forwarded-Proto"], h["Cf-Visitor"] = schemeHTTP, visitorHTTP
	if a.tls {
		h["X-Forwarded-Proto"], h["Cf-Visitor"] = schemeHTTPS, visitorHTTPS
	}
	if before := h["Cdn-Loop"]; len(before) > 0 {
		h.Set("Cdn-Loop", nextLoop(before))
	} else {
		h["Cdn-Loop"] = loopFirst
	}
	if q.sub != nil {
		q.sub.mark(h, q.route.code.is())
	}
}

func (q *request) answered(by *string) { q.by.Store(by) }

// fail answers with a problem; nothing has been written.
func (q *request) fail(w *response, r *http.Request, p *problem.Problem) {
	by := p.AnsweredBy()
	q.answered(&by)
	w.Header().Set("Sundog-Why", p.Why())
	p.Render(w, problem.About{
		Ray: q.ray, Host: q.admission.host.Name, Accept: r.Header.Get("Accept"), Head: r.Method == http.MethodHead,
	})
}

// failLate answers for a target that could not.
func (q *request) failLate(w *response, r *http.Request, err error) {
	var p *problem.Problem
	if !errors.As(err, &p) {
		p = problem.BadGateway(err.Error(), "", "")
	}
	q.late.Store(p)
	q.fail(w, r, p)
}

// redirectHTTPS sends a browser that came by plain HTTP to the same address over TLS.
func (q *request) redirectHTTPS(w http.ResponseWriter, r *http.Request) {
	q.answered(&byEdge)
	w.Header().Set("Sundog-Why", problem.OneLine("hosts with an Access application are served over HTTPS only: "+q.guard.Why))
	authority := q.admission.host.Name
	if q.admission.urlPort != "" {
		authority += ":" + q.admission.urlPort
	}
	w.Header().Set("Location", "https://"+authority+r.URL.RequestURI())
	w.Header().Set("Cache-Control", "max-age=3600")
	w.WriteHeader(http.StatusMovedPermanently)
}

func (q *request) close() {
	q.release()
	took := q.since()
	q.duration.Store(int64(took))
	q.count(took)
}

// nextLoop counts this passage, and keeps what other networks say in the header.
func nextLoop(before []string) string {
	others := make([]string, 0, len(before)+1)
	for _, v := range before {
		for part := range strings.SplitSeq(v, ",") {
			token, _, _ := strings.Cut(strings.TrimSpace(part), ";")
			if token = strings.TrimSpace(token); token != "" && !strings.EqualFold(token, "cloudflare") {
				others = append(others, strings.TrimSpace(part))
			}
		}
	}
	return strings.Join(append(others, "cloudflare; loops="+strconv.Itoa(loops(before)+1)), ", ")
}
