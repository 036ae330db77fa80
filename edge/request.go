package edge

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/problem"
	"github.com/sundog-edge/sundog/edge/trace"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// request is one request on its way: the decisions about it, and what became of it.
// Decisions are written before others can see it; what is learnt later is atomic.
type request struct {
	edge   *Edge
	snap   *snapshot
	start  time.Time
	ray    string // with the data centre
	method string
	uri    string // path and query, or the absolute form, masked

	absolute  bool // the target was in absolute form
	admission admission
	route     route
	internal  internal // path under /cdn-cgi/ that the edge answers itself
	view      accessemu.Request
	guard     accessemu.Decision
	redirect  bool        // plain HTTP to a guarded host
	sub       *subrequest // that a Worker made; nil: a client's
	as        string      // decide as this person; empty: as who the request says
	lent      string      // what became of the credential of the proxy's user; empty: there was no call for it
	grpc      bool        // the request says that it is a gRPC call
	encoding  string      // the client\'s Accept-Encoding, of a request that a Worker takes
	cut       bool        // the answer ended before its end
	rule      tunnelemu.Decision
	problem   *problem.Problem // the first decision that ends the way

	late     atomic.Pointer[problem.Problem] // from the target
	note     atomic.Pointer[string]          // from whoever answers in place of an origin, while it does
	stood    atomic.Pointer[string]          // that the edge stood in for an origin
	status   atomic.Int32
	by       atomic.Pointer[string]
	duration atomic.Int64
	via      atomic.Pointer[via] // the connection to a connector that it took
	left     atomic.Bool         // the connector left, and the embedded one took its place

	out    response
	values [6]string // backing of the headers that we set
	self   trace.Source
}

// Who answered, as Sundog-Answered-By says it. Variables, so that a request can keep a pointer.
var (
	byEdge      = "edge"
	byAccess    = "access"
	byConnector = "connector"
	byWorker    = "worker"
	byOrigin    = "origin"
)

// begin decides about a request and changes nothing, neither the request nor the state; only the
// credential of a proxy's user is added to what carries none.
func (e *Edge) begin(r *http.Request) *request { return e.beginAs(r, "") }

// beginAs decides as if somebody were signed in; an empty address is nobody in particular.
func (e *Edge) beginAs(r *http.Request, email string) *request {
	return e.beginOn(e.snap.Load(), r, email)
}

// beginOn is beginAs in one snapshot, for questions that belong together.
func (e *Edge) beginOn(s *snapshot, r *http.Request, email string) *request {
	q := &request{edge: e, snap: s, start: e.clock.Now(), ray: e.rays.next(), method: r.Method, as: email}
	q.self = q
	q.sub = subrequestOf(r.Context())
	q.capture(r)
	q.decide(r)
	return q
}

func (q *request) decide(r *http.Request) {
	e, s := q.edge, q.snap
	q.admission = e.admit(s, r)
	if q.problem = q.admission.problem; q.problem != nil {
		return
	}
	q.route = s.route(q.admission.host.Name)
	if q.route.site != nil {
		q.viewFor(r)
		return
	}
	s.takeCode(&q.route, q.admission.scheme(), q.admission.host.Name, r.URL)
	if !q.route.ours() { // no Access either
		q.problem = q.route.problem
		return
	}
	if q.internal = internalPath(r.URL.Path); q.internal == internalTrace {
		return
	}
	if q.inOwnZone() {
		if q.takeOwnZone(r); q.problem == nil {
			q.decideTarget(r)
		}
		return
	}
	q.viewFor(r)
	q.guard = s.access.Decide(e.access, &q.view)
	if q.admission.loan != nil {
		q.lend(r)
	}
	switch q.guard.Verdict {
	case accessemu.NoApplication, accessemu.Bypass:
	case accessemu.Ambiguous:
		q.problem = problem.AmbiguousPath(q.guard.Why)
		return
	default:
		if q.redirect = !q.admission.tls; q.redirect || q.guard.Verdict != accessemu.Forward {
			return
		}
	}
	q.decideTarget(r)
}

// decideTarget is for a request that Access lets through, or has no say about.
func (q *request) decideTarget(r *http.Request) {
	if q.internal != internalNone {
		q.problem = problem.NotEmulated(q.uri+" is a path of the edge, and this edge has nothing there", "paths under /cdn-cgi/ never reach an origin")
		return
	}
	if q.route.code.is() {
		if q.sub != nil && q.sub.hops == 0 {
			q.problem = problem.WorkerLoop("the request has run through " + strconv.Itoa(maxWorkerHops) + " Workers already")
		}
		return
	}
	if q.problem = q.route.problem; q.problem != nil {
		return
	}
	if q.route.tunnel != nil {
		q.rule = q.route.rule(q.admission.host.Name, r.URL.Path)
		q.grpc = isGRPC(r.Header)
	}
}

func (q *request) viewFor(r *http.Request) {
	q.view = accessemu.Request{
		Host: q.admission.host.Name, Port: q.admission.urlPort, HTTP: r,
		Client: q.admission.client, Ray: q.ray, Reticent: !here(r.RemoteAddr), As: q.as,
	}
	if k := &q.snap.scripts; k.any() {
		q.view.Worker, q.view.WorkersOn = q.route.code.ref(), k.workersOn
		if q.route.zone != nil && k.routes.Len() > 0 {
			q.view.WorkerAt = func(path string) accessemu.WorkerRef {
				u := url.URL{Path: path, RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery}
				if plain, err := url.PathUnescape(path); err == nil {
					u.Path, u.RawPath = plain, path
				}
				rt := route{zone: q.route.zone, record: q.route.record, tunnel: q.route.tunnel}
				q.snap.takeCode(&rt, q.admission.scheme(), q.admission.host.Name, &u)
				return rt.code.ref()
			}
		}
	}
}

// held says whether Access answers itself.
func (q *request) held() bool {
	switch q.guard.Verdict {
	case accessemu.NoApplication, accessemu.Bypass, accessemu.Forward:
		return false
	}
	return true
}

// here says whether a connection came from this machine. Who did not is told less: the person at the keyboard
// is the administrator, somebody on the network is not.
func here(remote string) bool {
	return remote == "" || strings.HasPrefix(remote, "127.") || strings.HasPrefix(remote, "[::1]:") || strings.HasPrefix(remote, "[::ffff:127.")
}
