package world

import (
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/internal/nearest"
)

// hosting is where a Worker or a Pages project is to be served: a Custom Domain, or a Route.
type hosting struct {
	doc      *Document // of the Worker or the project
	field    string    // of doc
	mark     Mark      // in the wrangler file; zero: the field says where
	service  string
	pages    bool
	pattern  string
	domain   bool
	disabled bool
	previews bool

	zoneID, zoneName string // as written
}

func (h *hosting) place() (Mark, *source) {
	if h.mark.IsZero() {
		return h.doc.At(h.field), h.doc.src
	}
	return h.mark, nil
}

func (d *draft) failHosting(h *hosting, found, allowed, hint string) {
	m, src := h.place()
	field := h.field
	if h.mark.IsZero() {
		field = h.doc.label(h.field)
	} else {
		src = d.texts[m.File]
	}
	d.probs.add(src, Error{Mark: m, Field: field, Found: found, Allowed: allowed, Hint: hint})
}

func (d *draft) findHosting(h *hosting, text, mend string) {
	m, src := h.place()
	if src == nil {
		src = d.texts[m.File]
	}
	d.probs.find(src, m, text, mend)
}

// split takes a pattern apart: the scheme with "://", the host with its wildcard, the path.
func split(pattern string) (scheme, host, rest string) {
	if i := strings.Index(pattern, "://"); i >= 0 {
		scheme, pattern = pattern[:i+3], pattern[i+3:]
	}
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return scheme, pattern[:i], pattern[i:]
	}
	return scheme, pattern, ""
}

// bare is a pattern's host without its wildcard.
func bare(host string) string {
	return canonical(strings.TrimPrefix(strings.TrimPrefix(host, "*"), "."))
}

// inferHostedZones makes the zones that Custom Domains and Routes ask for, when nobody spoke of zones.
func (d *draft) inferHostedZones() {
	if !d.noZones {
		return
	}
	for i := range d.hostings {
		h := &d.hostings[i]
		_, host, _ := split(h.pattern)
		name := bare(host)
		if h.zoneName != "" {
			name = canonical(h.zoneName)
		}
		if name == "" || d.zoneOf(name) != nil {
			continue
		}
		m, src := h.place()
		before := len(d.zones)
		d.inferZone(ingressHost{name: name, mark: m, src: src})
		if len(d.zones) > before && hex32.MatchString(h.zoneID) {
			d.zones[before].doc.Value.(*dnsemu.Zone).ID = strings.ToLower(h.zoneID)
		}
	}
}

// placeHostings makes the Custom Domains and the Routes, and the records that Custom Domains bring.
func (d *draft) placeHostings() {
	for _, doc := range d.code {
		if v, ok := doc.Value.(*WorkerDomain); ok && v.ZoneID == "" {
			v.Hostname = canonical(v.Hostname)
			if z := d.zoneOf(v.Hostname); z != nil {
				v.ZoneID = z.doc.Value.(*dnsemu.Zone).ID
				h := hosting{doc: doc, service: v.Service, pages: v.Pages, pattern: v.Hostname, domain: true}
				d.domainRecord(z, v.Hostname, &h)
			}
		}
		if v, ok := doc.Value.(*WorkerRoute); ok && v.ZoneID == "" {
			if _, host, _ := split(v.Pattern); d.zoneOf(bare(host)) != nil {
				v.ZoneID = d.zoneOf(bare(host)).doc.Value.(*dnsemu.Zone).ID
			}
		}
	}
	// Domains come first: their records serve routes, too.
	taken := map[string]*hosting{}
	for _, domains := range []bool{true, false} {
		for i := range d.hostings {
			if h := &d.hostings[i]; h.domain == domains {
				d.placeHosting(h, taken)
			}
		}
	}
}

func (d *draft) placeHosting(h *hosting, taken map[string]*hosting) {
	scheme, host, rest := split(h.pattern)
	wildcard := ""
	if strings.HasPrefix(host, "*") {
		wildcard = "*"
		if strings.HasPrefix(host, "*.") {
			wildcard = "*."
		}
	}
	name := bare(host)
	if h.mark.IsZero() {
		// What a wrangler file says was checked when it was read.
		switch {
		case h.domain && (h.pattern != host || wildcard != "" || !hostname.MatchString(name)):
			d.failHosting(h, "the text "+quote(h.pattern), "a hostname, as api.example.com", "")
			return
		case !h.domain && (!hostname.MatchString(name) && name != "" || strings.Contains(strings.TrimSuffix(rest, "*"), "*") || strings.ContainsAny(rest, "?#")):
			d.failHosting(h, "the pattern "+quote(h.pattern), "a pattern, as example.com/api/*", "* may only stand at the start of the host and at the end of the path")
			return
		}
	}
	z := d.hostedZone(h, name)
	if z == nil {
		return
	}
	zone := z.doc.Value.(*dnsemu.Zone)
	pattern := scheme + wildcard + name + rest
	key := pattern + " " + zone.ID
	if first := taken[key]; first != nil {
		if first.service != h.service || first.pages != h.pages {
			at, _ := first.place()
			d.failHosting(h, quote(pattern)+", which "+quote(first.service)+" has too, at "+at.String(), "a "+h.kind()+" of its own", "")
		}
		return
	}
	taken[key] = h
	m, src := h.place()
	doc := &Document{Mark: m, src: src}
	if h.domain {
		doc.Value = &WorkerDomain{Hostname: name, ZoneID: zone.ID, Service: h.service, Pages: h.pages, Disabled: h.disabled, Previews: h.previews}
		d.domainRecord(z, name, h)
	} else {
		doc.Value = &WorkerRoute{ZoneID: zone.ID, Pattern: pattern, Script: h.service}
		d.routeRecord(z, wildcard, name, h)
	}
	d.code = append(d.code, doc)
}

func (h *hosting) kind() string {
	if h.domain {
		return "Custom Domain"
	}
	return "route"
}

// hostedZone is the zone of a Custom Domain or a Route; nil: there is none, which is reported.
func (d *draft) hostedZone(h *hosting, name string) *zoneDraft {
	var names []string
	for _, z := range d.zones {
		names = append(names, z.doc.Value.(*dnsemu.Zone).Name)
	}
	if h.zoneName != "" {
		want := canonical(h.zoneName)
		z := d.zoneOf(want)
		if z == nil || z.doc.Value.(*dnsemu.Zone).Name != want {
			d.failHosting(h, "the zone "+quote(h.zoneName)+", which is not in this world", oneOfZones(names), didYouMean(want, names))
			return nil
		}
		if name != "" && !inside(name, want) {
			d.failHosting(h, "the host "+quote(name)+", which does not lie in the zone "+quote(want), "a name in it", "")
			return nil
		}
		return z
	}
	z := d.zoneOf(name)
	if h.zoneID != "" {
		for _, other := range d.zones {
			if strings.EqualFold(other.doc.Value.(*dnsemu.Zone).ID, h.zoneID) {
				return other
			}
		}
		if z != nil {
			v := z.doc.Value.(*dnsemu.Zone)
			d.findHosting(h, "zone_id is "+quote(h.zoneID)+", and the zone "+v.Name+" has the id "+quote(v.ID)+" here", "write id: "+h.zoneID+" to the zone, or zone_name")
		}
	}
	if z == nil {
		hint := "add the zone"
		if near := nearest.Word(name, names); near != "" {
			hint = `did you mean "` + near + `"?`
		} else if len(names) > 0 {
			// The slip may be in the zone's part of the name.
			for rest := name; hint == "add the zone"; {
				_, after, more := strings.Cut(rest, ".")
				if !more {
					break
				}
				if near := nearest.Word(after, names); near != "" {
					hint = `did you mean "` + strings.TrimSuffix(name, after) + near + `"?`
				}
				rest = after
			}
		}
		d.failHosting(h, "the host "+quote(name)+", which lies in no zone", oneOfZones(names), hint)
	}
	return z
}

func oneOfZones(names []string) string {
	if len(names) == 0 {
		return "a name in a zone of this world, which has none"
	}
	if len(names) > 8 {
		names = append(slices.Clone(names[:8]), "…")
	}
	return "a name in " + strings.Join(names, ", ")
}

// at are the records of a name.
func (z *zoneDraft) at(name string) []*Document {
	if z.names == nil || z.named != len(z.records) {
		z.names, z.named = map[string][]*Document{}, len(z.records)
		for _, r := range z.records {
			name := r.Value.(*Record).Name
			z.names[name] = append(z.names[name], r)
		}
	}
	return z.names[name]
}

// placeholder is the proxied record without an origin that the platform makes.
func (z *zoneDraft) placeholder(name string, m Mark, src *source) {
	doc := &Document{
		Value: &Record{ZoneID: z.doc.Value.(*dnsemu.Zone).ID, Record: dnsemu.Record{Type: "AAAA", Name: name, Content: "100::", Proxied: true, TTL: 1}},
		Mark:  m, Inferred: true, src: src,
	}
	z.records = append(z.records, doc)
	if z.names != nil {
		z.names[name] = append(z.names[name], doc)
		z.named++
	}
}

// domainRecord makes the record of a Custom Domain, where nothing is in its way.
func (d *draft) domainRecord(z *zoneDraft, name string, h *hosting) {
	addressed := false
	for _, doc := range z.at(name) {
		switch r := doc.Value.(*Record); r.Type {
		case "CNAME":
			hint := "remove the record: a Custom Domain brings its own"
			if doc.Inferred {
				hint = "an ingress rule is for the host, too; a Route in place of the Custom Domain would leave it its origin"
			}
			d.failHosting(h, "the Custom Domain "+quote(name)+", which has a CNAME record at "+doc.Mark.String(), "a name without one", hint)
			return
		case "A", "AAAA":
			addressed = true
			if !r.Proxied {
				d.findHosting(h, "the record of the Custom Domain "+quote(name)+" at "+doc.Mark.String()+" is not proxied, so no request reaches the Worker there", "add proxied: true to it, or remove it")
			}
		}
	}
	if !addressed {
		m, src := h.place()
		z.placeholder(name, m, src)
	}
}

// routeRecord looks for the proxied record that a Route needs. In a zone that says nothing of records
// it is made.
func (d *draft) routeRecord(z *zoneDraft, wildcard, name string, h *hosting) {
	host := wildcard + name
	if wildcard != "" {
		suffix := name
		if wildcard == "*." {
			suffix = "." + name
		}
		for _, doc := range z.records {
			if r := doc.Value.(*Record); r.Proxied && strings.HasSuffix(r.Name, suffix) {
				return
			}
		}
		host = "*." + name
	} else {
		for at := name; ; {
			records := z.at(at)
			if at != name {
				records = z.at("*." + at)
			}
			for _, doc := range records {
				if doc.Value.(*Record).Proxied {
					return
				}
			}
			if len(records) > 0 {
				d.findHosting(h, "the record of "+quote(name)+" at "+records[0].Mark.String()+" is not proxied, so no request reaches the route "+quote(h.pattern), "add proxied: true")
				return
			}
			_, rest, more := strings.Cut(at, ".")
			if !more || !inside(rest, z.doc.Value.(*dnsemu.Zone).Name) {
				break
			}
			at = rest
		}
	}
	m, src := h.place()
	if z.noRecords {
		if wildcard == "*" {
			z.placeholder(name, m, src)
		}
		z.placeholder(host, m, src)
		return
	}
	d.findHosting(h, "no proxied record is for "+quote(host)+", so no request reaches the route "+quote(h.pattern), `add {type: AAAA, name: "`+host+`", content: "100::", proxied: true} to the zone, or a Custom Domain`)
}
