package api

import (
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/world"
)

// searchScripts finds Workers by a part of their name, or by their tag.
func (c *call) searchScripts() (any, error) {
	name, id := strings.ToLower(c.query.Get("name")), c.query.Get("id")
	found := all(c.layers, world.KindWorker, func(w *world.Worker) bool {
		return strings.Contains(w.Name, name) && (id == "" || id == w.ID)
	})
	switch by := c.query.Get("order_by"); by {
	case "created_on":
		slices.SortStableFunc(found, func(a, b *world.Worker) int { return a.Created.Compare(b.Created) })
	case "modified_on":
		slices.SortStableFunc(found, func(a, b *world.Worker) int { return a.Modified.Compare(b.Modified) })
	case "", "name": // as they are
	default:
		return nil, badRequest(10021, `order_by is %q, and should be "created_on", "modified_on" or "name"`, by)
	}
	items := []object{}
	for _, w := range found {
		items = append(items, object{
			"id": w.ID, "script_name": w.Name, "created_on": stamp(w.Created), "modified_on": stamp(w.Modified),
			"environment_name": "production", "environment_is_default": true,
		})
	}
	return paged(c.query, items, 10, 1000), nil
}

// accountSettings are of all Workers. There is one usage model here.
func (c *call) accountSettings() (any, error) {
	return object{"default_usage_model": "standard", "green_compute": false}, nil
}

func (c *call) putAccountSettings() (any, error) {
	var in struct {
		Model string `json:"default_usage_model"`
		Green bool   `json:"green_compute"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	switch {
	case in.Model != "" && in.Model != "standard":
		return nil, badRequest(10021, "default_usage_model %q is not supported: the only one here is standard", in.Model)
	case in.Green:
		return nil, badRequest(10021, "green_compute is not supported: all of it runs on this machine")
	}
	return c.accountSettings()
}
