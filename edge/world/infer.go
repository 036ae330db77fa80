package world

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/mark"
	"github.com/sundog-edge/sundog/internal/lazyregexp"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// ingressHost is one hostname of an ingress rule.
type ingressHost struct {
	name   string // canonical; may start with "*."
	tunnel *Document
	mark   Mark
	src    *source
}

// hosts are the hostnames of all ingress rules in their order, each once per
// tunnel. Rules for every host, and stars that DNS does not have, are left out.
func (d *draft) hosts() []ingressHost {
	var hs []ingressHost
	for _, doc := range d.tunnels {
		cfg := doc.Value.(*Tunnel).Config
		if cfg == nil {
			continue
		}
		src := d.fileOf(doc, cfg)
		seen := map[string]bool{}
		for _, rule := range cfg.Ingress {
			name := canonical(rule.Hostname)
			if name == "" || seen[name] || strings.Contains(strings.TrimPrefix(name, "*."), "*") {
				continue
			}
			seen[name] = true
			hs = append(hs, ingressHost{name, doc, mark.At(cfg.File, rule.Line, rule.Column), src})
		}
	}
	return hs
}

// fileOf is the text that a configuration was read from: cloudflared's file, or
// the one it stands in.
func (d *draft) fileOf(doc *Document, cfg *tunnelemu.Config) *source {
	for _, c := range d.configs {
		if c.cfg == cfg {
			return c.src
		}
	}
	return doc.src
}

// inferZones makes the zones that the ingress rules ask for, when nobody spoke
// of zones.
func (d *draft) inferZones() {
	if !d.noZones {
		return
	}
	for _, h := range d.hosts() {
		if d.zoneOf(h.name) == nil {
			d.inferZone(h)
		}
	}
}

// inferRecords makes the records that the ingress rules ask for, in zones that
// say nothing of records.
func (d *draft) inferRecords() {
	made := map[string]bool{}
	for _, h := range d.hosts() {
		z := d.zoneOf(h.name)
		if z == nil || !z.noRecords || made[h.name] {
			continue
		}
		made[h.name] = true
		t := h.tunnel.Value.(*Tunnel)
		z.records = append(z.records, &Document{
			Value:    &Record{Record: dnsemu.Record{Type: "CNAME", Name: h.name, Content: t.reference() + tunnelDomain, Proxied: true, TTL: 1}},
			Mark:     h.mark,
			Inferred: true,
			src:      h.src,
		})
	}
}

// plainID is a tunnel's id that can be a part of a name.
var plainID = lazyregexp.New(`^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$`)

// reference is the tunnel as a record's content names it.
func (t *Tunnel) reference() string {
	if plainID.MatchString(t.ID) {
		return t.ID
	}
	return t.UUID
}

func (d *draft) inferZone(h ingressHost) {
	name, err := publicsuffix.EffectiveTLDPlusOne(strings.TrimPrefix(h.name, "*."))
	if err != nil {
		d.probs.find(h.src, h.mark, "no zone can be made for the host "+quote(h.name)+", which is not below a registrable domain", "write the zone in sundog.yaml")
		return
	}
	d.zones = append(d.zones, &zoneDraft{
		doc:       &Document{Value: &dnsemu.Zone{Name: name}, Mark: h.mark, Inferred: true, src: h.src},
		noRecords: true,
	})
	d.index = nil
}

// inferTeam names the team, when nobody does, as the rules that check its tokens do, or after the
// first zone.
func (d *draft) inferTeam() {
	s := d.settings.Value.(*Settings)
	defer func() {
		if s.WorkersSubdomain == "" && label.MatchString(s.Team) {
			s.WorkersSubdomain = s.Team
		}
	}()
	if s.Team != "" {
		return
	}
	if s.Team = d.teamOfRules(); s.Team != "" {
		return
	}
	if s.Team = d.teamOfVars(); s.Team != "" {
		return
	}
	s.Team = "sundog"
	if len(d.zones) > 0 {
		first, _, _ := strings.Cut(d.zones[0].doc.Value.(*dnsemu.Zone).Name, ".")
		if label.MatchString(first) {
			s.Team = first
		}
	}
}

// teamOfRules is the team whose tokens the connectors check, when all of them agree.
func (d *draft) teamOfRules() string {
	team := ""
	for _, doc := range d.tunnels {
		cfg := doc.Value.(*Tunnel).Config
		if cfg == nil {
			continue
		}
		for _, rule := range cfg.Ingress {
			a := rule.OriginRequest.Access
			if a == nil || a.Environment != "" || !label.MatchString(a.TeamName) || a.TeamName == team {
				continue
			}
			if team != "" {
				return ""
			}
			team = a.TeamName
		}
	}
	return team
}

// zoneOf is the zone that a name lies in, the deepest when there are several.
func (d *draft) zoneOf(name string) *zoneDraft {
	if d.index == nil {
		d.index = map[string]*zoneDraft{}
		for _, z := range slices.Backward(d.zones) {
			d.index[z.doc.Value.(*dnsemu.Zone).Name] = z
		}
	}
	for {
		if z := d.index[name]; z != nil {
			return z
		}
		_, rest, more := strings.Cut(name, ".")
		if !more {
			return nil
		}
		name = rest
	}
}
