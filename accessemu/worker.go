package accessemu

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// WorkerRef is a Worker that a host, or a part of one, leads to.
type WorkerRef struct {
	ID      string // 32 lower-case hex digits, not the script's name; empty: none
	Preview bool   // the host is that of a version or of an alias, not of production
}

// The types of destinations.
const (
	destinationPublic      = "public"
	destinationWorker      = "worker"
	destinationPreview     = "preview_worker"
	destinationAllWorkers  = "all_workers"
	destinationAllPreviews = "all_preview_workers"
)

var destinationTypes = []string{destinationPublic, destinationWorker, destinationPreview, destinationAllWorkers, destinationAllPreviews}

// workerRoutes are the destinations that are Workers, by their text.
type workerRoutes = iradix.Tree[*route]

// addWorker compiles a destination that is no host. The real API also takes a
// preview_worker without an id, for all of them.
func (a *App) addWorker(d Destination, at string, f *faults) {
	if d.URI != "" {
		f.add(at+".uri", quote(d.URI)+", which a destination of type "+d.Type+" does not have", "uri with the type public", "")
		return
	}
	kind, id := d.Type, lowerASCII(d.WorkerID)
	if kind == destinationPreview && id == "" {
		kind = destinationAllPreviews
	}
	field, text := at+".type", kind
	if all := kind == destinationAllWorkers || kind == destinationAllPreviews; all && id != "" {
		f.add(at+".worker_id", quote(d.WorkerID)+" with the type "+kind+", which is every Worker of the account", "worker_id with the type worker or preview_worker", "")
		return
	} else if !all {
		if !isHex(id, 32) {
			f.add(at+".worker_id", quote(d.WorkerID), "the id of a Worker, 32 hex digits", "")
			return
		}
		field, text = at+".worker_id", kind+" "+id
	}
	r := &route{app: a, field: field, path: newPathPattern(""), destination: text}
	if !slices.ContainsFunc(a.workers, func(o *route) bool { return sameRoute(o, r) }) {
		a.workers = append(a.workers, r)
	}
}

// OfWorkers tells whether the application is in front of Workers, whatever hosts lead to them.
func (a *App) OfWorkers() bool { return len(a.workers) > 0 }

// ofWorker tells a destination that is a Worker from one that is a host.
func (r *route) ofWorker() bool { return r.host.text == "" }

// primary is what names the application in messages and derives its ids.
func (a *App) primary() string {
	if len(a.Domains) > 0 {
		return a.Domains[0]
	}
	return a.workers[0].destination
}

// domainOn is what the application says its domain is on a host: without one of
// its own, that host.
func (a *App) domainOn(host string) string {
	if len(a.Domains) > 0 {
		return a.Domains[0]
	}
	return host
}

// route is the destination that decides a request at a path: of a host or path
// before one of the Worker that takes it.
func (c *Config) route(r *Request, path string) *route {
	if rt := c.index.match(r.Host, path); rt != nil || r.Worker.ID == "" {
		return rt
	}
	return c.workerRoute(r.Worker)
}

// routeRead is route for one reading of the path, by which another Worker may take the request.
func (c *Config) routeRead(r *Request, path string) *route {
	rt := c.index.match(r.Host, path)
	switch {
	case rt != nil:
		return rt
	case r.WorkerAt != nil:
		return c.workerRoute(r.WorkerAt(path))
	}
	return c.workerRoute(r.Worker)
}

// workerRoute is the destination that covers a Worker: one of previews before
// one of the whole Worker, and one Worker's before all Workers'.
func (c *Config) workerRoute(w WorkerRef) *route {
	if w.ID == "" || c.workers.Len() == 0 {
		return nil
	}
	var buf [64]byte
	if w.Preview {
		if rt, ok := c.workers.Get(append(append(append(buf[:0], destinationPreview...), ' '), w.ID...)); ok {
			return rt
		}
	}
	if rt, ok := c.workers.Get(append(append(append(buf[:0], destinationWorker...), ' '), w.ID...)); ok {
		return rt
	}
	if w.Preview {
		if rt, ok := c.workers.Get(append(buf[:0], destinationAllPreviews...)); ok {
			return rt
		}
	}
	rt, _ := c.workers.Get(append(buf[:0], destinationAllWorkers...))
	return rt
}

// workerRouteOn is the destination of a Worker that a host leads to, whatever the path: of the
// paths of Access itself, which are on the host and not on the Worker's part of it.
func (c *Config) workerRouteOn(r *Request, host string) *route {
	if c.workers.Len() == 0 {
		return nil
	}
	if host == r.Host {
		if rt := c.workerRoute(r.Worker); rt != nil {
			return rt
		}
	}
	if r.WorkersOn != nil {
		for _, w := range r.WorkersOn(host) {
			if rt := c.workerRoute(w); rt != nil {
				return rt
			}
		}
	}
	return nil
}

// guards tells whether any application covers any path of a host.
func (c *Config) guards(r *Request, host string) bool {
	return c.index.guards(host) || c.workerRouteOn(r, host) != nil
}

// covers tells whether an application is in front of any path of a host.
func (c *Config) covers(a *App, r *Request, host string) bool {
	if a.onHost(host) {
		return true
	}
	covered := func(w WorkerRef) bool {
		rt := c.workerRoute(w)
		return rt != nil && rt.app == a
	}
	if len(a.workers) == 0 {
		return false
	}
	return host == r.Host && covered(r.Worker) || r.WorkersOn != nil && slices.ContainsFunc(r.WorkersOn(host), covered)
}

// MatchWorker is Match for a host and path that lead to a Worker, whose
// applications decide where no application of the host does.
func (c *Config) MatchWorker(host, path string, w WorkerRef) (app *App, destination string, ok bool) {
	if app, destination, ok = c.Match(host, path); ok || c == nil {
		return app, destination, ok
	}
	rt := c.workerRoute(w)
	if rt == nil {
		return nil, "", false
	}
	return rt.app, rt.destination, true
}

// upgradesWebSocket tells whether a request is a WebSocket's handshake, of HTTP/1.1 or of HTTP/2.
func upgradesWebSocket(r *http.Request) bool {
	for _, value := range r.Header["Upgrade"] {
		for token := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(token), "websocket") {
				return true
			}
		}
	}
	protocol := r.Header[":protocol"]
	return len(protocol) > 0 && strings.EqualFold(protocol[0], "websocket")
}

// noWebSocket refuses a handshake, which an application in front of a Worker does not let through.
func (d *Decision) noWebSocket() {
	d.forbid("an application in front of a Worker refuses WebSockets, whoever signs in",
		"give the Worker's host an application of its own, by its domain")
	d.brief = "WebSockets are refused here"
}

// Claims are what a Worker is told by ctx.access: the application's audience tag and the claims of
// the token that goes to the origin, as JSON. They are there when Access authenticated this very
// request: after Prepare of a Forward, and not for a person who is only assumed. Else claims is nil.
func (d *Decision) Claims() (aud string, claims json.RawMessage) {
	if d.Verdict != Forward || len(d.assertion) == 0 {
		return "", nil
	}
	_, rest, _ := strings.Cut(d.assertion[0], ".")
	body, _, _ := strings.Cut(rest, ".")
	claims, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return "", nil
	}
	return d.App.AUD, claims
}
