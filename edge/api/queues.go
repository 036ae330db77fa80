package api

import (
	"maps"
	"net/http"
	"slices"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/derive"
)

func (c *call) queueID(name string) string { return derive.Hex32(c.account, "queue", name) }

// consumed is what a Worker consumes: what the API made it, and what its version says.
func (c *call) consumed(w *world.Worker) []version.Consumer {
	return append(slices.Clone(w.Consumers), c.current(w).Consumers...)
}

// queueNames are the queues that any Worker produces to or consumes.
func (c *call) queueNames() []string {
	names := map[string]bool{}
	for _, w := range all[world.Worker](c.layers, world.KindWorker, nil) {
		for _, b := range c.current(w).Bindings {
			if b.Type == "queue" {
				names[b.QueueName] = true
			}
		}
		for _, q := range c.consumed(w) {
			names[q.Queue] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// queues lists them. A queue that is asked for by name is there: it needs no making before a Worker uses it.
func (c *call) queues() (any, error) {
	names := c.queueNames()
	if name := c.query.Get("name"); name != "" {
		c.asked.add(name)
		names = []string{name}
	}
	l := paged(c.query, names, 100, 100)
	items := []object{}
	for _, name := range l.items.([]string) {
		items = append(items, c.queueObject(name))
	}
	return list{items, l.info}, nil
}

func (c *call) queueObject(name string) object {
	consumers := []object{}
	for _, w := range all[world.Worker](c.layers, world.KindWorker, nil) {
		for _, q := range c.consumed(w) {
			if q.Queue == name {
				consumers = append(consumers, c.consumerObject(w.Name, q))
				break
			}
		}
	}
	return object{
		"queue_id": c.queueID(name), "queue_name": name, "producers": []any{}, "producers_total_count": 0,
		"consumers": consumers, "consumers_total_count": len(consumers), "settings": object{},
	}
}

func (c *call) consumerObject(worker string, q version.Consumer) object {
	return object{
		"consumer_id": derive.Hex32(c.account, "queue_consumer", q.Queue+" "+worker), "type": "worker", "queue_name": q.Queue,
		"script": worker, "script_name": worker, "dead_letter_queue": q.DeadLetterQueue,
		"settings": object{"batch_size": q.MaxBatchSize, "max_wait_time_ms": q.MaxBatchTimeout * 1000, "max_retries": q.MaxRetries, "retry_delay": q.RetryDelay},
	}
}

// putConsumer makes a Worker the consumer of a queue, or changes how it is one.
func (c *call) putConsumer() (any, error) {
	var in struct {
		Type            string `json:"type"`
		ScriptName      string `json:"script_name"`
		DeadLetterQueue string `json:"dead_letter_queue"`
		QueueName       string `json:"queue_name"`
		Settings        struct {
			BatchSize  int  `json:"batch_size"`
			MaxRetries *int `json:"max_retries"`
			MaxWait    int  `json:"max_wait_time_ms"`
			RetryDelay int  `json:"retry_delay"`
		} `json:"settings"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Type != "worker" {
		return nil, badRequest(11010, "a consumer of type %q is not supported yet: only worker is", in.Type)
	}
	w := c.workerNamed(in.ScriptName)
	if w == nil {
		return nil, noScript()
	}
	name := c.queueNamed(in.QueueName)
	if name == "" {
		return nil, fail(http.StatusNotFound, 11000, "Queue %q does not exist: no Worker produces to it or consumes it.", c.arg("queue"))
	}
	q := version.Consumer{
		Queue: name, MaxBatchSize: in.Settings.BatchSize, MaxBatchTimeout: in.Settings.MaxWait / 1000,
		DeadLetterQueue: in.DeadLetterQueue, RetryDelay: in.Settings.RetryDelay,
	}
	if r := in.Settings.MaxRetries; r != nil {
		if q.MaxRetries = *r; *r == 0 {
			q.MaxRetries = -1
		}
	}
	w.Consumers = append(slices.DeleteFunc(slices.Clone(w.Consumers), func(x version.Consumer) bool { return x.Queue == name }), q)
	if err := c.deploy(w.Name, put(w)); err != nil {
		return nil, err
	}
	return c.consumerObject(w.Name, q), nil
}

// queueNamed is the queue of the path's id. Ids are made of names, so a queue that no Worker uses yet is
// only found by those that were asked for lately.
func (c *call) queueNamed(given string) string {
	id := c.arg("queue")
	names := c.queueNames()
	if given != "" {
		names = append(names, given)
	}
	for _, name := range append(names, c.asked.names()...) {
		if c.queueID(name) == id {
			return name
		}
	}
	return ""
}

// namespaces are the KV namespaces that Workers are bound to.
func (c *call) namespaces() (any, error) {
	ids := map[string]bool{}
	for _, w := range all[world.Worker](c.layers, world.KindWorker, nil) {
		for _, b := range c.current(w).Bindings {
			if b.Type == "kv_namespace" && b.NamespaceID != "" {
				ids[b.NamespaceID] = true
			}
		}
	}
	items := []object{}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		items = append(items, object{"id": id, "title": id, "supports_url_encoding": true})
	}
	return paged(c.query, items, 20, 1000), nil
}
