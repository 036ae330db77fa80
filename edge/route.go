package edge

import (
	"net/url"
	"strings"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/problem"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu"
)

const tunnelSuffix = ".cfargotunnel.com"

// route is where a host leads: one of site, code, tunnel, record (a direct origin), or problem. Code goes before the
// others.
type route struct {
	owner   string // the host, or the wildcard that covers it; "" when the world has neither
	site    *site
	tunnel  *tunnel
	live    bool // a connector has dialled in for it
	zone    *dnsemu.Zone
	record  *dnsemu.Record
	problem *problem.Problem
	code    code // what runs in front of the origin, or in its place
}

// ours tells whether the host is one that Access may guard.
func (rt *route) ours() bool { return rt.zone != nil || rt.code.is() }

// route is the same work for one host and for a hundred thousand, and allocates nothing
// for a host that is served.
func (s *snapshot) route(name string) (rt route) {
	if site, ok := s.sites[name]; ok {
		rt.site, rt.owner = site, name
		return rt
	}
	if c, ok := s.scripts.devHost(name); ok {
		if rt.problem = s.closed(&c, name); rt.problem != nil {
			return rt
		}
		rt.code = c
		rt.owner = s.scripts.owner(&c)
		return rt
	}
	if s.zones == nil {
		rt.problem = noZone(name)
		return rt
	}
	found := s.zones.Route(name)
	rt.zone, rt.record, rt.owner = found.Zone, found.Record, found.Owner
	switch found.Status {
	case dnsemu.NoZone:
		rt.problem = noZone(name)
	case dnsemu.NoName, dnsemu.NoAddress:
		rt.problem = problem.UnknownHost("zone "+rt.zone.Name+" has no record that serves "+name,
			"add a proxied record for it to zones:", s.mark(world.Key{Kind: "zone", ID: rt.zone.ID}, ""))
	case dnsemu.DNSOnly:
		rt.problem = problem.NotServed("the record of "+name+" is DNS-only, so the edge does not serve it",
			"set proxied: true on the record", s.recordMark(rt.record))
	default:
		s.routeProxied(&rt)
	}
	return rt
}

// maxChain is how many CNAMEs are followed inside the world.
const maxChain = 8

// routeProxied follows the record to what it names: a tunnel, or an origin outside the world.
func (s *snapshot) routeProxied(rt *route) {
	for range maxChain {
		if rt.record.Type != "CNAME" {
			return
		}
		if id, ok := tunnelID(rt.record.Content); ok {
			s.routeTunnel(rt, id)
			return
		}
		next := s.zones.Route(strings.TrimSuffix(rt.record.Content, "."))
		switch next.Status {
		case dnsemu.NoZone:
			return
		case dnsemu.NoName, dnsemu.NoAddress:
			rt.problem = problem.OriginName("the record leads to "+rt.record.Content+", which zone "+next.Zone.Name+" does not have",
				"add that name to the zone, or correct the record", s.recordMark(rt.record))
			return
		}
		rt.record = next.Record
	}
	rt.problem = problem.Loop("the CNAME records of this host lead in a circle")
}

func (s *snapshot) routeTunnel(rt *route, id string) {
	t, ok := find(s.tunnels, strings.ToLower(id))
	if !ok {
		rt.problem = problem.NoConnector("no tunnel "+id+" is in this world", "add it under tunnels:, or point the record at one that is", s.recordMark(rt.record))
		return
	}
	rt.tunnel = t
	rt.live = s.connectors.Ready(t.def.UUID)
	if !rt.live && t.embedded == nil {
		rt.problem = s.noConnector(t)
	}
}

// tunnelID is the tunnel that a record's content names.
func tunnelID(content string) (string, bool) {
	content = strings.TrimSuffix(content, ".")
	if len(content) <= len(tunnelSuffix) || !strings.EqualFold(content[len(content)-len(tunnelSuffix):], tunnelSuffix) {
		return "", false
	}
	return content[:len(content)-len(tunnelSuffix)], true
}

func tunnelName(t *tunnel) string {
	if t.def.Name != "" && t.def.Name != t.def.ID {
		return t.def.Name + " (" + t.def.ID + ")"
	}
	return t.def.ID
}

func noZone(name string) *problem.Problem {
	return problem.UnknownHost(name+" is in no zone of this world", "add its zone and a proxied record, or check the spelling", "")
}

func (s *snapshot) recordMark(r *dnsemu.Record) string {
	if r == nil {
		return ""
	}
	return s.mark(world.Key{Kind: "dns_record", ID: r.ID}, "")
}

// rule is the ingress rule that takes a request, as far as the edge knows the rules: those of a connector that
// configures itself it does not.
func (rt *route) rule(host, path string) (d tunnelemu.Decision) {
	switch t := rt.tunnel; {
	case !rt.live:
		return t.embedded.Decide(host, path)
	case t.managed():
		return t.rules.Decide(host, path)
	}
	return d
}

// takeCode looks for the Worker that takes a request for a host of a zone. A name without a proxied record never
// reaches one.
func (s *snapshot) takeCode(rt *route, scheme, host string, u *url.URL) {
	if rt.zone == nil || !s.scripts.any() || rt.record == nil && rt.tunnel == nil || rt.record != nil && !rt.record.Proxied {
		return
	}
	rt.code = s.scripts.forZoneHost(scheme, host, u.RequestURI())
}

// closed is the problem of a host below workers.dev where nothing is served; nil: something is.
func (s *snapshot) closed(c *code, name string) *problem.Problem {
	label, _, _ := strings.Cut(name, ".")
	switch {
	case !c.is():
		return problem.NoWorker("no Worker of this world is called "+label, "add it under workers:, or deploy it: sundog exec -- npx wrangler deploy", "")
	case c.way == wayWorkersDev && !c.worker.WorkersDev:
		return problem.NoWorker("the Worker "+c.worker.Name+" is not served on workers.dev", "set workers_dev to true, or ask its Custom Domain or Route", s.codeMark(c))
	case c.way == wayPreview && !c.worker.PreviewURLs:
		return problem.NoWorker("the Worker "+c.worker.Name+" has no Preview URLs", "set preview_urls to true", s.codeMark(c))
	}
	return nil
}
