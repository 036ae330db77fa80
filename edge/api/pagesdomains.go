package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/world"
)

func pagesDomains(l world.Layers, project string) []*world.WorkerDomain {
	return all(l, world.KindWorkerDomain, func(d *world.WorkerDomain) bool { return d.Pages && d.Service == project })
}

func pagesDomainObject(p *world.PagesProject, d *world.WorkerDomain) object {
	return object{
		"id": d.ID, "domain_id": d.ID, "name": d.Hostname, "status": "active", "zone_tag": d.ZoneID, "created_on": stamp(p.Created),
		"certificate_authority": "google", "validation_data": object{"method": "http", "status": "active"}, "verification_data": object{"status": "active"},
	}
}

func (c *call) pagesDomainList() (any, error) {
	p := c.project()
	if p == nil {
		return nil, noProject(c.arg("project"))
	}
	items := []object{}
	for _, d := range pagesDomains(c.layers, p.Name) {
		items = append(items, pagesDomainObject(p, d))
	}
	return paged(c.query, items, 1000, 1000), nil
}

// postPagesDomain serves a project at a host of a zone. The real API makes no record for it; here a host without one
// gets it.
func (c *call) postPagesDomain() (any, error) {
	var in struct {
		Name string `json:"name"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	p := c.project()
	if p == nil {
		return nil, noProject(c.arg("project"))
	}
	d, err := c.place(sentDomain{Hostname: in.Name, Service: p.Name})
	if err != nil {
		return nil, err
	}
	d.Pages = true
	if had := c.domainAt(d.Hostname); had != nil {
		if had.Pages && had.Service == p.Name {
			return nil, fail(http.StatusConflict, 8000018, "You have already added this custom domain: %q.", d.Hostname)
		}
		return nil, fail(http.StatusConflict, 8000000, "The custom domain %q is in use by %q already.", d.Hostname, had.Service)
	}
	edits := []world.Edit{put(d)}
	if len(c.recordsAt(d.ZoneID, d.Hostname)) == 0 {
		c.Log.Warn("the real API makes no DNS record for a custom domain of a Pages project: here it has one all the same", "domain", d.Hostname,
			"mend", "at the real one, add a proxied CNAME to "+p.Name+".pages.dev")
		edits = append(edits, put(c.platformRecord(d)))
	}
	if err := c.edit(edits...); err != nil {
		return nil, err
	}
	return pagesDomainObject(p, d), nil
}

// pagesDomain is the one that the path names.
func (c *call) pagesDomain() (*world.PagesProject, *world.WorkerDomain, error) {
	p := c.project()
	if p == nil {
		return nil, nil, noProject(c.arg("project"))
	}
	list := pagesDomains(c.layers, p.Name)
	i := slices.IndexFunc(list, func(d *world.WorkerDomain) bool { return d.Hostname == strings.ToLower(c.arg("domain")) })
	if i < 0 {
		return nil, nil, fail(http.StatusNotFound, 8000000, "The custom domain %q is none of the project %q.", c.arg("domain"), p.Name)
	}
	return p, list[i], nil
}

// onePagesDomain is also the answer to a request to check a domain again: it is valid already.
func (c *call) onePagesDomain() (any, error) {
	p, d, err := c.pagesDomain()
	if err != nil {
		return nil, err
	}
	return pagesDomainObject(p, d), nil
}

func (c *call) deletePagesDomain() (any, error) {
	_, d, err := c.pagesDomain()
	if err != nil {
		return nil, err
	}
	return nil, c.edit(c.withoutDomain(d)...)
}
