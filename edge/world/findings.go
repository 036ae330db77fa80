package world

import (
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/internal/nearest"
)

// review looks for what is legal but probably wrong.
func (d *draft) review() {
	tunnels := d.tunnelIndex()
	records := map[string][]*Document{} // by name, those of all types
	for _, z := range d.zones {
		for _, r := range z.records {
			name := r.Value.(*Record).Name
			records[name] = append(records[name], r)
		}
	}
	for _, z := range d.zones {
		for _, r := range z.records {
			d.reviewRecord(r, tunnels)
		}
	}
	for _, h := range d.hosts() {
		d.reviewHost(h, records, tunnels)
	}
	for _, a := range d.apps {
		d.reviewApp(a)
	}
	d.reviewServiceTokens()
	d.reviewConnectorAccess()
	d.reviewIDs()
	d.reviewWorkers()
	d.reviewCompose()
}

// tunnelIndex finds tunnels by what a record's content may call them.
func (d *draft) tunnelIndex() map[string]*Document {
	index := map[string]*Document{}
	for _, doc := range d.tunnels {
		t := doc.Value.(*Tunnel)
		index[strings.ToLower(t.UUID)] = doc
		index[strings.ToLower(t.ID)] = doc
	}
	return index
}

func (d *draft) reviewRecord(doc *Document, tunnels map[string]*Document) {
	r := doc.Value.(*Record)
	ref, ok := tunnelOf(r)
	if !ok {
		return
	}
	if !r.Proxied {
		d.find(doc, "proxied", "the record "+quote(r.Name)+" leads to a tunnel but is not proxied, so nobody can reach it", "add proxied: true")
	}
	t := tunnels[ref]
	if t == nil {
		mend := "add the tunnel with the id " + ref
		if near := nearest.Word(ref, sortedKeys(tunnels)); near != "" {
			mend = `did you mean "` + near + tunnelDomain + `"?`
		} else if len(d.tunnels) == 1 {
			mend += ", or write " + d.tunnels[0].Value.(*Tunnel).ID + tunnelDomain
		}
		d.find(doc, "content", "the record "+quote(r.Name)+" leads to the tunnel "+quote(ref)+", which is not in this world", mend)
		return
	}
	if cfg := t.Value.(*Tunnel).Config; cfg != nil && len(cfg.Ingress) > 0 && r.Proxied {
		last := cfg.Ingress[len(cfg.Ingress)-1]
		if strings.HasPrefix(last.Service, "http_status:") && !d.answered(r.Name, t) {
			d.find(doc, "name", "no ingress rule of the tunnel "+t.name()+" is for "+quote(r.Name)+", so its catch-all answers "+last.Service, "add a rule with hostname: "+r.Name)
		}
	}
}

// answered tells whether a rule other than the catch-all is for a host.
func (d *draft) answered(host string, tunnel *Document) bool {
	index := d.rules[tunnel]
	if index == nil {
		index = &ruleIndex{names: map[string]bool{}}
		rules := tunnel.Value.(*Tunnel).Config.Ingress
		for _, rule := range rules[:len(rules)-1] {
			name := canonical(rule.Hostname)
			index.all = index.all || name == "" || name == "*"
			index.names[name] = true
		}
		if d.rules == nil {
			d.rules = map[*Document]*ruleIndex{}
		}
		d.rules[tunnel] = index
	}
	return index.has(host)
}

// ruleIndex answers which hosts the rules of a tunnel name.
type ruleIndex struct {
	names map[string]bool
	all   bool // a rule with a path is for every host
}

// has tells whether a rule is for a host; of a wildcard, for one below it.
func (x *ruleIndex) has(host string) bool {
	if x.all || x.names[host] {
		return true
	}
	if tail, ok := strings.CutPrefix(host, "*"); ok {
		for name := range x.names {
			if strings.HasSuffix(name, tail) {
				return true
			}
		}
	}
	for rest := host; ; {
		_, after, more := strings.Cut(rest, ".")
		if !more {
			return false
		}
		if x.names["*."+after] {
			return true
		}
		rest = after
	}
}

// reviewHost looks for the record that brings a rule its requests.
func (d *draft) reviewHost(h ingressHost, records map[string][]*Document, tunnels map[string]*Document) {
	z := d.zoneOf(h.name)
	if z == nil {
		if !d.noZones {
			d.probs.find(h.src, h.mark, "the host "+quote(h.name)+" lies in no zone, so no request reaches this rule", "add its zone and a proxied CNAME record to "+h.content())
		}
		return
	}
	if strings.HasPrefix(h.name, "*.") && leadsBelow(h, z) {
		return
	}
	rs := records[h.name]
	for name := h.name; len(rs) == 0; {
		_, rest, more := strings.Cut(name, ".")
		if !more {
			break
		}
		rs, name = records["*."+rest], rest
	}
	if len(rs) == 0 {
		d.probs.find(h.src, h.mark, "no record leads "+quote(h.name)+" here, so no request reaches this rule", "add a proxied CNAME record to "+h.content())
		return
	}
	for _, r := range rs {
		if ref, ok := tunnelOf(r.Value.(*Record)); ok && (tunnels[ref] == nil || tunnels[ref] == h.tunnel) {
			return // the record itself is reviewed elsewhere
		}
	}
	d.probs.find(h.src, h.mark, "the record of "+quote(h.name)+" leads elsewhere, so no request reaches this rule", "it is at "+rs[0].Mark.String()+"; make it a proxied CNAME record to "+h.content())
}

func (h ingressHost) content() string { return h.tunnel.Value.(*Tunnel).ID + tunnelDomain }

// leadsBelow tells whether some record below a wildcard rule leads to a tunnel.
func leadsBelow(h ingressHost, z *zoneDraft) bool {
	for _, r := range z.records {
		v := r.Value.(*Record)
		if _, ok := tunnelOf(v); ok && strings.HasSuffix(v.Name, h.name[1:]) {
			return true
		}
	}
	return false
}

// reviewApp looks for hosts that no request can have.
func (d *draft) reviewApp(doc *Document) {
	for _, p := range places(doc.Value.(*accessemu.Application)) {
		host := p.host
		for strings.Contains(host, "*") {
			_, rest, more := strings.Cut(host, ".")
			if !more {
				return
			}
			host = rest
		}
		if d.zoneOf(host) == nil && !inside(host, "workers.dev") && !inside(host, "pages.dev") {
			d.find(doc, p.field, "the application's host "+quote(p.host)+" lies in no zone of this world", "add the zone, or write a host of one")
		}
	}
}

// checkReferences looks up the policies that applications name.
func (d *draft) checkReferences() {
	known := map[string]bool{}
	var names []string
	for _, doc := range d.policies {
		p := doc.Value.(*accessemu.Policy)
		known[p.ID], known[p.Name] = true, true
		if p.Name != "" {
			names = append(names, p.Name)
		}
	}
	for _, doc := range d.apps {
		for i, p := range doc.Value.(*accessemu.Application).Policies {
			if p.Ref == "" || known[p.Ref] {
				continue
			}
			field := (&path{name: "policies"}).item(i).String()
			allowed := "the name or id of one of access.policies"
			if len(names) > 0 {
				allowed = oneOf(names)
			}
			d.report(doc, field, "the policy "+quote(p.Ref)+", which does not exist", allowed, didYouMean(p.Ref, names))
		}
	}
}
