package api

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"strconv"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// putScript makes a version of what is uploaded, and deploys it.
func (c *call) putScript() (any, error) {
	up, err := c.uploaded()
	if err != nil {
		return nil, err
	}
	w := c.worker()
	if w == nil {
		if w, err = c.newWorker(c.arg("script")); err != nil {
			return nil, err
		}
	}
	v, err := c.compose(w, up)
	if err != nil {
		return nil, err
	}
	if _, err := c.enforce(w, []world.Share{{VersionID: v.ID, Percentage: 100}}, v.Annotations, "upload"); err != nil {
		return nil, err
	}
	took, err := c.deployed(w, v)
	if err != nil {
		return nil, err
	}
	o := c.scriptObject(w)
	o["deployment_id"], o["startup_time_ms"] = plainID(v.ID), took.Milliseconds()
	return o, nil
}

// deployed writes a new version and its Worker, and says how long it took to start.
func (c *call) deployed(w *world.Worker, v *version.Version) (time.Duration, error) {
	began := c.Now()
	if err := c.deploy(w.Name, append(c.forget(w, 1), put(v), put(w))...); err != nil {
		return 0, err
	}
	took := c.Now().Sub(began)
	c.layers = c.Store.Layers()
	return took, nil
}

func (c *call) scripts() (any, error) {
	items := []object{}
	for _, w := range all[world.Worker](c.layers, world.KindWorker, nil) {
		o := c.scriptObject(w)
		o["routes"] = c.routesOf(w.Name)
		items = append(items, o)
	}
	return paged(c.query, items, 1000, 1000), nil
}

// service is a Worker as wrangler asks whether it is there.
func (c *call) service() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noService()
	}
	environment := object{
		"environment": "production", "created_on": stamp(w.Created), "modified_on": stamp(w.Modified), "script": c.scriptObject(w),
	}
	return object{
		"id": w.Name, "default_environment": environment, "environments": []object{environment},
		"created_on": stamp(w.Created), "modified_on": stamp(w.Modified),
	}, nil
}

// script is the code: one part a module, as it was uploaded.
func (c *call) script() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	v := c.current(w)
	if len(v.Modules) == 0 {
		return nil, badRequest(10007, "The code of %q lies in a folder and was never uploaded.", w.Name)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, m := range v.Modules {
		p, err := form.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf("form-data; name=%s; filename=%s", strconv.Quote(m.Name), strconv.Quote(m.Name))},
			"Content-Type":        {mediaType(m.Kind)},
		})
		if err != nil {
			return nil, err
		}
		p.Write(m.Content)
	}
	form.Close()
	return raw{form.FormDataContentType(), body.Bytes()}, nil
}

func mediaType(kind version.Kind) string {
	switch kind {
	case version.ESModule:
		return "application/javascript+module"
	case version.CommonJS:
		return "application/javascript"
	case version.Text:
		return "text/plain"
	case version.Wasm:
		return "application/wasm"
	case version.JSON:
		return "application/json"
	}
	return "application/octet-stream"
}

// deleteService removes a Worker, unless others are bound to it.
func (c *call) deleteService() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noService()
	}
	return c.removeWorker(w)
}

func (c *call) deleteScript() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	return c.removeWorker(w)
}

func (c *call) removeWorker(w *world.Worker) (any, error) {
	if users := c.incoming(w.Name); len(users) > 0 && c.query.Get("force") != "true" {
		return nil, badRequest(10064, "This Worker cannot be deleted: service bindings of %q lead to it. Use force to delete it all the same.", users[0])
	}
	edits := []world.Edit{remove(world.KindWorker, w.Name)}
	for _, v := range c.versions(w.Name) {
		edits = append(edits, remove(world.KindWorkerVersion, v.ID))
	}
	for _, r := range all(c.layers, world.KindWorkerRoute, func(r *world.WorkerRoute) bool { return r.Script == w.Name }) {
		edits = append(edits, remove(world.KindWorkerRoute, r.ID))
	}
	for _, d := range c.domainsOf(w.Name) {
		edits = append(edits, c.withoutDomain(d)...)
	}
	if err := c.edit(edits...); err != nil {
		return nil, err
	}
	return object{"id": w.Name}, nil
}

// incoming are the Workers that have a service binding to one.
func (c *call) incoming(name string) []string {
	names := []string{}
	for _, other := range all(c.layers, world.KindWorker, func(w *world.Worker) bool { return w.Name != name }) {
		for _, b := range c.current(other).Bindings {
			if b.Type == "service" && b.Service == name {
				names = append(names, other.Name)
				break
			}
		}
	}
	return names
}

// references are what a person is warned of who deletes a Worker.
func (c *call) references() (any, error) {
	if c.worker() == nil {
		return nil, noScript()
	}
	incoming := []object{}
	for _, name := range c.incoming(c.arg("script")) {
		incoming = append(incoming, object{"name": name, "service": name, "environment": "production"})
	}
	return object{
		"services":        object{"incoming": incoming, "outgoing": []any{}, "pages_function": false},
		"durable_objects": []any{}, "dispatch_outbounds": []any{},
	}, nil
}

func (c *call) none() (any, error) { return paged(c.query, []object{}, 100, 1000), nil }
