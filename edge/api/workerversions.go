package api

import (
	"encoding/base64"
	"mime"
	"net/http"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// workerVersionObject is a version as the newer resource workers/workers has it.
func (c *call) workerVersionObject(w *world.Worker, v *version.Version) object {
	o := object{
		"id": v.ID, "number": v.Number, "created_on": v.Created, "author_email": c.Email, "source": v.Source, "usage_model": "standard",
		"annotations": notesOf(v), "bindings": shown(v.Bindings), "urls": c.previewURLs(w, v),
		"compatibility_date": v.CompatibilityDate, "compatibility_flags": append([]string{}, v.CompatibilityFlags...),
	}
	if len(v.Modules) > 0 {
		o["main_module"] = v.Modules[0].Name
	}
	if v.Assets != nil && v.Assets.Config != nil {
		o["assets"] = object{"config": v.Assets.Config}
	}
	if w.MigrationTag != "" {
		o["migration_tag"] = w.MigrationTag
	}
	return withKept(o, w.Kept, "limits", "placement", "cache_options")
}

// previewURLs are the addresses of one version, where its Worker has any.
func (c *call) previewURLs(w *world.Worker, v *version.Version) []string {
	account := settings(c.layers).WorkersSubdomain
	if account == "" || !w.PreviewURLs {
		return []string{}
	}
	suffix := "-" + w.Name + "." + account + ".workers.dev"
	urls := []string{"https://" + v.ID[:8] + suffix}
	if alias := v.Alias(); alias != "" {
		urls = append(urls, "https://"+alias+suffix)
	}
	return urls
}

// ownedVersion is the version that the path names, "latest" among the names, and its Worker.
func (c *call) ownedVersion() (*world.Worker, *version.Version, error) {
	w := c.workerByNameOrID(c.arg("worker"))
	if w == nil {
		return nil, nil, noScript()
	}
	id := c.arg("version")
	if id == "latest" {
		id = c.latest(w).ID
	}
	v := c.version(w.Name, id)
	if v == nil {
		return nil, nil, noVersion(c.arg("version"))
	}
	return w, v, nil
}

func (c *call) workerVersions() (any, error) {
	w := c.workerByNameOrID(c.arg("worker"))
	if w == nil {
		return nil, noScript()
	}
	l := paged(c.query, c.versions(w.Name), 10, 100)
	items := []object{}
	for _, v := range l.items.([]*version.Version) {
		items = append(items, c.workerVersionObject(w, v))
	}
	return list{items, l.info}, nil
}

func (c *call) oneWorkerVersion() (any, error) {
	w, v, err := c.ownedVersion()
	if err != nil {
		return nil, err
	}
	o := c.workerVersionObject(w, v)
	switch include := c.query.Get("include"); include {
	case "":
	case "modules":
		modules := []sentModule{}
		for _, m := range v.Modules {
			modules = append(modules, sentModule{m.Name, mediaType(m.Kind), m.Content})
		}
		if v.SourceMap != nil && len(v.Modules) > 0 {
			modules = append(modules, sentModule{v.Modules[0].Name + ".map", "application/source-map", v.SourceMap})
		}
		o["modules"] = modules
	default:
		return nil, badRequest(10021, `include is %q, and should be "modules"`, include)
	}
	return o, nil
}

// sentModule is a module in JSON.
type sentModule struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Content     []byte `json:"content_base64"`
}

// postWorkerVersion makes a version of modules in JSON. With ?deploy=true it takes the requests at once.
func (c *call) postWorkerVersion() (any, error) {
	var in struct {
		Modules []struct {
			Name        string `json:"name"`
			ContentType string `json:"content_type"`
			Content     string `json:"content_base64"`
		} `json:"modules"`
	}
	up := new(upload)
	if err := c.decode(&up.meta); err != nil {
		return nil, err
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	w := c.workerByNameOrID(c.arg("worker"))
	if w == nil {
		return nil, noScript()
	}
	if len(in.Modules) > maxParts {
		return nil, badRequest(10021, "modules has more than %d items", maxParts)
	}
	for i, m := range in.Modules {
		content, err := base64.StdEncoding.DecodeString(m.Content)
		if err != nil {
			return nil, badRequest(10021, "modules[%d].content_base64: %v", i, err)
		}
		kind, _, err := mime.ParseMediaType(m.ContentType)
		if err != nil {
			kind = m.ContentType
		}
		up.files = append(up.files, file{strings.TrimPrefix(m.Name, "./"), kind, content})
	}
	v, err := c.compose(w, up)
	if err != nil {
		return nil, err
	}
	w.Modified = v.Created
	if c.query.Get("deploy") == "true" {
		if _, err := c.enforce(w, []world.Share{{VersionID: v.ID, Percentage: 100}}, v.Annotations, "upload"); err != nil {
			return nil, err
		}
	}
	took, err := c.deployed(w, v)
	if err != nil {
		return nil, err
	}
	o := c.workerVersionObject(w, v)
	o["startup_time_ms"] = took.Milliseconds()
	return o, nil
}

// deleteWorkerVersion forgets a version that takes no requests.
func (c *call) deleteWorkerVersion() (any, error) {
	w, v, err := c.ownedVersion()
	if err != nil {
		return nil, err
	}
	for i, d := range w.Deployments {
		for _, share := range d.Versions {
			if share.VersionID != v.ID {
				continue
			}
			if i == 0 {
				return nil, fail(http.StatusBadRequest, 10021, "The version %q is deployed, and cannot be deleted.", v.ID)
			}
			return nil, fail(http.StatusBadRequest, 10021, "The version %q is of the deployment %q: delete that first.", v.ID, d.ID)
		}
	}
	return nil, c.edit(remove(world.KindWorkerVersion, v.ID))
}
