package worker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/workerd"
)

// Apply makes the set what runs: it builds what is to be built, starts a process beside the one that runs, and
// swaps when that listens. A Worker that cannot be built or started never takes another down; it stays at the
// last version that ran, if there was one. Where something is stored on disk the old process ends before the new
// one starts, and requests wait that long. Applying what runs already does nothing.
//
// The context bounds building and starting. One Apply runs at a time.
func (e *Engine) Apply(ctx context.Context, set Set) Report {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	e.mu.Lock()
	defer e.mu.Unlock()
	soon := &coming{names: map[string]bool{}, done: make(chan struct{})}
	for i := range set.Workers {
		soon.names[set.Workers[i].Name] = true
	}
	e.coming.Store(soon)
	defer func() {
		e.coming.Store(nil)
		close(soon.done)
	}()
	if err := e.prepare(); err != nil {
		return Report{Err: err}
	}
	if e.state.Load().gen == nil {
		e.launch(set)
	}
	defer e.dismiss()
	p := e.plan(ctx, set)
	err := e.run(ctx, p)
	if s := e.state.Load(); err != nil && s.gen == nil && s.pending == nil {
		e.state.Store(&state{err: err, entries: p.entries(&compiled{})})
	}
	if err == nil {
		maps.DeleteFunc(e.good, func(name string, _ *version.Version) bool { return p.live[name] == nil })
		for _, u := range p.live {
			if u.version != nil && !u.kept {
				e.good[u.worker.Name] = u.version
			}
		}
	}
	r := p.report(err)
	e.sweep()
	status := p.status(err)
	e.status.Store(&status)
	return r
}

// bounded ends with the engine, too.
func (e *Engine) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(e.ctx, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// comes waits for a Worker that the set being applied has. It says whether to look again.
func (e *Engine) comes(ctx context.Context, s *state, name string) (bool, error) {
	if e.state.Load() != s {
		return true, nil
	}
	soon := e.coming.Load()
	if soon == nil {
		return e.state.Load() != s, nil
	}
	if !soon.names[name] || s.gen != nil && s.entries[name] != nil {
		return false, nil
	}
	return true, await(ctx, soon.done)
}

// plan builds what is to be built.
func (e *Engine) plan(ctx context.Context, set Set) *plan {
	p := &plan{live: map[string]*unit{}}
	built := e.builds.all(ctx, &e.opts, set)
	e.builds.only(set)
	for i := range set.Workers {
		w := &set.Workers[i]
		b, err := built[i], error(nil)
		if b.err != nil {
			err = &BuildError{w.Name, b.err}
		}
		u := p.add(w, b.Version, err)
		u.inputs, u.warnings, u.cached = b.Inputs, b.Warnings, b.Cached
		if u.err != nil && b.err != nil {
			e.event(Refused, w.Name, "", err.Error())
			if last := e.good[w.Name]; last != nil && p.live[w.Name] == u {
				u.use(last)
				u.kept = u.version != nil
			}
		}
	}
	e.keep(p)
	return p
}

// compile writes the plan for the runtime. A trial is a process that is only to be seen starting, with storage
// of its own.
func (e *Engine) compile(p *plan, trial string) (*compiled, error) {
	c := &compiler{
		plan: p, mark: e.mark, storage: e.storage,
		address: e.endpoints.address, files: e.files,
	}
	if trial != "" {
		c.trial, c.storage = true, trial
	}
	return c.compile()
}

// run makes the plan what runs, changing it until the runtime takes it.
func (e *Engine) run(ctx context.Context, p *plan) error {
	c, err := e.compile(p, "")
	if err != nil {
		return err
	}
	old := e.state.Load()
	if old.gen != nil && reflect.DeepEqual(old.gen.compiled.config, c.config) &&
		e.state.CompareAndSwap(old, &state{gen: old.gen, entries: p.entries(c)}) {
		return nil // the process that runs is what the plan says
	}
	if !p.any() {
		e.swap(nil, p, c)
		return nil
	}
	if err := e.find(p.set()); err != nil {
		return err
	}
	stored := old.gen != nil && old.gen.compiled.stores && c.stores
	if !stored {
		g, err := e.settle(ctx, p, "")
		if err != nil || g == nil {
			return err
		}
		e.swap(g, p, g.compiled)
		return nil
	}
	trial, err := os.MkdirTemp(e.dir, "trial-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(trial)
	g, err := e.settle(ctx, p, trial)
	if err != nil {
		return err
	}
	if g != nil {
		g.end(0)
	}
	return e.exchange(ctx, p)
}

// settle starts the plan, and what is left of it after every refusal.
func (e *Engine) settle(ctx context.Context, p *plan, trial string) (*generation, error) {
	for {
		c, err := e.compile(p, trial)
		if err != nil {
			return nil, err
		}
		if !p.any() {
			if trial == "" {
				e.swap(nil, p, c)
			}
			return nil, nil
		}
		g, err := e.start(ctx, p, c)
		if err == nil {
			return g, nil
		}
		var refused *workerd.StartError
		if !errors.As(err, &refused) {
			return nil, err
		}
		before := p.errors()
		today := e.opts.Now().UTC().Format(time.DateOnly)
		clamped := func(u *unit, to string) {
			said := fmt.Sprintf("compatibility date %s is later than this workerd runs: %s is taken", u.date, to)
			u.warnings = append(u.warnings, said)
			e.event(Clamped, u.worker.Name, u.version.ID, said)
		}
		if !p.learn(refused.Faults, today, e.good, clamped) && !e.isolate(ctx, p) {
			return nil, refused
		}
		for u, err := range p.errors() {
			if before[u] == nil {
				e.event(Refused, u.worker.Name, "", err.Error())
			}
		}
	}
}

// isolate starts every Worker by itself when the runtime does not say whom it blames, and takes back those that do
// not start. It says whether there was one.
func (e *Engine) isolate(ctx context.Context, p *plan) (found bool) {
	trial, err := os.MkdirTemp(e.dir, "alone-")
	if err != nil {
		return false
	}
	defer os.RemoveAll(trial)
	for _, u := range p.units {
		if u.version == nil {
			continue
		}
		alone := *u
		alone.learned = maps.Clone(u.learned)
		c, err := e.compile(&plan{units: []*unit{&alone}, live: map[string]*unit{u.worker.Name: &alone}}, trial)
		if err != nil {
			return found
		}
		g, err := e.start(ctx, p, c)
		var refused *workerd.StartError
		switch {
		case err == nil:
			g.end(0)
		case !errors.As(err, &refused):
			return found
		case !slices.ContainsFunc(refused.Faults, func(f workerd.Fault) bool { return p.owner(f.Service) != nil }):
			found = u.refused(strings.TrimSpace(refused.Stderr), e.good[u.worker.Name]) || found
		}
	}
	return found
}

// exchange ends the old process before the new one starts, as the two must not share what is on disk.
func (e *Engine) exchange(ctx context.Context, p *plan) error {
	c, err := e.compile(p, "")
	if err != nil {
		return err
	}
	old := e.state.Load()
	gate := &state{pending: make(chan struct{}), entries: old.entries}
	if old.gen == nil || !e.state.CompareAndSwap(old, gate) { // it ended by itself, just now
		g, err := e.start(ctx, p, c)
		if err == nil {
			e.swap(g, p, c)
		}
		return err
	}
	e.launch(p.set())
	defer e.dismiss()
	old.gen.end(min(e.opts.Drain, stopBound))
	g, err := e.start(ctx, p, c)
	if err != nil {
		// It started a moment ago with other storage. What ran before runs again.
		again, worse := e.start(e.ctx, old.gen.plan, old.gen.compiled)
		if worse != nil {
			e.state.Store(&state{err: worse, entries: old.entries})
		} else {
			e.watch(again)
			e.state.Store(&state{gen: again, entries: old.entries})
		}
		close(gate.pending)
		return err
	}
	e.swap(g, p, c)
	return nil
}

// swap puts the process in the place of the one that runs; nil: nothing is to run.
func (e *Engine) swap(g *generation, p *plan, c *compiled) {
	next := &state{gen: g, entries: p.entries(c)}
	if g != nil {
		e.watch(g)
	}
	old := e.state.Swap(next)
	if g != nil {
		e.tailAsAsked(g)
	}
	if old.pending != nil {
		close(old.pending)
	}
	switch {
	case g != nil && old.gen != nil:
		e.event(Swapped, "", "", fmt.Sprintf("process %d took the place of %d", g.number, old.gen.number))
	case g != nil:
		e.event(Started, "", "", fmt.Sprintf("process %d serves", g.number))
	}
	if old.gen == nil {
		return
	}
	old.gen.retire()
	endpoints := e.endpoints
	e.work.Go(func() {
		e.endBeside(old.gen)
		if s := e.state.Load(); s.gen != nil && s.gen == g {
			endpoints.keep(c.endpoints)
		}
	})
}

// endBeside ends a process that was replaced, at once when the engine closes.
func (e *Engine) endBeside(g *generation) {
	t := time.NewTimer(e.opts.Drain)
	defer t.Stop()
	select {
	case <-g.drained:
	case <-g.process.Done():
	case <-t.C:
	case <-e.ctx.Done():
	}
	g.end(0)
}

// Try says whether the Worker of the set would start, without changing what runs. A *[BuildError] or *[StartError]
// says why not.
func (e *Engine) Try(ctx context.Context, set Set, name string) error {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.prepare(); err != nil {
		return err
	}
	only := Set{}
	for _, w := range set.Workers {
		if w.Name == name {
			w.Others = nil
			only.Workers = append(only.Workers, w)
		}
	}
	if len(only.Workers) == 0 {
		return &NotFoundError{Worker: name}
	}
	built := e.builds.all(ctx, &e.opts, only)
	if err := built[0].err; err != nil {
		return &BuildError{name, err}
	}
	p := &plan{live: map[string]*unit{}}
	if u := p.add(&only.Workers[0], built[0].Version, nil); u.err != nil {
		return u.err
	}
	if e.keep(p); !p.any() {
		return p.live[name].err
	}
	if err := e.find(set); err != nil {
		return err
	}
	trial, err := os.MkdirTemp(e.dir, "trial-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(trial)
	good := e.good
	e.good = nil
	defer func() { e.good = good }()
	g, err := e.settle(ctx, p, trial)
	if err != nil {
		return err
	}
	if g != nil {
		g.end(0)
	}
	return p.live[name].err
}

// any says whether there is something for the runtime.
func (p *plan) any() bool {
	for _, u := range p.units {
		if u.runs() {
			return true
		}
	}
	return false
}

func (p *plan) set() (s Set) {
	for _, u := range p.units {
		if !u.preview {
			s.Workers = append(s.Workers, *u.worker)
		}
	}
	return s
}

func (p *plan) errors() map[*unit]error {
	m := map[*unit]error{}
	for _, u := range p.units {
		if u.err != nil {
			m[u] = u.err
		}
	}
	return m
}

// entries are the ways in that requests look up.
func (p *plan) entries(c *compiled) map[string]*entry {
	m := map[string]*entry{}
	for name, u := range p.live {
		n := &entry{unit: u, named: map[string]*target{}, versions: map[string]*target{}, aliases: map[string]*target{}}
		if u.worker.URL != "" && u.worker.Go == nil {
			n.server, _ = url.Parse(u.worker.URL)
		}
		m[name] = n
	}
	latest := map[*entry]map[string]*version.Version{}
	for _, t := range c.targets {
		n := m[t.unit.worker.Name]
		if n == nil {
			continue
		}
		if t.entrypoint != "" {
			n.named[t.entrypoint] = t
			continue
		}
		if !t.unit.preview {
			if n.unit != t.unit {
				continue
			}
			n.main = t
		}
		v := t.unit.version
		if v == nil {
			continue
		}
		if v.ID != "" {
			n.versions[v.ID] = t
			n.versions[v.ID[:min(8, len(v.ID))]] = t
		}
		if a := v.Alias(); a != "" {
			if latest[n] == nil {
				latest[n] = map[string]*version.Version{}
			}
			if before := latest[n][a]; before == nil || before.Number < v.Number {
				latest[n][a], n.aliases[a] = v, t
			}
		}
	}
	return m
}

func (p *plan) report(err error) Report {
	r := Report{Err: err}
	for _, u := range p.units {
		if u.preview && u.err == nil {
			continue
		}
		o := Outcome{
			Worker: u.worker.Name, Preview: u.preview, Err: u.err, Kept: u.kept,
			Throwers: u.throwers, Inputs: u.inputs, Warnings: u.warnings, Cached: u.cached,
		}
		if u.version != nil {
			o.Version = u.version.ID
		}
		r.Workers = append(r.Workers, o)
	}
	return r
}

func (p *plan) status(err error) (list []Status) {
	for _, u := range p.units {
		if u.preview {
			continue
		}
		s := Status{Worker: u.worker.Name, ID: u.worker.ID, Err: u.err, Kept: u.kept}
		if u.version != nil {
			s.Version = u.version.ID
		}
		if s.Err == nil && err != nil {
			s.Err = err
		}
		list = append(list, s)
	}
	return list
}
