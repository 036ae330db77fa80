package api

import (
	"encoding/json"
	"maps"
	"net/http"
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
	return withKept(object{
		"id": w.ID, "name": w.Name, "created_on": stamp(w.Created), "updated_on": stamp(w.Modified), "deployed_on": deployed,
		"logpush": false, "tags": append([]string{}, w.Tags...), "tail_consumers": []any{}, "observability": object{"enabled": false},
		"references": object{"dispatch_namespace_outbounds": []any{}, "domains": domains, "durable_objects": []any{}, "queues": []any{}, "workers": users},
		"subdomain":  sub,
	}, w.Kept, "previews_base_config")
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

// sentWorker is a Worker without code, as clients of workers/workers send it.
type sentWorker struct {
	Name      *string   `json:"name"`
	Tags      *[]string `json:"tags"`
	Subdomain *struct {
		Enabled  *bool `json:"enabled"`
		Previews *bool `json:"previews_enabled"`
	} `json:"subdomain"`
}

// workerSettings are the settings of the fleet that a Worker without its versions has.
var workerSettings = []string{"logpush", "observability", "previews_base_config", "tail_consumers"}

// takeWorker reads the body, and gives its settings to w; w has a name already.
func (c *call) takeWorker(w *world.Worker) error {
	var in sentWorker
	if err := c.decode(&in); err != nil {
		return err
	}
	var sent map[string]json.RawMessage
	if err := c.decode(&sent); err != nil {
		return err
	}
	if in.Name != nil && *in.Name != w.Name {
		return badRequest(10021, "a Worker is not renamed yet: this one is %q, and the name sent is %q", w.Name, *in.Name)
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
	w.Kept = keep(w.Kept, sent, workerSettings)
	w.Modified = c.Now().UTC()
	return nil
}

// postWorker makes a Worker that has no version yet.
func (c *call) postWorker() (any, error) {
	var in sentWorker
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Name == nil {
		return nil, badRequest(10021, `"name" is missing`)
	}
	if c.workerNamed(*in.Name) != nil {
		return nil, fail(http.StatusConflict, 10040, "A Worker with the name %q exists already.", *in.Name)
	}
	w, err := c.newWorker(*in.Name)
	if err != nil {
		return nil, err
	}
	if err := c.takeWorker(w); err != nil {
		return nil, err
	}
	if err := c.edit(put(w)); err != nil {
		return nil, err
	}
	return c.workerObject(w), nil
}

func (c *call) patchWorker() (any, error) { return c.changeWorker(func(*world.Worker) {}) }

// putWorker replaces the settings: what is not sent is as at the start.
func (c *call) putWorker() (any, error) {
	return c.changeWorker(func(w *world.Worker) {
		w.Tags, w.WorkersDev, w.PreviewURLs = nil, false, false
		w.Kept = maps.Clone(w.Kept)
		for _, name := range workerSettings {
			delete(w.Kept, name)
		}
	})
}

func (c *call) changeWorker(first func(*world.Worker)) (any, error) {
	w := c.workerByNameOrID(c.arg("worker"))
	if w == nil {
		return nil, noScript()
	}
	first(w)
	if err := c.takeWorker(w); err != nil {
		return nil, err
	}
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
