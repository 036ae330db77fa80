package api

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/derive"
)

// project is a copy of the Pages project that the path names; nil: there is none.
func (c *call) project() *world.PagesProject {
	p := first(c.layers, world.KindPagesProject, func(p *world.PagesProject) bool { return p.Name == c.arg("project") })
	if p == nil {
		return nil
	}
	own := *p
	return &own
}

func productionBranch(p *world.PagesProject) string { return cmp.Or(p.ProductionBranch, "main") }

func (c *call) projectObject(p *world.PagesProject) object {
	domains := []string{p.Name + ".pages.dev"}
	for _, d := range pagesDomains(c.layers, p.Name) {
		domains = append(domains, d.Hostname)
	}
	o := withKept(object{
		"id": p.ID, "name": p.Name, "subdomain": p.Name + ".pages.dev", "domains": domains, "created_on": stamp(p.Created),
		"production_branch": productionBranch(p), "source": nil, "build_config": object{},
		"deployment_configs": object{"production": configObject(p.Production), "preview": configObject(p.Preview)},
		"latest_deployment":  nil, "canonical_deployment": nil, "uses_functions": false,
		"production_script_name": "pages-worker--" + p.Name + "-production", "preview_script_name": "pages-worker--" + p.Name + "-preview",
		"framework": "", "framework_version": "",
	}, p.Kept)
	if len(p.Deployments) > 0 {
		o["latest_deployment"] = c.pagesDeploymentObject(p, p.Deployments[0])
		o["uses_functions"] = len(p.Deployments[0].Version.Modules) > 0
	}
	if d := p.Live(); d != nil {
		o["canonical_deployment"] = c.pagesDeploymentObject(p, *d)
	}
	return o
}

// configObject is one environment; values of secrets are empty.
func configObject(cfg world.PagesConfig) object {
	o := withKept(object{
		"env_vars": envVars(cfg), "compatibility_date": cfg.CompatibilityDate, "compatibility_flags": append([]string{}, cfg.CompatibilityFlags...),
		"fail_open": true, "always_use_latest_compatibility_date": false, "build_image_major_version": 3, "usage_model": "standard",
	}, cfg.Kept, environmentKept...)
	for _, m := range bindingMaps {
		entries := object{}
		for _, b := range cfg.Bindings {
			if b.Type == m.kind {
				entries[b.Name] = m.show(b)
			}
		}
		if len(entries) > 0 {
			o[m.field] = entries
		}
	}
	return o
}

func envVars(cfg world.PagesConfig) object {
	vars := object{}
	for _, b := range cfg.Bindings {
		switch b.Type {
		case "plain_text":
			vars[b.Name] = object{"type": b.Type, "value": b.Text}
		case "secret_text":
			vars[b.Name] = object{"type": b.Type, "value": ""}
		}
	}
	return vars
}

// merge changes an environment by what a client sent of it: a name that is null ends, one that is not
// there stays.
func merge(cfg *world.PagesConfig, at string, sent map[string]json.RawMessage) error {
	take := func(field string, v any) error {
		text, ok := sent[field]
		if !ok || string(text) == "null" {
			return nil
		}
		if err := json.Unmarshal(text, v); err != nil {
			return badRequest(8000000, "%s.%s: %v", at, field, err)
		}
		return nil
	}
	var vars map[string]*envVar
	if err := take("env_vars", &vars); err != nil {
		return err
	}
	if err := mergeVars(cfg, at+".env_vars", vars); err != nil {
		return err
	}
	for _, m := range bindingMaps {
		var entries map[string]*pagesBinding
		if err := take(m.field, &entries); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(entries)) {
			if entries[name] == nil {
				unset(cfg, name)
				continue
			}
			b := m.read(*entries[name])
			b.Type, b.Name = m.kind, name
			cfg.Bindings = over(cfg.Bindings, []version.Binding{b})
		}
	}
	cfg.Kept = keep(cfg.Kept, sent, environmentKept)
	if err := take("compatibility_date", &cfg.CompatibilityDate); err != nil {
		return err
	}
	return take("compatibility_flags", &cfg.CompatibilityFlags)
}

type envVar struct {
	Type  string `json:"type"` // empty: plain_text
	Value string `json:"value"`
}

func mergeVars(cfg *world.PagesConfig, at string, vars map[string]*envVar) error {
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		v := vars[name]
		if v == nil {
			unset(cfg, name)
			continue
		}
		kind := cmp.Or(v.Type, "plain_text")
		if kind != "plain_text" && kind != "secret_text" {
			return badRequest(8000000, "%s.%s has the type %q, and should be plain_text or secret_text", at, name, v.Type)
		}
		if had := named(cfg.Bindings, name); had != nil && kind == "secret_text" && had.Type == kind && v.Value == "" {
			continue // as it was read: the value is not known to the client
		}
		cfg.Bindings = over(cfg.Bindings, []version.Binding{{Type: kind, Name: name, Text: v.Value}})
	}
	return nil
}

func unset(cfg *world.PagesConfig, name string) {
	cfg.Bindings = slices.DeleteFunc(slices.Clone(cfg.Bindings), func(b version.Binding) bool { return b.Name == name })
}

func (c *call) projects() (any, error) {
	l := paged(c.query, all[world.PagesProject](c.layers, world.KindPagesProject, nil), 10, 100)
	items := []object{}
	for _, p := range l.items.([]*world.PagesProject) {
		items = append(items, c.projectObject(p))
	}
	return list{items, l.info}, nil
}

func (c *call) oneProject() (any, error) {
	p := c.project()
	if p == nil {
		return nil, noProject(c.arg("project"))
	}
	return c.projectObject(p), nil
}

type sentProject struct {
	Name             string                                `json:"name"`
	ProductionBranch string                                `json:"production_branch"`
	Configs          map[string]map[string]json.RawMessage `json:"deployment_configs"`

	sent map[string]json.RawMessage // all of it
}

func (in *sentProject) UnmarshalJSON(text []byte) error {
	type fields sentProject
	if err := json.Unmarshal(text, (*fields)(in)); err != nil {
		return err
	}
	return json.Unmarshal(text, &in.sent)
}

// apply changes a project by what a client sent.
func (in *sentProject) apply(p *world.PagesProject) error {
	p.ProductionBranch = cmp.Or(in.ProductionBranch, p.ProductionBranch)
	p.Kept = keep(p.Kept, in.sent, projectKept)
	for env, sent := range in.Configs {
		cfg := environment(p, env)
		if cfg == nil {
			return badRequest(8000000, "deployment_configs has %q: the environments are production and preview", env)
		}
		if err := merge(cfg, "deployment_configs."+env, sent); err != nil {
			return err
		}
	}
	return nil
}

// environment is that of a name; nil: there is none.
func environment(p *world.PagesProject, name string) *world.PagesConfig {
	switch name {
	case "production":
		return &p.Production
	case "preview":
		return &p.Preview
	}
	return nil
}

func (c *call) postProject() (any, error) {
	var in sentProject
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	switch {
	case !isLabel(in.Name) || in.Name != strings.ToLower(in.Name):
		return nil, badRequest(8000000, "%q is no name of a project: one label of lower-case letters, digits and dashes", in.Name)
	case first(c.layers, world.KindPagesProject, func(p *world.PagesProject) bool { return p.Name == in.Name }) != nil:
		return nil, fail(http.StatusConflict, 8000002, "A project with this name already exists. Choose a different project name.")
	}
	p := &world.PagesProject{ID: derive.UUID(c.account, "pages_project", in.Name), Name: in.Name, Created: c.Now().UTC()}
	if err := in.apply(p); err != nil {
		return nil, err
	}
	return c.projectObject(p), c.edit(put(p))
}

func (c *call) patchProject() (any, error) {
	var in sentProject
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	p := c.project()
	if p == nil {
		return nil, noProject(c.arg("project"))
	}
	if in.Name != "" && in.Name != p.Name {
		return nil, badRequest(8000000, "a project cannot be renamed here: %q to %q is not supported yet", p.Name, in.Name)
	}
	if err := in.apply(p); err != nil {
		return nil, err
	}
	if err := c.deploy(p.Name, put(p)); err != nil {
		return nil, err
	}
	return c.projectObject(p), nil
}

func (c *call) deleteProject() (any, error) {
	p := c.project()
	if p == nil {
		return nil, noProject(c.arg("project"))
	}
	edits := []world.Edit{remove(world.KindPagesProject, p.ID)}
	for _, d := range pagesDomains(c.layers, p.Name) {
		edits = append(edits, c.withoutDomain(d)...)
	}
	return nil, c.edit(edits...)
}
