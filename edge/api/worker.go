package api

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/derive"
)

// keptVersions is how many versions and deployments of a Worker are remembered.
const keptVersions = 10

// worker is a copy of the Worker that the path names; nil: there is none.
func (c *call) worker() *world.Worker { return c.workerNamed(c.arg("script")) }

func (c *call) workerNamed(name string) *world.Worker {
	w := get[world.Worker](c.layers, world.KindWorker, name)
	if w == nil {
		return nil
	}
	own := *w
	return &own
}

// newWorker is one of that name, which is in no file.
func (c *call) newWorker(name string) (*world.Worker, error) {
	if name == "" || len(name) > 63 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" || name[0] == '-' {
		return nil, badRequest(10016, "%q is no name of a Worker: at most 63 lower-case letters, digits, _ and -, the first none of the dashes", name)
	}
	now := c.Now().UTC()
	return &world.Worker{ID: derive.Hex32(c.account, "worker", name), Name: name, Created: now, Modified: now}, nil
}

// versions are those of a Worker that were uploaded, newest first.
func (c *call) versions(worker string) []*version.Version {
	vs := all(c.layers, world.KindWorkerVersion, func(v *version.Version) bool { return v.Worker == worker })
	slices.SortFunc(vs, func(a, b *version.Version) int { return cmp.Compare(b.Number, a.Number) })
	return vs
}

func (c *call) version(worker, id string) *version.Version {
	v := get[version.Version](c.layers, world.KindWorkerVersion, id)
	if v == nil || v.Worker != worker {
		return nil
	}
	return v
}

// latest is the newest upload, or what the folder says; never nil.
func (c *call) latest(w *world.Worker) *version.Version {
	if vs := c.versions(w.Name); len(vs) > 0 {
		return vs[0]
	}
	return ofFolder(w)
}

// current is what production runs; never nil.
func (c *call) current(w *world.Worker) *version.Version {
	if v := c.version(w.Name, w.Current()); v != nil {
		return v
	}
	return ofFolder(w)
}

// ofFolder is what a Worker has without an upload.
func ofFolder(w *world.Worker) *version.Version {
	if w.Project == nil {
		return &version.Version{Worker: w.Name, Bindings: w.Secrets}
	}
	v := w.Project.Version
	v.Bindings = over(v.Bindings, w.Secrets)
	return &v
}

// over are bindings with others in the places of those of the same names.
func over(bindings, others []version.Binding) []version.Binding {
	out := slices.DeleteFunc(slices.Clone(bindings), func(b version.Binding) bool { return named(others, b.Name) != nil })
	return append(out, others...)
}

func named(bindings []version.Binding, name string) *version.Binding {
	if i := slices.IndexFunc(bindings, func(b version.Binding) bool { return b.Name == name }); i >= 0 {
		return &bindings[i]
	}
	return nil
}

// number is that of the next version.
func (c *call) nextNumber(worker string) int {
	if vs := c.versions(worker); len(vs) > 0 {
		return vs[0].Number + 1
	}
	return 1
}

// source is who asks, as versions and deployments have it.
func (c *call) source() string {
	if strings.HasPrefix(c.r.UserAgent(), "wrangler") {
		return "wrangler"
	}
	return "api"
}

// enforce makes a deployment the one that counts. The upload then stands for the folder.
func (c *call) enforce(w *world.Worker, shares []world.Share, annotations map[string]string, trigger string) (world.Deployment, error) {
	id, err := c.newUUID()
	if err != nil {
		return world.Deployment{}, err
	}
	now := c.Now().UTC()
	notes := map[string]string{"workers/triggered_by": trigger}
	maps.Copy(notes, annotations)
	d := world.Deployment{ID: id, Created: now, Source: c.source(), Strategy: "percentage", Author: c.Email, Annotations: notes, Versions: shares}
	w.Deployments = append([]world.Deployment{d}, w.Deployments[:min(len(w.Deployments), keptVersions-1)]...)
	w.Modified, w.Project, w.URL, w.Secrets = now, nil, "", nil
	return d, nil
}

// forget removes versions that are neither new nor deployed; more are about to be there.
func (c *call) forget(w *world.Worker, more int) (edits []world.Edit) {
	used := map[string]bool{}
	for _, d := range w.Deployments {
		for _, share := range d.Versions {
			used[share.VersionID] = true
		}
	}
	for i, v := range c.versions(w.Name) {
		if i+more >= keptVersions && !used[v.ID] {
			edits = append(edits, remove(world.KindWorkerVersion, v.ID))
		}
	}
	return edits
}

// etag is the same for the same code.
func etag(v *version.Version) string {
	h := sha256.New()
	for _, m := range v.Modules {
		h.Write([]byte(m.Name + "\x00" + string(m.Kind) + "\x00"))
		h.Write(m.Content)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// handlers are the events that the default export takes, as far as the exports tell.
func handlers(v *version.Version) []string {
	if slices.Contains(v.Exports, "default") {
		return []string{"fetch"}
	}
	return []string{}
}

// scriptObject is a Worker as the API's scripts are.
func (c *call) scriptObject(w *world.Worker) object {
	v := c.current(w)
	o := object{
		"id": w.Name, "tag": w.ID, "etag": etag(v), "handlers": handlers(v), "tags": append([]string{}, w.Tags...),
		"created_on": stamp(w.Created), "modified_on": stamp(w.Modified), "usage_model": "standard", "has_assets": v.Assets != nil, "has_modules": true,
		"compatibility_date": v.CompatibilityDate, "compatibility_flags": append([]string{}, v.CompatibilityFlags...),
		"last_deployed_from": cmp.Or(v.Source, "wrangler"), "logpush": false, "placement": object{}, "tail_consumers": []any{},
	}
	if w.MigrationTag != "" {
		o["migration_tag"] = w.MigrationTag
	}
	return withKept(o, w.Kept, "observability")
}
