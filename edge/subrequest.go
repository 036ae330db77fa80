package edge

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/problem"
	"github.com/sundog-edge/sundog/edge/world"
)

// maxWorkerHops is how many Workers one request may run through over HTTP.
const maxWorkerHops = 16

// subrequest is a request that a Worker made, on its way through the front door.
type subrequest struct {
	worker string // name
	zone   string // of Cf-Worker
	hops   int    // Workers that may still be run
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

// sameZone is what becomes of a Worker's request to a host of its own zone: it goes past Access and past Routes, to the
// Custom Domain or the origin; a Route of another Worker there is an error.
func (s *snapshot) sameZone(q *request, r *http.Request) *problem.Problem {
	sub := q.sub
	m, ok := s.scripts.routes.Find(q.admission.scheme(), q.admission.host.Name, r.URL.RequestURI())
	if ok && m.Script != "" && m.Script != sub.worker {
		return problem.SameZone("the Worker "+sub.worker+" asks for "+q.admission.host.Name+", where a Route of its own zone runs the Worker "+m.Script,
			"use a service binding to "+m.Script+", or the compatibility flag global_fetch_strictly_public")
	}
	return nil
}
