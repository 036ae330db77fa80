package world

import (
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
)

// reviewConnectorAccess looks at rules whose connector checks Access tokens itself:
// whether the edge ever sends one that passes.
func (d *draft) reviewConnectorAccess() {
	team := d.settings.Value.(*Settings).Team
	for _, doc := range d.tunnels {
		cfg := doc.Value.(*Tunnel).Config
		if cfg == nil {
			continue
		}
		src := d.fileOf(doc, cfg)
		for _, rule := range cfg.Ingress {
			a := rule.OriginRequest.Access
			host := canonical(rule.Hostname)
			if a == nil || !a.Required || len(a.AudTag) == 0 || host == "" || strings.Contains(host, "*") {
				continue
			}
			at := Mark{cfg.File, rule.Line, rule.Column} // several rules may share one block
			if a.TeamName != team && a.Environment == "" {
				d.probs.find(src, at, "teamName says "+quote(a.TeamName)+", and the team of this world is "+quote(team)+", so no token passes", "make them agree")
				continue
			}
			d.reviewAudience(src, at, host, a.AudTag)
		}
	}
}

// reviewAudience looks for an application that guards the host and has one of the
// audiences. Applications with wildcards may guard any host.
func (d *draft) reviewAudience(src *source, at Mark, host string, audiences []string) {
	var guards []*accessemu.Application
	for _, doc := range d.apps {
		app := doc.Value.(*accessemu.Application)
		for _, p := range places(app) {
			if strings.Contains(p.host, "*") {
				return
			}
			if p.host == host {
				guards = append(guards, app)
				break
			}
		}
	}
	if len(guards) == 0 {
		d.probs.find(src, at, "no Access application guards "+quote(host)+", so no request has the token that the connector wants", "add an application for the host, or take the access block out")
		return
	}
	for _, app := range guards {
		if slices.Contains(audiences, app.AUD) {
			return
		}
	}
	d.probs.find(src, at, "audTag has no audience of the application that guards "+quote(host)+", so the connector refuses every request", "add "+guards[0].AUD)
}
