package api

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/derive"
)

// platformAddress is what the record of a Custom Domain holds: it is proxied, and leads nowhere.
const platformAddress = "100::"

func (c *call) zoneName(id string) string {
	if z := get[dnsemu.Zone](c.layers, world.KindZone, id); z != nil {
		return z.Name
	}
	return ""
}

func (c *call) domainObject(d *world.WorkerDomain) object {
	return object{
		"id": d.ID, "hostname": d.Hostname, "service": d.Service, "zone_id": d.ZoneID, "zone_name": c.zoneName(d.ZoneID),
		"environment": "production", "cert_id": d.ID, "enabled": !d.Disabled, "previews_enabled": d.Previews,
	}
}

func (c *call) domainsOf(worker string) []*world.WorkerDomain {
	return all(c.layers, world.KindWorkerDomain, func(d *world.WorkerDomain) bool { return d.Service == worker && !d.Pages })
}

func (c *call) domainAt(host string) *world.WorkerDomain {
	return first(c.layers, world.KindWorkerDomain, func(d *world.WorkerDomain) bool { return d.Hostname == host })
}

// sentDomain is a Custom Domain as clients ask for it.
type sentDomain struct {
	Hostname string `json:"hostname"`
	Service  string `json:"service"`
	ZoneID   string `json:"zone_id"`
	ZoneName string `json:"zone_name"`
	Enabled  *bool  `json:"enabled"`
	Previews *bool  `json:"previews_enabled"`
}

// place is the domain with its zone, which must be the account's.
func (c *call) place(in sentDomain) (*world.WorkerDomain, error) {
	host := strings.ToLower(strings.TrimSuffix(in.Hostname, "."))
	if host == "" || strings.ContainsAny(host, "*/ :") {
		return nil, badRequest(10021, "%q is no hostname of a Custom Domain: a full name without wildcard, path or port", in.Hostname)
	}
	var zone *dnsemu.Zone
	if in.ZoneID != "" {
		zone = get[dnsemu.Zone](c.layers, world.KindZone, in.ZoneID)
	} else {
		zone = zoneOf(c.layers, cmp.Or(strings.ToLower(in.ZoneName), host))
	}
	if zone == nil || host != zone.Name && !strings.HasSuffix(host, "."+zone.Name) {
		return nil, fail(http.StatusNotFound, 10083, "workers.api.error.zone_not_found for %q", in.Hostname)
	}
	return &world.WorkerDomain{
		ID: derive.Hex32(c.account, "worker_domain", host), Hostname: host, ZoneID: zone.ID, Service: in.Service,
		Disabled: in.Enabled != nil && !*in.Enabled, Previews: in.Previews != nil && *in.Previews,
	}, nil
}

// recordsAt are the records that answer for the addresses of a host.
func (c *call) recordsAt(zoneID, host string) []*world.Record {
	return all(c.layers, world.KindRecord, func(r *world.Record) bool {
		return r.ZoneID == zoneID && r.Name == host && (r.Type == "A" || r.Type == "AAAA" || r.Type == "CNAME")
	})
}

// platformRecord is the record that the platform itself puts where a Custom Domain is.
func (c *call) platformRecord(d *world.WorkerDomain) *world.Record {
	id := derive.Hex32(c.account, "dns_record", c.zoneName(d.ZoneID)+" AAAA "+d.Hostname+" "+platformAddress)
	return &world.Record{ZoneID: d.ZoneID, Record: dnsemu.Record{ID: id, Type: "AAAA", Name: d.Hostname, Content: platformAddress, Proxied: true, TTL: 1}}
}

// withDomain are the edits that make a Custom Domain. Without override, records of others in its place
// and other Workers on its host are an error.
func (c *call) withDomain(d *world.WorkerDomain, overrideOrigin, overrideRecords bool) ([]world.Edit, error) {
	own := c.platformRecord(d)
	edits := []world.Edit{put(d)}
	if had := c.domainAt(d.Hostname); had != nil {
		if (had.Service != d.Service || had.Pages != d.Pages) && !overrideOrigin {
			return nil, fail(http.StatusConflict, 100116, "Hostname '%s' is already in use by the Worker '%s'. Use the option 'override_existing_origin' to override.", d.Hostname, had.Service)
		}
		if had.ID != d.ID {
			edits = append(edits, remove(world.KindWorkerDomain, had.ID))
		}
	}
	for _, r := range c.recordsAt(d.ZoneID, d.Hostname) {
		if r.ID == own.ID {
			continue
		}
		if !overrideRecords {
			return nil, fail(http.StatusConflict, 100117, "Hostname '%s' already has externally managed DNS records (A, CNAME, etc). Either delete them, try a different hostname, or use the option 'override_existing_dns_record' to override.", d.Hostname)
		}
		edits = append(edits, remove(world.KindRecord, r.ID))
	}
	return append(edits, put(own)), nil
}

func (c *call) withoutDomain(d *world.WorkerDomain) []world.Edit {
	edits := []world.Edit{remove(world.KindWorkerDomain, d.ID)}
	if r := c.platformRecord(d); get[world.Record](c.layers, world.KindRecord, r.ID) != nil {
		edits = append(edits, remove(world.KindRecord, r.ID))
	}
	return edits
}

func (c *call) domains() (any, error) {
	items := []object{}
	for _, d := range all(c.layers, world.KindWorkerDomain, func(d *world.WorkerDomain) bool {
		is := func(name, value string) bool { given := c.query.Get(name); return given == "" || given == value }
		return !d.Pages && is("hostname", d.Hostname) && is("service", d.Service) && is("zone_id", d.ZoneID) &&
			is("zone_name", c.zoneName(d.ZoneID)) && is("environment", "production")
	}) {
		items = append(items, c.domainObject(d))
	}
	return paged(c.query, items, 1000, 1000), nil
}

func (c *call) domain() *world.WorkerDomain {
	return get[world.WorkerDomain](c.layers, world.KindWorkerDomain, c.arg("domain"))
}

func noDomain() *failure {
	return fail(http.StatusNotFound, 10012, "workers.api.error.domain_not_found")
}

func (c *call) oneDomain() (any, error) {
	if d := c.domain(); d != nil {
		return c.domainObject(d), nil
	}
	return nil, noDomain()
}

func (c *call) putDomain() (any, error) {
	var in sentDomain
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	d, err := c.place(in)
	if err != nil {
		return nil, err
	}
	if c.workerNamed(d.Service) == nil {
		return nil, noService()
	}
	edits, err := c.withDomain(d, false, false)
	if err != nil {
		return nil, err
	}
	if err := c.edit(edits...); err != nil {
		return nil, err
	}
	return c.domainObject(d), nil
}

func (c *call) deleteDomain() (any, error) {
	d := c.domain()
	if d == nil {
		return nil, noDomain()
	}
	if err := c.edit(c.withoutDomain(d)...); err != nil {
		return nil, err
	}
	return object{"id": d.ID}, nil
}

// changeset is what publishing a list of Custom Domains would do.
func (c *call) changeset() (any, error) {
	var in []sentDomain
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if c.worker() == nil {
		return nil, noScript()
	}
	out := map[string][]object{"added": {}, "removed": {}, "updated": {}, "conflicting": {}}
	add := func(list string, d *world.WorkerDomain, modified bool) {
		o := c.domainObject(d)
		o["modified"] = modified
		out[list] = append(out[list], o)
	}
	var named []string
	for _, one := range in {
		one.Service = c.arg("script")
		d, err := c.place(one)
		if err != nil {
			return nil, err
		}
		named = append(named, d.Hostname)
		had := c.domainAt(d.Hostname)
		if had != nil {
			d.ID = had.ID
			add("updated", d, *had != *d)
			continue
		}
		own := c.platformRecord(d).ID
		if slices.ContainsFunc(c.recordsAt(d.ZoneID, d.Hostname), func(r *world.Record) bool { return r.ID != own }) {
			add("conflicting", d, true)
		} else {
			add("added", d, true)
		}
	}
	if c.query.Get("replace_state") == "true" {
		for _, d := range c.domainsOf(c.arg("script")) {
			if !slices.Contains(named, d.Hostname) {
				add("removed", d, true)
			}
		}
	}
	return out, nil
}

// putDomainRecords publishes a list of Custom Domains of one Worker; those that are not in it end,
// unless override_scope is false.
func (c *call) putDomainRecords() (any, error) {
	var in struct {
		Scope   bool         `json:"override_scope"`
		Origin  bool         `json:"override_existing_origin"`
		Records bool         `json:"override_existing_dns_record"`
		Origins []sentDomain `json:"origins"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if c.worker() == nil {
		return nil, noScript()
	}
	var edits []world.Edit
	named := map[string]bool{}
	items := []object{}
	for _, one := range in.Origins {
		one.Service = c.arg("script")
		d, err := c.place(one)
		if err != nil {
			return nil, err
		}
		more, err := c.withDomain(d, in.Origin, in.Records)
		if err != nil {
			return nil, err
		}
		named[d.Hostname] = true
		edits = append(edits, more...)
		items = append(items, c.domainObject(d))
	}
	for _, d := range c.domainsOf(c.arg("script")) {
		if in.Scope && !named[d.Hostname] {
			edits = append(edits, c.withoutDomain(d)...)
		}
	}
	return items, c.edit(edits...)
}
