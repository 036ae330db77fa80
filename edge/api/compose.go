package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// compose makes the next version of a Worker out of an upload. It changes w where the upload speaks of
// the Worker as a whole. All that is wrong is one failure.
func (c *call) compose(w *world.Worker, up *upload) (*version.Version, error) {
	base := c.latest(w)
	mods, sourceMap, errs := up.modules()
	if len(up.meta.Exports) > 0 && string(up.meta.Exports) != "null" && string(up.meta.Exports) != "{}" {
		errs = append(errs, badRequest(100402, "metadata.exports is not supported yet: declare Durable Object classes by migrations").errs...)
	}
	before := base.Classes
	if base.ID == "" && up.meta.Migrations != nil {
		before = nil // no migration was ever applied to a folder: the client sends all of them
	}
	classes, err := up.meta.Migrations.migrate(before)
	if err != nil {
		errs = append(errs, c.failureOf(err).errs...)
	}
	if date := up.meta.CompatibilityDate; date != "" {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			errs = append(errs, badRequest(10021, "compatibility_date is %q, and should be a date as 2026-11-01", date).errs...)
		}
	}
	bindings, wrong := c.bindings(w, base, up.meta.Bindings, up.meta.KeepBindings)
	errs = append(errs, wrong...)
	errs = append(errs, c.checkTargets(w, bindings, classes)...)
	assets, err := c.assetsOf(base, up)
	if err != nil {
		errs = append(errs, c.failureOf(err).errs...)
	}
	if len(errs) > 0 {
		return nil, &failure{status: http.StatusBadRequest, errs: errs}
	}
	id, err := c.newUUID()
	if err != nil {
		return nil, err
	}
	if up.meta.Tags != nil {
		w.Tags = up.meta.Tags
	}
	leaveFolder(w, base)
	w.Kept = keep(w.Kept, up.meta.sent, fleetSettings)
	if m := up.meta.Migrations; m != nil && m.NewTag != "" {
		w.MigrationTag = m.NewTag
	}
	return &version.Version{
		ID: id, Number: c.nextNumber(w.Name), Worker: w.Name,
		Modules: mods, SourceMap: sourceMap,
		CompatibilityDate: up.meta.CompatibilityDate, CompatibilityFlags: up.meta.CompatibilityFlags,
		Bindings: bindings, Classes: classes, Assets: assets,
		Annotations: up.meta.Annotations, Created: c.Now().UTC(), Source: c.source(),
	}, nil
}

// leaveFolder makes what the folder said of triggers the Worker's own, when base is the folder.
func leaveFolder(w *world.Worker, base *version.Version) {
	if base.ID != "" {
		return
	}
	if w.Crons == nil {
		w.Crons = base.Crons
	}
	if w.Consumers == nil {
		w.Consumers = base.Consumers
	}
}

// bindings are those that an upload sends, with what it inherits and keeps of base.
func (c *call) bindings(w *world.Worker, base *version.Version, sent []sentBinding, keep []string) (out []version.Binding, errs []apiError) {
	seen := map[string]bool{}
	for i, b := range sent {
		bad := func(code int, format string, args ...any) {
			errs = append(errs, apiError{Code: code, Message: fmt.Sprintf(format, args...), Source: &source{Pointer: fmt.Sprintf("/metadata/bindings/%d", i)}})
		}
		switch {
		case b.Name == "":
			bad(10021, "a binding of type %q has no name", b.Type)
			continue
		case b.Type == "":
			bad(10021, "binding %q has no type", b.Name)
			continue
		case seen[b.Name]:
			bad(10021, "two bindings are named %q", b.Name)
			continue
		}
		seen[b.Name] = true
		if b.Type != "inherit" {
			out = append(out, b.Binding)
			continue
		}
		from := base
		if b.VersionID != "" && b.VersionID != "latest" {
			if from = c.version(w.Name, b.VersionID); from == nil {
				bad(10057, "inherit binding '%s' is invalid: version '%s' was not found", b.Name, b.VersionID)
				continue
			}
		}
		old := b.Name
		if b.OldName != "" {
			old = b.OldName
		}
		was := named(from.Bindings, old)
		if was == nil {
			bad(10057, "inherit binding '%s' is invalid: the previous version has no binding '%s'", b.Name, old)
			continue
		}
		out = append(out, renamedTo(*was, b.Name))
	}
	for _, b := range base.Bindings {
		if slices.Contains(keep, b.Type) && !seen[b.Name] {
			out = append(out, b)
		}
	}
	return out, errs
}

// renamedTo is a binding under another name, if it is another.
func renamedTo(b version.Binding, name string) version.Binding {
	if b.Name == name {
		return b
	}
	b.Name = name
	var fields map[string]json.RawMessage
	if json.Unmarshal(b.Sent, &fields) == nil {
		fields["name"], _ = json.Marshal(name)
		b.Sent, _ = json.Marshal(fields)
	}
	return b
}

// checkTargets is what bindings name and is not there.
func (c *call) checkTargets(w *world.Worker, bindings []version.Binding, classes []version.Class) (errs []apiError) {
	bad := func(code int, format string, args ...any) {
		errs = append(errs, apiError{Code: code, Message: fmt.Sprintf(format, args...)})
	}
	isWorker := func(name string) bool {
		return name == w.Name || get[world.Worker](c.layers, world.KindWorker, name) != nil
	}
	for _, b := range bindings {
		switch b.Type {
		case "service":
			if !isWorker(b.Service) {
				hint := ""
				if v := first(c.layers, world.KindVPCService, func(v *world.VPCService) bool { return v.Name == b.Service || v.ID == b.Service }); v != nil {
					hint = " That is a VPC service: bind it under vpc_services, with \"service_id\": \"" + v.ID + "\"."
				}
				bad(10143, "Could not resolve service binding '%s'. Target script '%s' not found. Please verify the target script and try again.%s", b.Name, b.Service, hint)
			}
		case "vpc_service":
			if get[world.VPCService](c.layers, world.KindVPCService, b.ServiceID) == nil {
				bad(10056, "binding '%s': VPC service '%s' not found", b.Name, b.ServiceID)
			}
		case "vpc_network":
			if t := b.TunnelID; t != "" && first(c.layers, world.KindTunnel, func(x *world.Tunnel) bool { return x.UUID == t || x.ID == t || x.Name == t }) == nil {
				bad(10056, "binding '%s': tunnel '%s' not found", b.Name, t)
			}
			if (b.TunnelID == "") == (b.NetworkID == "") {
				bad(10021, "binding '%s': one of tunnel_id and network_id says the network", b.Name)
			}
		case "durable_object_namespace":
			if b.ClassName == "" { // of a Pages project, by the id of its namespace
				continue
			}
			own := b.ScriptName == "" || b.ScriptName == w.Name
			if own && !slices.ContainsFunc(classes, func(k version.Class) bool { return k.Name == b.ClassName }) {
				bad(10061, "Cannot create binding for class '%s' because it is not currently configured to implement Durable Objects. Did you forget to apply a new-class migration?", b.ClassName)
			} else if !own && !isWorker(b.ScriptName) {
				bad(10061, "Cannot create binding for class '%s' in script '%s' because the script does not exist.", b.ClassName, b.ScriptName)
			}
		}
	}
	return errs
}

// assetsOf are the files of an upload: those of its session, or with keep_assets those of base.
func (c *call) assetsOf(base *version.Version, up *upload) (*version.Assets, error) {
	switch a := up.meta.Assets; {
	case a != nil && a.JWT != "":
		files, err := c.uploads.complete(a.JWT)
		if err != nil {
			return nil, err
		}
		return &version.Assets{Files: files, Config: a.Config}, nil
	case up.meta.KeepAssets && base.Assets != nil:
		kept := *base.Assets
		if a != nil && a.Config != nil {
			kept.Config = a.Config
		}
		return &kept, nil
	case a != nil:
		return nil, badRequest(10021, "metadata.assets has no jwt of an upload session")
	}
	return nil, nil
}

// uploaded reads the body as a Worker. What the real API would not take is told.
func (c *call) uploaded() (*upload, error) {
	up, err := decodeUpload(c.r.Header.Get("Content-Type"), c.body)
	if err != nil {
		return nil, err
	}
	switch {
	case up.asScript:
		c.Log.Warn("the real API takes this upload for a script, because its Content-Type says so: it is a form, as cloudflare 7 of npm sends it", "path", c.r.URL.Path, "mend", sendItSo)
	case up.inLeaves:
		c.toldInLeaves("metadata")
	}
	return up, nil
}

// sendItSo is the form of an upload that the real API takes from any client.
const sendItSo = "send a FormData of your own with metadata as one part of JSON and each module under its name, or use workers.beta.workers.versions"

// toldInLeaves warns that a field of a form came in a shape that the real API does not read.
func (c *call) toldInLeaves(field string) {
	c.Log.Warn("the real API reads no "+field+" of a form but as one part of JSON, and this has a part for each value, as cloudflare 7 of npm and cloudflare-go 7.8 send it", "path", c.r.URL.Path, "mend", sendItSo)
}

// plainID is an id without its dashes, as a deployment_id is shown.
func plainID(id string) string { return strings.ReplaceAll(id, "-", "") }
