package api

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// notesOf are the annotations of a version, with what made it.
func notesOf(v *version.Version) map[string]string {
	notes := map[string]string{"workers/triggered_by": "upload"}
	maps.Copy(notes, v.Annotations)
	return notes
}

func (c *call) versionObject(v *version.Version) object {
	return object{
		"id": v.ID, "number": v.Number,
		"metadata": object{
			"created_on": v.Created, "modified_on": v.Created, "source": cmp.Or(v.Source, "wrangler"),
			"author_email": c.Email, "has_preview": true,
		},
		"annotations": notesOf(v),
		"resources": object{
			"script": object{"etag": etag(v), "handlers": handlers(v), "last_deployed_from": cmp.Or(v.Source, "wrangler")},
			"script_runtime": object{
				"compatibility_date": v.CompatibilityDate, "compatibility_flags": append([]string{}, v.CompatibilityFlags...), "usage_model": "standard",
			},
			"bindings": shown(v.Bindings),
		},
	}
}

func (c *call) versionList() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	l := paged(c.query, c.versions(w.Name), 10, 100)
	items := []object{}
	for _, v := range l.items.([]*version.Version) {
		items = append(items, c.versionObject(v))
	}
	return list{object{"items": items}, l.info}, nil
}

func (c *call) oneVersion() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	v := c.version(w.Name, c.arg("version"))
	if v == nil {
		return nil, noVersion(c.arg("version"))
	}
	return c.versionObject(v), nil
}

// postVersion uploads a version that takes no requests yet but those of its preview host.
func (c *call) postVersion() (any, error) {
	up, err := c.uploaded()
	if err != nil {
		return nil, err
	}
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	v, err := c.compose(w, up)
	if err != nil {
		return nil, err
	}
	w.Modified = v.Created
	took, err := c.deployed(w, v)
	if err != nil {
		return nil, err
	}
	o := c.versionObject(v)
	o["startup_time_ms"] = took.Milliseconds()
	return o, nil
}

// patchLatest makes a version that differs from the newest in bindings alone: `versions secret put`.
func (c *call) patchLatest() (any, error) {
	var in struct {
		Env         map[string]*json.RawMessage `json:"env"` // null removes
		Annotations map[string]string           `json:"annotations"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	w := c.workerByNameOrID(c.arg("worker"))
	if w == nil {
		return nil, noScript()
	}
	var change []version.Binding
	var gone []string
	for _, name := range slices.Sorted(maps.Keys(in.Env)) {
		if in.Env[name] == nil {
			gone = append(gone, name)
			continue
		}
		var b sentBinding
		if err := json.Unmarshal(*in.Env[name], &b); err != nil {
			return nil, notJSON(err)
		}
		if b.Type == "inherit" {
			continue
		}
		change = append(change, renamedTo(b.Binding, name))
	}
	v, err := c.revised(w, change, gone, in.Annotations)
	if err != nil {
		return nil, err
	}
	if _, err := c.deployed(w, v); err != nil {
		return nil, err
	}
	return c.versionObject(v), nil
}

// revised is the newest version of a Worker with other bindings, under a new number.
func (c *call) revised(w *world.Worker, change []version.Binding, gone []string, notes map[string]string) (*version.Version, error) {
	latest := c.latest(w)
	if latest.ID == "" {
		return nil, fail(http.StatusConflict, 10007, "The code of %q lies in a folder and was never uploaded: change its files.", w.Name)
	}
	v, err := c.successor(w, latest, notes)
	if err != nil {
		return nil, err
	}
	v.Bindings = slices.DeleteFunc(over(v.Bindings, change), func(b version.Binding) bool { return slices.Contains(gone, b.Name) })
	if errs := c.checkTargets(w, v.Bindings, v.Classes); len(errs) > 0 {
		return nil, &failure{status: http.StatusBadRequest, errs: errs}
	}
	return v, nil
}

// successor is a copy of a version as the next one.
func (c *call) successor(w *world.Worker, base *version.Version, notes map[string]string) (*version.Version, error) {
	id, err := c.newUUID()
	if err != nil {
		return nil, err
	}
	v := *base
	v.ID, v.Number, v.Worker, v.Annotations, v.Created, v.Source = id, c.nextNumber(w.Name), w.Name, notes, c.Now().UTC(), c.source()
	return &v, nil
}
