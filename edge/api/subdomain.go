package api

import (
	"net/http"
	"strings"

	"github.com/sundog-edge/sundog/edge/world"
)

// subdomain is the account's on workers.dev.
func (c *call) subdomain() (any, error) {
	name := settings(c.layers).WorkersSubdomain
	if name == "" {
		return nil, fail(http.StatusNotFound, 10007, "You do not have a workers.dev subdomain.")
	}
	return object{"subdomain": name}, nil
}

func (c *call) putSubdomain() (any, error) {
	var in struct {
		Subdomain string `json:"subdomain"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	name := strings.ToLower(in.Subdomain)
	if !isLabel(name) {
		return nil, badRequest(10031, "%q is no subdomain: one label of letters, digits and dashes", in.Subdomain)
	}
	s := settings(c.layers)
	s.WorkersSubdomain = name
	if err := c.edit(put(&s)); err != nil {
		return nil, err
	}
	return object{"subdomain": name}, nil
}

func (c *call) deleteSubdomain() (any, error) {
	s := settings(c.layers)
	if s.WorkersSubdomain == "" {
		return c.subdomain()
	}
	s.WorkersSubdomain = ""
	return nil, c.edit(put(&s))
}

func isLabel(name string) bool {
	return name != "" && len(name) <= 63 && name[0] != '-' && name[len(name)-1] != '-' && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func scriptSubdomainObject(w *world.Worker) object {
	return object{"enabled": w.WorkersDev, "previews_enabled": w.PreviewURLs}
}

// scriptSubdomain is whether one Worker is on workers.dev.
func (c *call) scriptSubdomain() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	return scriptSubdomainObject(w), nil
}

func (c *call) postScriptSubdomain() (any, error) {
	var in struct {
		Enabled  *bool `json:"enabled"`
		Previews *bool `json:"previews_enabled"` // nil: as enabled
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Enabled == nil {
		return nil, badRequest(10021, `"enabled" is missing: true or false`)
	}
	if in.Previews == nil {
		in.Previews = in.Enabled
	}
	return c.setSubdomain(*in.Enabled, *in.Previews)
}

func (c *call) deleteScriptSubdomain() (any, error) { return c.setSubdomain(false, false) }

func (c *call) setSubdomain(enabled, previews bool) (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	w.WorkersDev, w.PreviewURLs = enabled, previews
	if err := c.edit(put(w)); err != nil {
		return nil, err
	}
	return scriptSubdomainObject(w), nil
}
