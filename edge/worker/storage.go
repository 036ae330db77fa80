package worker

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/workerd"
)

const objectsDisk = "sundog:objects"

// bundledDate is the compatibility date that the runtime's own storage Workers are written for.
const bundledDate = "2026-01-01"

// disk is a service for a folder below the storage folder.
func (c *compiler) disk(name string, path ...string) {
	if c.shared[name] {
		return
	}
	c.shared[name], c.stores = true, true
	folder := filepath.Join(append([]string{c.storage}, path...)...)
	if err := os.MkdirAll(folder, 0o700); err != nil && c.err == nil {
		c.err = err
	}
	c.config.Services = append(c.config.Services, workerd.Service{Name: name, Disk: &workerd.Disk{Path: folder}})
}

// builtin is a storage Worker that the runtime brings along: code named as its module, with one class.
func (c *compiler) builtin(name, class, binding string, flags []string, more ...workerd.Binding) {
	service := "sundog:" + name
	if c.shared[service] {
		return
	}
	c.shared[service] = true
	c.disk(service+"-disk", name)
	c.service(service, workerd.Worker{
		Modules:    []workerd.Module{{Name: name + ".js", Kind: workerd.Bundled, Content: []byte("/workerd/" + name + ".js")}},
		Date:       bundledDate,
		Flags:      flags,
		Bindings:   append([]workerd.Binding{{Name: binding, Object: &workerd.Object{Class: class}}}, more...),
		Outbound:   intakeService,
		Namespaces: []workerd.Namespace{{Class: class, Key: class, SQL: true}},
		Storage:    service + "-disk",
	})
}

// stored is a binding of one of the storage Workers.
func (c *compiler) stored(u *unit, b version.Binding) workerd.Binding {
	switch b.Type {
	case "kv_namespace":
		if !c.shared["sundog:kv"] {
			c.disk("sundog:kv-blobs", "kv", "blobs")
			c.builtin("kv", "KVNamespace", "SHARD", nil, workerd.Binding{Name: "BLOBS", Service: &workerd.Designator{Service: "sundog:kv-blobs"}})
		}
		return workerd.Binding{Name: b.Name, KV: &workerd.Designator{Service: "sundog:kv", Props: props("namespace", named(u, b, b.NamespaceID))}}
	case "d1":
		c.builtin("d1", "D1Database", "DATABASE", nil)
		return workerd.Binding{Name: b.Name, Wrapped: &workerd.Wrapped{Module: "cloudflare-internal:d1-api", Inner: []workerd.Binding{
			{Name: "fetcher", Service: &workerd.Designator{Service: "sundog:d1", Props: props("database", named(u, b, b.ID))}},
		}}}
	}
	if _, ok := c.queues[b.QueueName]; !ok {
		c.queues[b.QueueName] = queue{}
	}
	return workerd.Binding{Name: b.Name, Queue: &workerd.Designator{Service: "sundog:queues", Props: props("queue", b.QueueName)}}
}

// named is the id of what is stored; what has none is the binding's own.
func named(u *unit, b version.Binding, id string) string {
	if id == "" {
		return u.worker.Name + "-" + b.Name
	}
	return id
}

// queue is how the runtime's queue Worker takes a consumer; one without is only written to.
type queue struct {
	Consumer        string `json:"consumer,omitempty"` // name of a binding
	MaxBatchSize    int    `json:"maxBatchSize,omitempty"`
	MaxBatchTimeout int    `json:"maxBatchTimeout,omitempty"`
	MaxRetries      *int   `json:"maxRetries,omitempty"`
	DeadLetterQueue string `json:"deadLetterQueue,omitempty"`
	RetryDelay      int    `json:"retryDelay,omitempty"`
}

// events wires what comes to a Worker by itself: messages of queues, and the clock.
func (c *compiler) events(u *unit) {
	for _, consumer := range u.consumers() {
		if taken := c.queues[consumer.Queue].Consumer; taken != "" {
			u.warnings = append(u.warnings, fmt.Sprintf("the queue %s has a consumer already", consumer.Queue))
			continue
		}
		name := "c" + strconv.Itoa(len(c.queueIn))
		q := queue{
			Consumer: name, MaxBatchSize: consumer.MaxBatchSize, MaxBatchTimeout: consumer.MaxBatchTimeout,
			DeadLetterQueue: consumer.DeadLetterQueue, RetryDelay: consumer.RetryDelay,
		}
		if consumer.MaxRetries != 0 {
			retries := max(consumer.MaxRetries, 0)
			q.MaxRetries = &retries
		}
		c.queues[consumer.Queue] = q
		c.queueIn = append(c.queueIn, workerd.Binding{Name: name, Service: &workerd.Designator{Service: u.service}})
	}
	if crons := u.crons(); len(crons) > 0 && !c.trial {
		name := "c" + strconv.Itoa(len(c.cronIn))
		c.crons[name] = crons
		c.cronIn = append(c.cronIn, workerd.Binding{Name: name, Service: &workerd.Designator{Service: u.service}})
	}
}

// storageServices are those that need to know all Workers.
func (c *compiler) storageServices() {
	extra := []string{"service_binding_extra_handlers"}
	if len(c.queues) > 0 {
		consumers := map[string]queue{}
		for name, q := range c.queues {
			if q.Consumer != "" {
				consumers[name] = q
			}
		}
		c.builtin("queues", "QueueShard", "SHARD", extra, append([]workerd.Binding{object("CONSUMERS", consumers)}, c.queueIn...)...)
	}
	if len(c.crons) > 0 {
		c.builtin("cron", "Schedule", "SCHEDULE", extra, append([]workerd.Binding{object("CRONS", c.crons)}, c.cronIn...)...)
	}
}

func object(name string, v any) workerd.Binding {
	b, _ := json.Marshal(v) // maps of plain values
	return workerd.Binding{Name: name, JSON: string(b)}
}

// objects gives a Worker its Durable Object classes. A version that is only previewed has none of its own: its
// bindings lead to production's, as two Workers cannot hold one object.
func (c *compiler) objects(u *unit, w *workerd.Worker) {
	if u.preview || len(u.version.Classes) == 0 {
		return
	}
	c.disk(objectsDisk, "objects")
	w.Storage = objectsDisk
	for _, class := range u.version.Classes {
		w.Namespaces = append(w.Namespaces, workerd.Namespace{Class: class.Name, Key: u.worker.Name + "-" + class.Name, SQL: class.SQLite})
	}
}

// object binds a Durable Object class, of this Worker or of another.
func (c *compiler) object(u *unit, b version.Binding) workerd.Binding {
	owner := b.ScriptName
	if owner == "" {
		owner = u.worker.Name
	}
	to := c.plan.live[owner]
	switch {
	case to == nil:
		return c.thrower(u, b, b.Name+" -> "+owner+" is not in this world"+place(b))
	case to.version == nil:
		return c.thrower(u, b, fmt.Sprintf("%s -> %s did not start: %s%s", b.Name, owner, firstLine(to.err), place(b)))
	case !slices.ContainsFunc(to.version.Classes, func(k version.Class) bool { return k.Name == b.ClassName }):
		return c.thrower(u, b, fmt.Sprintf("%s -> %s has no Durable Object class %s in its migrations%s", b.Name, owner, b.ClassName, place(b)))
	}
	o := &workerd.Object{Class: b.ClassName}
	if to != u {
		o.Service = to.service
	}
	return workerd.Binding{Name: b.Name, Object: o}
}

// assets are the static files beside a unit's code.
func (c *compiler) assets(u *unit) {
	folder, err := c.files(u)
	if err != nil && c.err == nil {
		c.err = err
	}
	config, err := assetConfig(u.version.Assets, folder)
	if err != nil {
		u.warnings = append(u.warnings, err.Error())
	}
	a := &workerd.Assets{Path: folder, Config: config}
	if len(u.version.Modules) > 0 {
		a.User = u.service
	} else {
		a.Date, a.Flags = u.date, u.version.CompatibilityFlags
	}
	c.config.Services = append(c.config.Services, workerd.Service{Name: u.service + assetsSuffix, Assets: a})
}

// assetConfig is the runtime's configuration of the files: the version's, and what the folder's own files say.
func assetConfig(a *version.Assets, folder string) (string, error) {
	config := map[string]json.RawMessage{}
	var wrong error
	if len(a.Config) > 0 {
		if err := json.Unmarshal(a.Config, &config); err != nil {
			wrong = fmt.Errorf("the configuration of the assets is no object: %w", err)
		}
	}
	for key, file := range map[string]string{"headers": "_headers", "redirects": "_redirects", "ignore": ".assetsignore"} {
		if _, given := config[key]; given {
			continue
		}
		if content, err := os.ReadFile(filepath.Join(folder, file)); err == nil {
			config[key], _ = json.Marshal(string(content))
		}
	}
	b, err := json.Marshal(config)
	if err != nil {
		return "{}", err
	}
	return string(b), wrong
}
