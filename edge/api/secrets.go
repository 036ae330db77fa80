package api

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

type sentSecret struct {
	Name string `json:"name"`
	Text string `json:"text"`
	Type string `json:"type"`
}

func (s sentSecret) binding() (version.Binding, error) {
	switch {
	case s.Name == "":
		return version.Binding{}, badRequest(10021, "the secret has no name")
	case s.Type != "secret_text":
		return version.Binding{}, badRequest(10021, `secret %q has the type %q, and should be a "secret_text"`, s.Name, s.Type)
	}
	return version.Binding{Type: "secret_text", Name: s.Name, Text: s.Text}, nil
}

func (c *call) secrets() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	items := []object{}
	for _, b := range c.current(w).Bindings {
		if secret(b.Type) {
			items = append(items, object{"name": b.Name, "type": b.Type})
		}
	}
	return paged(c.query, items, 1000, 1000), nil
}

func (c *call) oneSecret() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	b := named(c.current(w).Bindings, c.secretName())
	if b == nil || !secret(b.Type) {
		return nil, noSecret(c.secretName())
	}
	return object{"name": b.Name, "type": b.Type}, nil
}

func noSecret(name string) *failure {
	return fail(http.StatusNotFound, 10056, "Binding not found: this Worker has no secret %q.", name)
}

// secretName is the path's, which may be escaped once more.
func (c *call) secretName() string {
	name := c.arg("secret")
	if c.query.Get("url_encoded") == "true" {
		if plain, err := url.PathUnescape(name); err == nil {
			return plain
		}
	}
	return name
}

func (c *call) putSecret() (any, error) {
	var in sentSecret
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	b, err := in.binding()
	if err != nil {
		return nil, err
	}
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	if err := c.changeSecrets(w, []version.Binding{b}, nil); err != nil {
		return nil, err
	}
	return object{"name": b.Name, "type": b.Type}, nil
}

func (c *call) deleteSecret() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	name := c.secretName()
	if b := named(c.current(w).Bindings, name); b == nil || !secret(b.Type) {
		return nil, noSecret(name)
	}
	return nil, c.changeSecrets(w, nil, []string{name})
}

// bulkSecrets puts and, where a value is null, removes several.
func (c *call) bulkSecrets() (any, error) {
	var in struct {
		Secrets map[string]*sentSecret `json:"secrets"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	var change []version.Binding
	var gone []string
	for _, name := range slices.Sorted(maps.Keys(in.Secrets)) {
		s := in.Secrets[name]
		if s == nil {
			gone = append(gone, name)
			continue
		}
		s.Name = name
		b, err := s.binding()
		if err != nil {
			return nil, err
		}
		change = append(change, b)
	}
	if err := c.changeSecrets(w, change, gone); err != nil {
		return nil, err
	}
	return c.secrets()
}

// changeSecrets puts secrets into force: of an upload by a new version of it, as the real one does; of
// a folder, over its bindings.
func (c *call) changeSecrets(w *world.Worker, change []version.Binding, gone []string) error {
	if len(w.Deployments) == 0 {
		w.Secrets = slices.DeleteFunc(over(w.Secrets, change), func(b version.Binding) bool { return slices.Contains(gone, b.Name) })
		w.Modified = c.Now().UTC()
		if err := c.deploy(w.Name, put(w)); err != nil {
			return err
		}
		c.layers = c.Store.Layers()
		return nil
	}
	notes := map[string]string{"workers/triggered_by": "secret"}
	v, err := c.revised(w, change, gone, notes)
	if err != nil {
		return err
	}
	if _, err := c.enforce(w, []world.Share{{VersionID: v.ID, Percentage: 100}}, nil, "secret"); err != nil {
		return err
	}
	_, err = c.deployed(w, v)
	return err
}
