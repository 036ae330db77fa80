package api

import (
	"time"

	"github.com/sundog-edge/sundog/edge/world"
)

// workerByNameOrID is a copy of a Worker; nil: there is none.
func (c *call) workerByNameOrID(key string) *world.Worker {
	if w := c.workerNamed(key); w != nil {
		return w
	}
	w := first(c.layers, world.KindWorker, func(w *world.Worker) bool { return w.ID == key })
	if w == nil {
		return nil
	}
	own := *w
	return &own
}

// workerObject is a Worker as the newer resource workers/workers has it.
func (c *call) workerObject(w *world.Worker) object {
	domains := []object{}
	for _, d := range c.domainsOf(w.Name) {
		domains = append(domains, object{"id": d.ID, "hostname": d.Hostname, "zone_id": d.ZoneID, "certificate_id": d.ID, "zone_name": c.zoneName(d.ZoneID)})
	}
	users := []object{}
	for _, name := range c.incoming(w.Name) {
		users = append(users, object{"name": name, "id": c.workerNamed(name).ID})
	}
	sub := object{"enabled": w.WorkersDev, "previews_enabled": w.PreviewURLs}
	if account := settings(c.layers).WorkersSubdomain; account != "" {
		suffix := w.Name + "." + account + ".workers.dev"
		sub["url"], sub["preview_url_suffix"] = "https://"+suffix, "-"+suffix
	}
	var deployed *time.Time
	if len(w.Deployments) > 0 {
		deployed = &w.Deployments[0].Created
	}
	return object{
		"id": w.ID, "name": w.Name, "created_on": stamp(w.Created), "updated_on": stamp(w.Modified), "deployed_on": deployed,
		"logpush": false, "tags": append([]string{}, w.Tags...), "tail_consumers": []any{}, "observability": object{"enabled": false},
		"references": object{"dispatch_namespace_outbounds": []any{}, "domains": domains, "durable_objects": []any{}, "queues": []any{}, "workers": users},
		"subdomain":  sub,
	}
}

func (c *call) workers() (any, error) {
	items := []object{}
	for _, w := range all[world.Worker](c.layers, world.KindWorker, nil) {
		items = append(items, c.workerObject(w))
	}
	return paged(c.query, items, 10, 100), nil
}

func (c *call) oneWorker() (any, error) {
	w := c.workerByNameOrID(c.arg("worker"))
	if w == nil {
		return nil, noScript()
	}
	return c.workerObject(w), nil
}

func (c *call) patchWorker() (any, error) {
	var in struct {
		Tags      *[]string `json:"tags"`
		Subdomain *struct {
			Enabled  *bool `json:"enabled"`
			Previews *bool `json:"previews_enabled"`
		} `json:"subdomain"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	w := c.workerByNameOrID(c.arg("worker"))
	if w == nil {
		return nil, noScript()
	}
	if in.Tags != nil {
		w.Tags = *in.Tags
	}
	if s := in.Subdomain; s != nil {
		if s.Enabled != nil {
			w.WorkersDev = *s.Enabled
		}
		if s.Previews != nil {
			w.PreviewURLs = *s.Previews
		}
	}
	w.Modified = c.Now().UTC()
	if err := c.edit(put(w)); err != nil {
		return nil, err
	}
	return c.workerObject(w), nil
}

func (c *call) deleteWorker() (any, error) {
	w := c.workerByNameOrID(c.arg("worker"))
	if w == nil {
		return nil, noScript()
	}
	return c.removeWorker(w)
}
