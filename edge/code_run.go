package edge

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sundog-edge/sundog/edge/worker"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// codeRunner gives the engine what is to run: the newest set, one at a time, in the background.
type codeRunner struct {
	edge    *Edge
	engine  *worker.Engine
	builder builder
	kicks   chan struct{} // holds one: there is something new

	mu      sync.Mutex     // guards what follows
	started bool           // the loop runs
	asked   uint64         // how often something was new
	applied uint64         // how much of that is in force
	report  *worker.Report // of the last time; nil: none yet
	turn    chan struct{}  // closed when applied changes
}

func (e *Edge) newCodeRunner() *codeRunner {
	c := &codeRunner{edge: e, kicks: make(chan struct{}, 1), turn: make(chan struct{})}
	c.engine = worker.New(worker.Options{
		Workerd: e.options.workerd, Folder: e.options.folder, Outbound: (*outbound)(e), Dir: e.options.state,
		Build: c.builder.worker, BuildPages: c.builder.pages, Log: e.log, Now: e.clock.Now, OnEvent: e.codeEvent, OnTail: e.tails.tell,
	})
	c.engine.TailAll(false)
	return c
}

func (c *codeRunner) close() {
	c.engine.Close()
	c.builder.Close()
}

// renew says that there is something new to run.
func (c *codeRunner) renew() {
	c.mu.Lock()
	c.asked++
	first := !c.started
	c.started = true
	select {
	case c.kicks <- struct{}{}:
	default: // one is waiting already
	}
	c.mu.Unlock()
	if first {
		c.edge.background.Go(c.loop)
		runtime.Gosched() // who starts an edge has more to do, and this takes longest
	}
}

// settled is how long what came from the cache serves before it is built again: the first requests go first.
const settled = time.Second

func (c *codeRunner) loop() {
	ctx := c.edge.running
	c.builder.keepIn(c.edge.options.cache, c.edge.log)
	again := time.NewTimer(settled)
	again.Stop()
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.kicks:
		case <-again.C:
			c.builder.Afresh()
		}
		c.mu.Lock()
		asked := c.asked
		c.mu.Unlock()
		report := c.engine.Apply(ctx, c.edge.codeSet(c.edge.snap.Load()))
		c.mu.Lock()
		before := c.report
		c.report, c.applied = &report, asked
		close(c.turn)
		c.turn = make(chan struct{})
		c.mu.Unlock()
		if ctx.Err() == nil {
			c.edge.tellBuilt(before, &report)
		}
		again.Stop()
		if slices.ContainsFunc(report.Workers, func(o worker.Outcome) bool { return o.Cached }) {
			again.Reset(settled)
		}
	}
}

// wait returns when everything that was asked for until now is in force, or failed to be.
func (c *codeRunner) wait(ctx context.Context) (*worker.Report, error) {
	c.mu.Lock()
	asked := c.asked
	for c.applied < asked {
		turn := c.turn
		c.mu.Unlock()
		select {
		case <-turn:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-c.edge.running.Done():
			return nil, errClosed
		}
		c.mu.Lock()
	}
	defer c.mu.Unlock()
	return c.report, nil
}

// AwaitCode returns when the Workers and Pages projects of the world as it is now run, or are known not to. What became of
// them is in the report; nil: the world has none.
func (e *Edge) AwaitCode(ctx context.Context) (*worker.Report, error) { return e.code.wait(ctx) }

// Worker asks a Worker of the world as a service binding does: past Access and every entrypoint. It waits for the Worker to
// start.
func (e *Edge) Worker(name string) *worker.Client { return e.code.engine.Worker(name) }

// firstRequest is how long a Worker that has just started has the cores for the request that waits for it.
const firstRequest = 50 * time.Millisecond

// WarmKeys begins to make the keys of Access, once Workers have started: who waits for those wants every core.
func (e *Edge) WarmKeys() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	e.background.Go(func() {
		report, err := e.AwaitCode(e.running)
		if err != nil {
			return
		}
		if report != nil {
			first := time.NewTimer(firstRequest)
			defer first.Stop()
			select {
			case <-first.C:
			case <-e.running.Done():
				return
			}
		}
		e.access.WarmKeys()
	})
}

// Rebuild makes Workers of folders anew, as far as their files changed.
func (e *Edge) Rebuild() {
	if e.snap.Load().scripts.any() {
		e.code.renew()
	}
}

// Sources are the files that the code of Workers and Pages projects was made of.
func (e *Edge) Sources() []string {
	e.code.mu.Lock()
	defer e.code.mu.Unlock()
	if e.code.report == nil {
		return nil
	}
	all := map[string]bool{}
	for _, o := range e.code.report.Workers {
		for _, file := range o.Inputs {
			all[file] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// expected is what of a world the engine needs to know to start the runtime: where its code is.
func (o *options) expected(w *world.World) (set worker.Set) {
	for doc := range w.All(world.KindWorker) {
		v := doc.Value.(*world.Worker)
		if v.Project != nil {
			set.Workers = append(set.Workers, worker.Worker{Name: v.Name, URL: v.URL, Project: v.Project})
		}
	}
	for doc := range w.All(world.KindPagesProject) {
		set.Workers = append(set.Workers, pagesToRun(doc.Value.(*world.PagesProject)))
	}
	return set
}

// codeSet is what a snapshot has to run.
func (e *Edge) codeSet(s *snapshot) (set worker.Set) {
	add := func(w worker.Worker) {
		if w.Go != nil || w.URL != "" || w.Pages != nil || w.Project != nil || w.Version != nil { // else nothing is deployed yet
			set.Workers = append(set.Workers, w)
		}
	}
	versions := map[string][]*version.Version{}
	for doc := range s.layers.All(world.KindWorkerVersion) {
		v := doc.Value.(*version.Version)
		versions[v.Worker] = append(versions[v.Worker], v)
	}
	inWorld := map[string]bool{}
	for doc := range s.layers.All(world.KindWorker) {
		w := doc.Value.(*world.Worker)
		inWorld[w.Name] = true
		add(e.toRun(s, w, versions[w.Name]))
	}
	for _, name := range slices.Sorted(maps.Keys(e.options.workers)) {
		if !inWorld[name] {
			add(worker.Worker{Name: name, Go: e.options.workers[name]})
		}
	}
	for doc := range s.layers.All(world.KindPagesProject) {
		add(pagesToRun(doc.Value.(*world.PagesProject)))
	}
	return set
}

// toRun is one Worker of a set: what is deployed goes before the folder.
func (e *Edge) toRun(s *snapshot, w *world.Worker, versions []*version.Version) worker.Worker {
	zone, _ := s.zoneOf(w.Name)
	run := worker.Worker{Name: w.Name, ID: w.ID, Go: e.options.workers[w.Name], URL: w.URL, Secrets: w.Secrets, Crons: w.Crons, Consumers: w.Consumers, Zone: zone}
	current := w.Current()
	for _, v := range versions {
		if v.ID == current {
			run.Version = v
		} else {
			run.Others = append(run.Others, v)
		}
	}
	if run.Version == nil {
		run.Project = w.Project
	}
	if run.Version == nil && !e.deployed(w) && len(run.Others) > 0 { // for its previews alone
		newest := slices.MaxFunc(run.Others, func(a, b *version.Version) int { return a.Number - b.Number })
		run.Version, run.Crons = newest, []string{}
		run.Others = slices.DeleteFunc(run.Others, func(v *version.Version) bool { return v == newest })
	}
	return run
}

// deployed tells whether a Worker has something that takes the requests of its hosts.
func (e *Edge) deployed(w *world.Worker) bool {
	return len(w.Deployments) > 0 || w.Project != nil || w.URL != "" || e.options.workers[w.Name] != nil
}

// tellBuilt tells the person at the terminal what became of the code, as far as it is news.
func (e *Edge) tellBuilt(before, now *worker.Report) {
	was, failed := map[string]string{}, map[string]bool{}
	if before != nil {
		for _, o := range before.Workers {
			was[o.Worker+"/"+o.Version], failed[o.Worker+"/"+o.Version] = told(o), o.Err != nil
		}
	}
	if now.Err != nil && (before == nil || before.Err == nil || before.Err.Error() != now.Err.Error()) {
		e.log.Error("Workers do not run: " + now.Err.Error())
	}
	for _, o := range now.Workers {
		text := told(o)
		if old, known := was[o.Worker+"/"+o.Version]; known && old == text {
			continue
		}
		name := o.Worker
		if o.Err == nil && failed[o.Worker+"/"+o.Version] {
			e.log.Info(name + ": mended, and serves")
		}
		if o.Err != nil {
			args := []any{"serves", "nothing"}
			if o.Kept {
				args[1] = "the version before"
			}
			e.log.Error(name+": "+o.Err.Error(), args...)
		}
		for _, t := range o.Throwers {
			e.log.Warn(name + ": " + t.Text)
		}
		for _, w := range o.Warnings {
			e.log.Warn(name + ": " + w)
		}
	}
	if e.options.built != nil {
		e.options.built(*now)
	}
}

// told is what is to be said of one outcome.
func told(o worker.Outcome) string {
	var b strings.Builder
	if o.Err != nil {
		b.WriteString(o.Err.Error())
	}
	for _, t := range o.Throwers {
		b.WriteString("\n" + t.Text)
	}
	for _, w := range o.Warnings {
		b.WriteString("\n" + w)
	}
	return b.String()
}
