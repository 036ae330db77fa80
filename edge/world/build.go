package world

import (
	"slices"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/worker/version"
)

// world turns the draft into a world, or returns all that is wrong with it and
// a world without documents.
func (d *draft) world() (*World, error) {
	d.normalise()
	d.pair()
	d.takeProjects()
	d.inferZones()
	d.inferHostedZones()
	d.inferTeam()
	d.identify()
	d.inferRecords()
	d.placeHostings()
	d.identify()
	d.checkVPC()
	d.unique()
	d.checkReferences()
	if len(d.probs.errs) == 0 {
		d.review()
	} else {
		d.compile()
	}
	w := &World{findings: d.probs.sortedFindings(), files: d.files, looked: d.looked, blank: d.blank, unended: d.unended, dir: d.dir}
	if err := d.probs.err(); err != nil {
		return w, err
	}
	txn := iradix.New[*Document]().Txn()
	put := func(doc *Document) {
		doc.Key = keyOf(doc.Value)
		txn.Insert(doc.Key.path(), doc)
	}
	put(d.settings)
	for _, z := range d.zones {
		put(z.doc)
		for _, r := range z.records {
			put(r)
		}
	}
	if d.organization != nil {
		put(d.organization)
	}
	for _, list := range [][]*Document{d.tunnels, d.parts, d.policies, d.apps, d.people, d.clients, d.origins, d.egress, d.quirks, d.code, d.accepted} {
		for _, doc := range list {
			put(doc)
		}
	}
	w.docs = txn.Commit()
	return w, nil
}

// New makes a world of documents, given as values or pointers of the types that
// [Document.Value] can have, a dnsemu.Record as well. Ids may be left out: they
// are derived as for a file. A record without ZoneID goes into the zone its name
// lies in. What is missing altogether is inferred as for a file: zones and
// records from the tunnels' ingress rules.
func New(docs ...any) (*World, error) {
	d := newDraft("")
	var records []*Document
	for i, doc := range docs {
		v, err := pointer(doc)
		if err != nil {
			d.probs.add(nil, Error{Field: (&path{name: "documents"}).item(i).String(), Found: err.Error()})
			continue
		}
		if r := d.place(v); r != nil {
			records = append(records, r)
		}
	}
	d.placeRecords(records)
	return d.world()
}

// Of is New for documents known to be right, for tests; it panics on errors.
func Of(docs ...any) *World {
	w, err := New(docs...)
	if err != nil {
		panic("world: " + err.Error())
	}
	return w
}

// place copies a document into the draft: it is the caller's, and is going to
// be completed. A record is returned, to be placed when all zones are there.
func (d *draft) place(value any) *Document {
	switch v := value.(type) {
	case *Settings:
		c := *v
		d.settings = &Document{Value: &c}
	case *dnsemu.Zone:
		c := *v
		d.zones = append(d.zones, &zoneDraft{doc: &Document{Value: &c}, noRecords: true})
		d.noZones = false
	case *Record:
		c := *v
		return &Document{Value: &c}
	case *Tunnel:
		c := *v
		d.tunnels = append(d.tunnels, &Document{Value: &c})
		d.noTunnels = false
	case *accessemu.Organization:
		c := *v
		d.organization = &Document{Value: &c}
	case *accessemu.Application:
		c := *v
		c.Policies, c.Destinations = slices.Clone(v.Policies), slices.Clone(v.Destinations)
		d.apps = append(d.apps, &Document{Value: &c})
	case *accessemu.Policy:
		c := *v
		d.policies = append(d.policies, &Document{Value: &c})
	case *accessemu.Person:
		c := *v
		d.people = append(d.people, &Document{Value: &c})
	case *accessemu.Group, *accessemu.List, *accessemu.ServiceToken, *accessemu.CustomPage, *accessemu.IdentityProvider:
		d.parts = append(d.parts, &Document{Value: copied(v)})
	case *Client:
		c := *v
		d.clients = append(d.clients, &Document{Value: &c})
	case *Origin:
		c := *v
		d.origins = append(d.origins, &Document{Value: &c})
	case *Egress:
		c := *v
		d.egress = append(d.egress, &Document{Value: &c})
	case *Quirk:
		c := *v
		d.quirks = append(d.quirks, &Document{Value: &c})
	case *VPCService, *version.Version, *Worker, *PagesProject, *WorkerDomain, *WorkerRoute:
		d.code = append(d.code, &Document{Value: copyCode(v)})
	case *Accepted:
		c := *v
		d.accepted = append(d.accepted, &Document{Value: &c})
	}
	return nil
}

func (d *draft) placeRecords(records []*Document) {
	byID := map[string]*zoneDraft{}
	for _, z := range d.zones {
		byID[z.doc.Value.(*dnsemu.Zone).ID] = z
	}
	for _, doc := range records {
		r := doc.Value.(*Record)
		z := byID[r.ZoneID]
		if r.ZoneID == "" {
			z = d.zoneOf(canonical(r.Name))
			if z == nil && len(d.zones) == 1 {
				z = d.zones[0]
			}
		}
		if z == nil {
			d.report(doc, "name", "the record "+quote(r.Name)+", which lies in no zone", "a name in one of the zones", "")
			continue
		}
		z.noRecords = false
		z.records = append(z.records, doc)
	}
}
