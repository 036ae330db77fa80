package run

import (
	"net/url"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
)

// worldNames are the names that a client must bring to the proxy: the zones and all
// below them, and the hosts that every world has. "*.example.com" is everything
// below a name.
func worldNames(w *world.World) []string {
	names := []string{"api.cloudflare.com"}
	if team := w.Settings().Team; team != "" {
		names = append(names, team+".cloudflareaccess.com")
	}
	for doc := range w.All(world.KindZone) {
		if z, ok := doc.Value.(*dnsemu.Zone); ok {
			names = append(names, z.Name, "*."+z.Name)
		}
	}
	return names
}

// originHosts are the literal hosts of ingress origins, each once: a program
// may reach them directly, as the tunnel does.
func originHosts(w *world.World) []string {
	var hosts []string
	for doc := range w.All(world.KindTunnel) {
		t, ok := doc.Value.(*world.Tunnel)
		if !ok || t.Config == nil {
			continue
		}
		for _, rule := range t.Config.Ingress {
			u, err := url.Parse(rule.Service)
			if err != nil || u.Hostname() == "" || strings.HasPrefix(u.Scheme, "unix") {
				continue
			}
			if h := strings.ToLower(u.Hostname()); !slices.Contains(hosts, h) {
				hosts = append(hosts, h)
			}
		}
	}
	return hosts
}

// zoneID is the id of the first zone, which an account certificate must name.
func zoneID(w *world.World) string {
	for doc := range w.All(world.KindZone) {
		if z, ok := doc.Value.(*dnsemu.Zone); ok {
			return z.ID
		}
	}
	return ""
}

// Somebody is an e-mail address that a policy of the world lets in by name, for
// examples; empty when there is none.
func Somebody(w *world.World) string {
	email := func(p *accessemu.Policy) string {
		if p.Decision != "allow" {
			return ""
		}
		for _, r := range p.Include {
			if e, ok := r.Value.(accessemu.EmailRule); ok && e.Email != "" {
				return e.Email
			}
		}
		return ""
	}
	for doc := range w.All(world.KindApp) {
		app, ok := doc.Value.(*accessemu.Application)
		if !ok {
			continue
		}
		for i := range app.Policies {
			if e := email(&app.Policies[i].Policy); e != "" {
				return e
			}
		}
	}
	for doc := range w.All(world.KindPolicy) {
		if p, ok := doc.Value.(*accessemu.Policy); ok {
			if e := email(p); e != "" {
				return e
			}
		}
	}
	return ""
}
