package edge

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/problem"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// maxWorkerHops is how many Workers one request may run through over HTTP.
const maxWorkerHops = 16

// subrequest is a request that a Worker made, on its way through the front door.
type subrequest struct {
	worker string     // name
	zone   string     // of Cf-Worker
	hops   int        // Workers that may still be run
	public bool       // hosts of its own zone are asked as everybody asks them
	client netip.Addr // whom the target is told of: who the Worker says that it forwards, else workerAddress
}

type subrequestKey struct{}

// subrequestOf is the subrequest that a request is; nil: a client made it.
func subrequestOf(ctx context.Context) *subrequest {
	sub, _ := ctx.Value(subrequestKey{}).(*subrequest)
	return sub
}

// workerAddress is where requests of Workers come from, to hosts outside their own zone.
var workerAddress = netip.MustParseAddr("2a06:98c0:3600::103")

// hopsLeft reads Cf-Ew-Via of a request that a Worker made: how many Workers may still be run. A Worker that sends
// no such header made a request of its own, and its count begins anew.
func hopsLeft(h http.Header) int {
	if n, err := strconv.Atoi(h.Get("Cf-Ew-Via")); err == nil && n >= 0 && n < maxWorkerHops {
		return n
	}
	return maxWorkerHops
}

// mark says of a request that leaves for a target who made it.
func (sub *subrequest) mark(h http.Header, toWorker bool) {
	h["Cf-Worker"] = []string{sub.zone}
	if toWorker {
		h["Cf-Ew-Via"] = []string{strconv.Itoa(sub.hops - 1)}
	}
}

// zoneOf is the zone that a Worker's requests are of: that of its first Route or Custom Domain, else its subdomain of
// workers.dev. id is empty for the latter.
func (s *snapshot) zoneOf(name string) (zone, id string) {
	for _, doc := range s.inFileOrder(world.KindWorkerDomain) {
		if d := doc.Value.(*world.WorkerDomain); d.Service == name && !d.Pages {
			return s.zoneName(d.ZoneID, d.Hostname), d.ZoneID
		}
	}
	for _, doc := range s.inFileOrder(world.KindWorkerRoute) {
		if r := doc.Value.(*world.WorkerRoute); r.Script == name {
			return s.zoneName(r.ZoneID, r.Pattern), r.ZoneID
		}
	}
	return s.scripts.workersDev, ""
}

func (s *snapshot) zoneName(id, otherwise string) string {
	if doc, ok := s.layers.Get(world.Key{Kind: world.KindZone, ID: id}); ok {
		return doc.Value.(*dnsemu.Zone).Name
	}
	name, _, _ := strings.Cut(otherwise, "/")
	return name
}

// inOwnZone tells whether a request is of a Worker to a host of its own zone, that does not go through the front door.
func (q *request) inOwnZone() bool {
	if q.sub == nil || q.sub.public || q.sub.zone == "" {
		return false
	}
	if q.route.zone != nil {
		return q.route.zone.Name == q.sub.zone
	}
	return q.route.code.worker != nil && q.snap.scripts.workersDev == q.sub.zone
}

// takeOwnZone decides about a request of a Worker to its own zone. It goes past Access and past Routes, to the Custom
// Domain or the origin; another Worker of a Route or of workers.dev is an error there.
func (q *request) takeOwnZone(r *http.Request) {
	const mend = ", or the compatibility flag global_fetch_strictly_public"
	host, c := q.admission.host.Name, &q.route.code
	switch {
	case q.route.zone == nil:
		if c.worker.Name != q.sub.worker {
			q.problem = problem.SameZone("the Worker "+q.sub.worker+" asks for "+host+", which is another Worker of its own zone "+q.sub.zone, "use a service binding to "+c.worker.Name+mend)
		}
	case c.way == wayRoute:
		if c.worker.Name != q.sub.worker {
			q.problem = problem.SameZone("the Worker "+q.sub.worker+" asks for "+host+", where a Route of its own zone runs the Worker "+c.worker.Name, "use a service binding to "+c.worker.Name+mend)
			return
		}
		q.route.code = q.snap.scripts.forDomain(host)
	}
}

// inZone tells whether an authority is a host of a zone.
func (s *snapshot) inZone(authority, zone string) bool {
	h, err := canonicalHost(authority)
	return err == nil && zone != "" && (h.Name == zone || strings.HasSuffix(h.Name, "."+zone))
}

// flagsOf are the compatibility flags of the version of a Worker that asks.
func (s *snapshot) flagsOf(name, id string) []string {
	w, ok := find(s.scripts.workers, name)
	if !ok {
		return nil
	}
	if w.Project != nil && w.Current() == "" {
		return w.Project.Version.CompatibilityFlags
	}
	if id == "" {
		id = w.Current()
	}
	if doc, ok := s.layers.Get(world.Key{Kind: world.KindWorkerVersion, ID: id}); ok {
		return doc.Value.(*version.Version).CompatibilityFlags
	}
	return nil
}
