package api

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// keptDeployments is how many uploads of a Pages project are remembered.
const keptDeployments = 10

func (c *call) pagesDeploymentObject(p *world.PagesProject, d world.PagesDeployment) object {
	env, cfg, aliases := "preview", p.Preview, []string{"https://" + BranchLabel(d.Branch) + "." + p.Name + ".pages.dev"}
	if d.Branch == productionBranch(p) {
		env, cfg, aliases = "production", p.Production, nil
	}
	stages := []object{}
	for _, name := range []string{"queued", "initialize", "clone_repo", "build", "deploy"} {
		stages = append(stages, object{"name": name, "status": "success", "started_on": d.Created, "ended_on": d.Created})
	}
	return object{
		"id": d.ID, "short_id": d.ID[:8], "project_id": p.ID, "project_name": p.Name, "environment": env,
		"url": "https://" + d.ID[:8] + "." + p.Name + ".pages.dev", "aliases": aliases, "created_on": d.Created, "modified_on": d.Created,
		"is_skipped": false, "latest_stage": stages[len(stages)-1], "stages": stages, "source": nil, "build_config": object{}, "env_vars": envVars(cfg),
		"deployment_trigger": object{"type": "ad_hoc", "metadata": object{"branch": d.Branch, "commit_hash": d.Commit, "commit_message": d.Message, "commit_dirty": d.Dirty}},
		"uses_functions":     len(d.Version.Modules) > 0,
	}
}

// BranchLabel is a branch as it stands in a host: "feature/X" is feature-x in feature-x.PROJECT.pages.dev.
func BranchLabel(branch string) string {
	label := []byte(strings.ToLower(branch))
	for i, b := range label {
		if (b < 'a' || b > 'z') && (b < '0' || b > '9') {
			label[i] = '-'
		}
	}
	return strings.Trim(string(label[:min(len(label), 28)]), "-")
}

func (c *call) pagesDeployments() (any, error) {
	p := c.project()
	if p == nil {
		return nil, noProject(c.arg("project"))
	}
	items := []object{}
	for _, d := range p.Deployments {
		o := c.pagesDeploymentObject(p, d)
		if env := c.query.Get("env"); env == "" || env == o["environment"] {
			items = append(items, o)
		}
	}
	return paged(c.query, items, 25, 100), nil
}

// pagesDeployment is the one that the path names.
func (c *call) pagesDeployment() (*world.PagesProject, int, error) {
	p := c.project()
	if p == nil {
		return nil, 0, noProject(c.arg("project"))
	}
	for i, d := range p.Deployments {
		if d.ID == c.arg("deployment") {
			return p, i, nil
		}
	}
	return nil, 0, fail(http.StatusNotFound, 8000009, "The deployment ID you have specified does not exist. Update the deployment ID and try again.")
}

func (c *call) onePagesDeployment() (any, error) {
	p, i, err := c.pagesDeployment()
	if err != nil {
		return nil, err
	}
	return c.pagesDeploymentObject(p, p.Deployments[i]), nil
}

func (c *call) pagesDeploymentLogs() (any, error) {
	if _, _, err := c.pagesDeployment(); err != nil {
		return nil, err
	}
	return object{"total": 0, "includes_container_logs": false, "data": []any{}}, nil
}

func (c *call) deletePagesDeployment() (any, error) {
	p, i, err := c.pagesDeployment()
	if err != nil {
		return nil, err
	}
	d := p.Deployments[i]
	if live := p.Live(); live != nil && live.ID == d.ID {
		return nil, badRequest(8000034, "The deployment %q is the one that is live in production, and cannot be deleted.", d.ID)
	}
	p.Deployments = append(p.Deployments[:i:i], p.Deployments[i+1:]...)
	return nil, c.deploy(p.Name, put(p))
}

func (c *call) postPagesDeployment() (any, error) {
	p := c.project()
	if p == nil {
		return nil, noProject(c.arg("project"))
	}
	parts, err := readParts(c.r.Header.Get("Content-Type"), c.body)
	if err != nil {
		return nil, err
	}
	form := map[string]part{}
	for _, one := range parts {
		form[one.name] = one
	}
	text := func(name string) string { return string(form[name].content) }
	id, err := c.newUUID()
	if err != nil {
		return nil, err
	}
	var manifest map[string]string
	if err := json.Unmarshal(form["manifest"].content, &manifest); err != nil {
		return nil, badRequest(8000000, "manifest: %v", err)
	}
	if err := checkManifest(manifest); err != nil {
		return nil, err
	}
	files, err := c.uploads.collect(manifest)
	if err != nil {
		return nil, err
	}
	branch := cmp.Or(text("branch"), productionBranch(p))
	cfg := p.Preview
	if branch == productionBranch(p) {
		cfg = p.Production
	}
	in, err := c.pagesUploaded(p, cfg, form, files)
	if err != nil {
		return nil, err
	}
	in.Branch, in.Preview, in.Commit = branch, branch != productionBranch(p), text("commit_hash")
	in.URL = "https://" + id[:8] + "." + p.Name + ".pages.dev"
	v, err := c.Pages(in)
	if err != nil {
		return nil, badRequest(8000000, "%v", err)
	}
	v.ID, v.Worker, v.Created, v.Source = id, p.Name, c.Now().UTC(), c.source()
	d := world.PagesDeployment{ID: id, Branch: branch, Created: v.Created, Version: v, Message: text("commit_message"), Commit: in.Commit, Dirty: text("commit_dirty") == "true"}
	return c.addPagesDeployment(p, d)
}

// addPagesDeployment puts a deployment in force: on its branch's host, and in production when that is its branch.
func (c *call) addPagesDeployment(p *world.PagesProject, d world.PagesDeployment) (any, error) {
	if d.Branch == productionBranch(p) {
		p.RolledTo = ""
	}
	p.Dir, p.Project = "", nil
	p.Deployments = append([]world.PagesDeployment{d}, p.Deployments...)
	p.Deployments = kept(p)
	if err := c.deploy(p.Name, put(p)); err != nil {
		return nil, err
	}
	return c.pagesDeploymentObject(p, d), nil
}

// kept are the newest deployments, and the one that production serves.
func kept(p *world.PagesProject) []world.PagesDeployment {
	if len(p.Deployments) <= keptDeployments {
		return p.Deployments
	}
	out := p.Deployments[:keptDeployments:keptDeployments]
	live := p.Live()
	if live == nil || slices.ContainsFunc(out, func(d world.PagesDeployment) bool { return d.ID == live.ID }) {
		return out
	}
	return append(out, *live)
}

// PagesUpload is what `wrangler pages deploy` uploads, taken apart.
type PagesUpload struct {
	Project string
	Branch  string
	Preview bool           // the branch is not that of production
	Commit  string         // as git names it; empty: the upload says none
	URL     string         // the host of this deployment alone: "https://01234567.PROJECT.pages.dev"
	Files   []version.File // in the order of their paths

	// Routes, Headers and Redirects are _routes.json, _headers and _redirects; nil: there is none.
	Routes, Headers, Redirects []byte

	// Code is the compiled Functions or the _worker.js: modules, source map, and what else the upload
	// says, with the compatibility of the environment where it says none. The environment's bindings are
	// not in it, so that a change of them holds at once. Without modules there are files alone.
	Code version.Version
}

// plainPages is the version of an upload in whose code every request begins.
func plainPages(in PagesUpload) (*version.Version, error) {
	v := in.Code
	v.Assets = &version.Assets{Files: in.Files}
	config := object{}
	for name, text := range map[string][]byte{"_headers": in.Headers, "_redirects": in.Redirects} {
		if text != nil {
			config[name] = string(text)
		}
	}
	if len(config) > 0 {
		text, err := json.Marshal(config)
		if err != nil {
			return nil, err
		}
		v.Assets.Config = text
	}
	return &v, nil
}

// pagesUploaded reads the parts of an upload. The bundle of the Functions is a Worker's upload inside it.
func (c *call) pagesUploaded(p *world.PagesProject, cfg world.PagesConfig, form map[string]part, files []version.File) (PagesUpload, error) {
	in := PagesUpload{
		Project: p.Name, Files: files, Routes: form["_routes.json"].content, Headers: form["_headers"].content, Redirects: form["_redirects"].content,
		Code: version.Version{CompatibilityDate: cfg.CompatibilityDate, CompatibilityFlags: cfg.CompatibilityFlags},
	}
	v := &in.Code
	if in.Routes != nil && !json.Valid(in.Routes) {
		return in, badRequest(8000057, "_routes.json is no JSON")
	}
	if script, ok := form["_worker.js"]; ok {
		v.Modules = []version.Module{{Name: "_worker.js", Kind: version.ESModule, Content: script.content}}
	}
	if bundle, ok := form["_worker.bundle"]; ok {
		up, err := decodeUpload(boundaryOf(bundle.content), bundle.content)
		if err != nil {
			return in, err
		}
		mods, sourceMap, errs := up.modules()
		if len(errs) > 0 {
			return in, &failure{status: http.StatusBadRequest, errs: errs}
		}
		v.Modules, v.SourceMap = mods, sourceMap
		v.CompatibilityDate = cmp.Or(up.meta.CompatibilityDate, v.CompatibilityDate)
		if up.meta.CompatibilityFlags != nil {
			v.CompatibilityFlags = up.meta.CompatibilityFlags
		}
		own, errs := c.bindings(&world.Worker{Name: p.Name}, new(version.Version), up.meta.Bindings, nil)
		if len(errs) > 0 {
			return in, &failure{status: http.StatusBadRequest, errs: errs}
		}
		v.Bindings = own
	}
	if errs := c.checkTargets(&world.Worker{Name: p.Name}, over(v.Bindings, cfg.Bindings), v.Classes); len(errs) > 0 {
		return in, &failure{status: http.StatusBadRequest, errs: errs}
	}
	return in, nil
}
