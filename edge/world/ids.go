package world

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/internal/derive"
)

// identify gives every document the id that its file does not, so that it is
// the same on every run, and reports those that two documents share.
func (d *draft) identify() {
	s := d.settings.Value.(*Settings)
	if s.AccountID == "" {
		s.AccountID = derive.Hex32("", "account", s.Team)
	}
	s.AccountID = strings.ToLower(s.AccountID)
	account := s.AccountID
	for _, z := range d.zones {
		v := z.doc.Value.(*dnsemu.Zone)
		if v.ID == "" && v.Name != "" {
			v.ID = derive.Hex32(account, "zone", v.Name)
		}
		for _, r := range z.records {
			r := r.Value.(*Record)
			r.ZoneID = v.ID
			if r.ID == "" {
				r.ID = derive.Hex32(account, "dns_record", v.Name+" "+r.Type+" "+r.Name+" "+contentKey(r))
			}
		}
	}
	for _, t := range d.tunnels {
		identifyTunnel(t.Value.(*Tunnel), account)
	}
	for _, p := range d.policies {
		p := p.Value.(*accessemu.Policy)
		if p.ID == "" && p.Name != "" {
			p.ID = derive.UUID(account, "access_policy", p.Name)
		}
	}
	for _, c := range d.code {
		identifyCode(c.Value, account)
	}
	for _, n := range d.parts {
		identifyNamed(n.Value, account)
	}
	d.nameWorkers()
	for _, a := range d.apps {
		identifyApp(a.Value.(*accessemu.Application), account)
	}
}

// identifyTunnel derives what is missing: the id from the name, and the UUID
// from an id that is none.
func identifyTunnel(t *Tunnel, account string) {
	if t.UUID != "" {
		return
	}
	if isUUID(t.ID) {
		t.UUID = strings.ToLower(t.ID)
	} else if key := t.ID + t.Name; key != "" {
		if t.ID != "" {
			key = t.ID
		}
		t.UUID = derive.UUID(account, "tunnel", key)
	}
	if t.ID == "" {
		t.ID = t.UUID
	}
}

// identifyApp derives the application's ids from the first host it protects,
// which is what it has when it has no name, and those of its own policies from
// their names or places.
func identifyApp(a *accessemu.Application, account string) {
	if a.ID == "" {
		key := firstURI(a)
		if key == "" {
			key = a.Name
		}
		if key == "" {
			return
		}
		a.ID = derive.UUID(account, "access_app", key)
	}
	if a.AUD == "" {
		a.AUD = derive.Hex64(account, "access_app_aud", a.ID)
	}
	names := map[string]bool{}
	for i := range a.Policies {
		p := &a.Policies[i]
		if p.Ref != "" || p.ID != "" {
			continue
		}
		key := p.Name
		if key == "" || names[key] {
			key += " " + strconv.Itoa(i)
		}
		names[p.Name] = true
		p.ID = derive.UUID(account, "access_policy", a.ID+" "+key)
	}
}

func firstURI(a *accessemu.Application) string {
	if a.Domain != "" {
		return a.Domain
	}
	for _, dest := range a.Destinations {
		if dest.URI != "" {
			return dest.URI
		}
		if dest.Type != "" && dest.Type != "public" { // Workers: one, or all
			return strings.TrimSpace(dest.Type + " " + dest.WorkerID)
		}
	}
	if len(a.SelfHostedDomains) > 0 && a.Destinations == nil {
		return a.SelfHostedDomains[0]
	}
	return ""
}

// contentKey is a record's content, the same for contents that mean the same.
func contentKey(r *Record) string {
	if r.Type == "CNAME" {
		return canonical(r.Content)
	}
	key := r.Content
	if r.Priority != nil {
		key = strconv.Itoa(int(*r.Priority)) + " " + key
	}
	if r.Data != nil {
		if data, err := json.Marshal(r.Data); err == nil { // it sorts the keys
			key += " " + string(data)
		}
	}
	return key
}

// unique reports what must be different and is not, naming both places.
func (d *draft) unique() {
	ids := map[Key]*Document{}
	once := func(doc *Document, field string) {
		k := keyOf(doc.Value)
		if first := ids[k]; first != nil {
			d.twice(doc, first, field)
		} else if k.ID != "" {
			ids[k] = doc
		}
	}
	type named struct {
		kind Kind
		name string
	}
	names := map[named]*Document{}
	onceNamed := func(doc *Document, name, field string) {
		k := named{keyOf(doc.Value).Kind, name}
		if first := names[k]; first != nil && keyOf(first.Value) != keyOf(doc.Value) {
			d.twice(doc, first, field)
		} else if name != "" {
			names[k] = doc
		}
	}
	for _, z := range d.zones {
		once(z.doc, "name")
		onceNamed(z.doc, z.doc.Value.(*dnsemu.Zone).Name, "name")
		kept := z.records[:0]
		for _, r := range z.records {
			v := r.Value.(*Record)
			first := ids[keyOf(v)]
			if first != nil && sameRecord(v, first.Value.(*Record)) {
				d.find(r, "name", "the "+v.Type+" record "+quote(v.Name)+" is written twice", "remove it here or at "+first.Mark.String())
				continue
			}
			once(r, "id")
			kept = append(kept, r)
		}
		z.records = kept
	}
	for _, t := range d.tunnels {
		once(t, "id")
		onceNamed(t, t.Value.(*Tunnel).Name, "name")
	}
	for _, p := range d.policies {
		once(p, "name")
		onceNamed(p, p.Value.(*accessemu.Policy).Name, "name")
	}
	for _, n := range d.parts {
		once(n, "name")
		onceNamed(n, nameOf(n.Value), "name")
	}
	auds := map[string]*Document{}
	for _, a := range d.apps {
		v := a.Value.(*accessemu.Application)
		field := "id"
		if a.node == nil || child(a.node, "id", maxMerges) == nil {
			field = "domain"
		}
		once(a, field)
		if first := auds[v.AUD]; first != nil && first.Value.(*accessemu.Application).ID != v.ID {
			d.twice(a, first, "aud")
		} else if v.AUD != "" {
			auds[v.AUD] = a
		}
	}
	for _, p := range d.people {
		once(p, "email")
	}
	d.uniqueCode(once)
	for _, list := range [][]*Document{d.clients, d.origins, d.egress, d.quirks} {
		for _, doc := range list {
			once(doc, "")
		}
	}
}

func (d *draft) twice(doc, first *Document, field string) {
	at := first.At(field).String()
	if at == "" {
		at = "another document"
	}
	d.report(doc, field, "the same "+shared(doc, field)+" as at "+at, "one of its own", "")
}

func shared(doc *Document, field string) string {
	if field == "" {
		return string(keyOf(doc.Value).Kind)
	}
	return field
}

func sameRecord(a, b *Record) bool {
	return a.ZoneID == b.ZoneID && a.Type == b.Type && a.Name == b.Name && contentKey(a) == contentKey(b)
}
