package api

import (
	"net/http"
	"strings"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/derive"
)

func routeObject(r *world.WorkerRoute) object {
	o := object{"id": r.ID, "pattern": r.Pattern, "request_limit_fail_open": false}
	if r.Script != "" {
		o["script"] = r.Script
	}
	return o
}

func (c *call) routesOf(worker string) []object {
	items := []object{}
	for _, r := range all(c.layers, world.KindWorkerRoute, func(r *world.WorkerRoute) bool { return r.Script == worker }) {
		items = append(items, routeObject(r))
	}
	return items
}

// checkPattern tells what is wrong with a pattern; nil: nothing is.
func checkPattern(pattern string) error {
	bad := func(why string) error {
		return badRequest(10022, "Invalid route pattern %q: %s", pattern, why)
	}
	rest := pattern
	for _, scheme := range []string{"http://", "https://", "*://"} {
		rest = strings.TrimPrefix(rest, scheme)
	}
	host, path, _ := strings.Cut(rest, "/")
	switch {
	case host == "":
		return bad("it has no host")
	case strings.Contains(strings.TrimPrefix(host, "*"), "*"):
		return bad("in the host, * may only be the first character")
	case strings.Contains(strings.TrimSuffix(path, "*"), "*"):
		return bad("in the path, * may only be the last character")
	case strings.Contains(rest, "?"):
		return bad("it may have no query string")
	case strings.ContainsAny(host, " :@"):
		return bad("the host may have no port and no user")
	}
	return nil
}

// hostOf is the host of a pattern without its wildcard.
func hostOf(pattern string) string {
	if _, rest, ok := strings.Cut(pattern, "://"); ok {
		pattern = rest
	}
	host, _, _ := strings.Cut(pattern, "/")
	return strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(host, "*"), "."))
}

// route is a Route with its id; it is an error when the zone does not hold the host, or another Worker
// has the pattern.
func (c *call) route(zone *dnsemu.Zone, pattern, script string) (*world.WorkerRoute, error) {
	if err := checkPattern(pattern); err != nil {
		return nil, err
	}
	if host := hostOf(pattern); host != zone.Name && !strings.HasSuffix(host, "."+zone.Name) {
		return nil, badRequest(10022, "Invalid route pattern %q: its host is not in the zone %s", pattern, zone.Name)
	}
	if script != "" && c.workerNamed(script) == nil {
		return nil, noScript()
	}
	return &world.WorkerRoute{ID: derive.Hex32(c.account, "worker_route", zone.ID+" "+pattern), ZoneID: zone.ID, Pattern: pattern, Script: script}, nil
}

func (c *call) routeWith(zoneID, pattern string) *world.WorkerRoute {
	return first(c.layers, world.KindWorkerRoute, func(r *world.WorkerRoute) bool { return r.ZoneID == zoneID && r.Pattern == pattern })
}

func duplicateRoute() *failure {
	return fail(http.StatusConflict, 10020, "A route with the same pattern already exists.")
}

// putScriptRoutes replaces all Routes of a Worker.
func (c *call) putScriptRoutes() (any, error) {
	var in []struct {
		Pattern  string `json:"pattern"`
		ZoneID   string `json:"zone_id"`
		ZoneName string `json:"zone_name"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	script := c.arg("script")
	if c.worker() == nil {
		return nil, noScript()
	}
	var edits []world.Edit
	keep := map[string]bool{}
	items := []object{}
	for _, one := range in {
		var zone *dnsemu.Zone
		switch {
		case one.ZoneID != "":
			zone = get[dnsemu.Zone](c.layers, world.KindZone, one.ZoneID)
		case one.ZoneName != "":
			zone = first(c.layers, world.KindZone, func(z *dnsemu.Zone) bool { return z.Name == strings.ToLower(one.ZoneName) })
		default:
			zone = zoneOf(c.layers, hostOf(one.Pattern))
		}
		if zone == nil {
			return nil, fail(http.StatusNotFound, 10083, "workers.api.error.zone_not_found for %q", one.Pattern)
		}
		r, err := c.route(zone, one.Pattern, script)
		if err != nil {
			return nil, err
		}
		if had := c.routeWith(zone.ID, one.Pattern); had != nil {
			if had.Script != script && had.Script != "" {
				return nil, duplicateRoute()
			}
			r.ID = had.ID
		}
		keep[r.ID] = true
		edits = append(edits, put(r))
		items = append(items, routeObject(r))
	}
	for _, r := range all(c.layers, world.KindWorkerRoute, func(r *world.WorkerRoute) bool { return r.Script == script && !keep[r.ID] }) {
		edits = append(edits, remove(world.KindWorkerRoute, r.ID))
	}
	return items, c.edit(edits...)
}

func (c *call) zoneRoutes() (any, error) {
	z, err := c.zone()
	if err != nil {
		return nil, err
	}
	items := []object{}
	for _, r := range all(c.layers, world.KindWorkerRoute, func(r *world.WorkerRoute) bool { return r.ZoneID == z.ID }) {
		items = append(items, routeObject(r))
	}
	return paged(c.query, items, 1000, 1000), nil
}

type sentRoute struct {
	Pattern string `json:"pattern"`
	Script  string `json:"script"`
}

func (c *call) postZoneRoute() (any, error) {
	var in sentRoute
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	z, err := c.zone()
	if err != nil {
		return nil, err
	}
	r, err := c.route(z, in.Pattern, in.Script)
	if err != nil {
		return nil, err
	}
	if c.routeWith(z.ID, in.Pattern) != nil {
		return nil, duplicateRoute()
	}
	return routeObject(r), c.edit(put(r))
}

// zoneRoute is the one that the path names.
func (c *call) zoneRoute() (*dnsemu.Zone, *world.WorkerRoute, error) {
	z, err := c.zone()
	if err != nil {
		return nil, nil, err
	}
	r := get[world.WorkerRoute](c.layers, world.KindWorkerRoute, c.arg("route"))
	if r == nil || r.ZoneID != z.ID {
		return nil, nil, fail(http.StatusNotFound, 10009, "workers.api.error.route_not_found")
	}
	return z, r, nil
}

func (c *call) oneZoneRoute() (any, error) {
	_, r, err := c.zoneRoute()
	if err != nil {
		return nil, err
	}
	return routeObject(r), nil
}

func (c *call) putZoneRoute() (any, error) {
	var in sentRoute
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	z, had, err := c.zoneRoute()
	if err != nil {
		return nil, err
	}
	r, err := c.route(z, in.Pattern, in.Script)
	if err != nil {
		return nil, err
	}
	if other := c.routeWith(z.ID, in.Pattern); other != nil && other.ID != had.ID {
		return nil, duplicateRoute()
	}
	r.ID = had.ID
	return routeObject(r), c.edit(put(r))
}

func (c *call) deleteZoneRoute() (any, error) {
	_, r, err := c.zoneRoute()
	if err != nil {
		return nil, err
	}
	return object{"id": r.ID}, c.edit(remove(world.KindWorkerRoute, r.ID))
}
