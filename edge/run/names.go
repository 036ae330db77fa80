package run

import (
	"cmp"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/derive"
)

// worldNames are the names that a client must bring to the proxy: the zones and all
// below them, and the hosts that every world has. "*.example.com" is everything
// below a name.
func worldNames(w *world.World) []string {
	names := append([]string{"api.cloudflare.com"}, edge.ResolverHosts()...)
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

// tunnelConfig is the config.yml of the world's tunnels or of their connectors, absolute, when there is one and no
// second: cloudflared knows one alone.
func tunnelConfig(w *world.World) (file string) {
	for doc := range w.All(world.KindTunnel) {
		t, ok := doc.Value.(*world.Tunnel)
		if !ok {
			continue
		}
		path := t.ConnectorFile
		if t.ConfigFile != "" && t.Config != nil {
			path = t.Config.File
		}
		if path == "" {
			continue
		}
		abs, err := filepath.Abs(path)
		if err != nil || file != "" && file != abs {
			return ""
		}
		file = abs
	}
	return file
}

// zoneID is the id of the first zone, which an account certificate must name. A world
// without zones has a certificate too: without one cloudflared would look for the real
// one, where the user keeps it.
func zoneID(w *world.World) string {
	for doc := range w.All(world.KindZone) {
		if z, ok := doc.Value.(*dnsemu.Zone); ok {
			return z.ID
		}
	}
	return derive.Hex32(w.Settings().AccountID, "zone", "")
}

// Somebody is an e-mail address that a policy lets in by name, for examples: into the
// application called app, if there is one, else into any. Empty: there is none.
func Somebody(w *world.World, app string) string {
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
	into, anywhere := "", ""
	for doc := range w.All(world.KindApp) {
		a, ok := doc.Value.(*accessemu.Application)
		if !ok {
			continue
		}
		for i := range a.Policies {
			e := email(&a.Policies[i].Policy)
			if anywhere == "" {
				anywhere = e
			}
			if into == "" && a.Name == app {
				into = e
			}
		}
	}
	if e := cmp.Or(into, anywhere); e != "" {
		return e
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
