package edge

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/sundog-edge/sundog/edge/api"
	"github.com/sundog-edge/sundog/edge/worker"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// store is the edge as the REST API writes it.
type store Edge

func (s *store) Layers() world.Layers { return s.snap.Load().layers }

func (s *store) Edit(_ context.Context, edits ...world.Edit) error { return (*Edge)(s).Edit(edits...) }

// Deploy tries the code that the edits would make current, and edits only when it starts. It returns when that code
// serves.
func (s *store) Deploy(ctx context.Context, name string, edits ...world.Edit) error {
	e := (*Edge)(s)
	if err := e.tryCode(ctx, name, edits); err != nil {
		return err
	}
	before := e.snap.Load()
	if err := e.Edit(edits...); err != nil {
		return err
	}
	report, err := e.AwaitCode(ctx)
	if err == nil && report != nil {
		err = report.Err
	}
	if err != nil {
		return err
	}
	e.tellDeployed(name, before, e.snap.Load())
	return nil
}

// tellDeployed tells the person at the terminal that another version of a Worker serves from now on.
func (e *Edge) tellDeployed(name string, before, now *snapshot) {
	w, ok := find(now.scripts.workers, name)
	if !ok {
		return
	}
	old, was := find(before.scripts.workers, name)
	if was && old.Current() == w.Current() {
		return
	}
	text := name + ": version " + w.Current() + " is deployed"
	if was && old.Current() == "" && old.Project != nil {
		text += ", and serves in place of the folder, whose edits wait for the next deploy"
	}
	e.log.Info(text)
}

// tryCode starts the code as the edits would have it, beside what runs.
func (e *Edge) tryCode(ctx context.Context, name string, edits []world.Edit) error {
	e.mu.Lock()
	old := e.snap.Load()
	layers, changes := old.layers.Edit(edits...)
	c, err := e.compile(old, layers, changes)
	if err == nil {
		for _, t := range c.made {
			t.close()
		}
	}
	e.mu.Unlock()
	if err != nil {
		return err
	}
	set := e.codeSet(c.next)
	if _, ok := find(c.next.scripts.workers, name); !ok {
		name = pagesName(name)
	}
	i := slices.IndexFunc(set.Workers, func(w worker.Worker) bool { return w.Name == name })
	v := versionPut(edits, name)
	if i < 0 && v == nil {
		return nil // it has no code yet
	}
	if v != nil { // also one that only previews serve so far
		set.Workers = slices.Clone(set.Workers)
		if i < 0 {
			i = len(set.Workers)
			set.Workers = append(set.Workers, worker.Worker{Name: name})
		}
		w := &set.Workers[i]
		w.URL, w.Project, w.Version = "", nil, v
	}
	if err = e.code.engine.Try(ctx, set, name); err != nil && ctx.Err() == nil {
		return &api.InvalidError{Text: err.Error()} // no workerd is one, too: to try again does not help
	}
	return err
}

// versionPut is the version of a Worker that edits put; nil: they put none.
func versionPut(edits []world.Edit, worker string) *version.Version {
	for _, e := range edits {
		if e.Put == nil {
			continue
		}
		if v, ok := e.Put.Value.(*version.Version); ok && v.Worker == worker {
			return v
		}
	}
	return nil
}

// keptTraces is how many events a slow reader of a tail may be behind.
const keptTraces = 256

func (s *store) Tail(ctx context.Context, name string) <-chan json.RawMessage {
	e := (*Edge)(s)
	traces := make(chan json.RawMessage, keptTraces)
	stop := e.TailWorker(name, func(trace json.RawMessage) {
		select {
		case traces <- trace:
		default: // who reads is too slow
		}
	})
	ended := sync.OnceFunc(func() {
		stop()
		close(traces)
	})
	forget := context.AfterFunc(e.running, ended)
	context.AfterFunc(ctx, func() {
		forget()
		ended()
	})
	return traces
}
