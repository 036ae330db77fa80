package world

import (
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/mark"
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
		for i, rule := range cfg.Ingress {
			a := rule.OriginRequest.Access
			host := canonical(rule.Hostname)
			if a == nil || !a.Required || len(a.AudTag) == 0 || host == "" || strings.Contains(host, "*") {
				continue
			}
			at := func(key string) Mark {
				return doc.ruleAt(src, (&path{name: "ingress"}).item(i).key("originRequest").key("access").key(key).String())
			}
			if a.TeamName != team && a.Environment == "" {
				d.probs.find(src, at("teamName"), "teamName says "+quote(a.TeamName)+", and the team of this world is "+quote(team)+d.teamPlace()+", so no token passes", "make them agree")
				continue
			}
			d.reviewAudience(src, mark.At(cfg.File, rule.Line, rule.Column), at("audTag"), host, a.AudTag)
		}
	}
}

// ruleAt is where a field of a tunnel's configuration stands, in its file or in sundog.yaml.
func (d *Document) ruleAt(src *source, field string) Mark {
	t := d.Value.(*Tunnel)
	if t.ConfigFile == "" {
		return d.At("config." + field)
	}
	return ruleMark(src, t.Config.At(field))
}

// teamPlace says where the world's team comes from.
func (d *draft) teamPlace() string {
	if d.settings.node != nil && child(d.settings.node, "team", maxMerges) != nil {
		return " at " + d.settings.At("team").String()
	}
	if d.organization != nil && d.organization.node != nil {
		return ", as auth_domain says at " + d.organization.At("auth_domain").String()
	}
	for _, z := range d.zones {
		if m := z.doc.Mark.String(); m != "" {
			return ", after the zone at " + m + ", since nothing names it"
		}
	}
	return ", since nothing names it"
}

// reviewAudience looks for an application that guards the host and has one of the
// audiences. Applications with wildcards may guard any host.
func (d *draft) reviewAudience(src *source, rule, at Mark, host string, audiences []string) {
	var guards []*Document
	for _, doc := range d.apps {
		app := doc.Value.(*accessemu.Application)
		for _, p := range places(app) {
			if strings.Contains(p.host, "*") {
				return
			}
			if p.host == host {
				guards = append(guards, doc)
				break
			}
		}
	}
	if len(guards) == 0 {
		d.probs.find(src, rule, "no Access application guards "+quote(host)+", so no request has the token that the connector wants", "add an application for the host, or take the access block out")
		return
	}
	for _, doc := range guards {
		if slices.Contains(audiences, doc.Value.(*accessemu.Application).AUD) {
			return
		}
	}
	app := guards[0].Value.(*accessemu.Application)
	d.probs.find(src, at, "audTag has no audience of "+guards[0].Title()+" at "+guards[0].At("aud").String()+", which guards "+quote(host)+", so the connector refuses every request",
		"add "+app.AUD+" to audTag, or aud: "+audiences[0]+" to the application")
}
