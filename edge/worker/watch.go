package worker

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// watch looks after a process: it starts another when it ends by itself, and kills it when one Worker holds its
// thread.
func (e *Engine) watch(g *generation) {
	e.work.Go(func() { e.guard(g) })
	e.work.Go(func() {
		select {
		case <-g.process.Done():
		case <-e.ctx.Done():
			return
		}
		if g.open.Load() < retired {
			e.revive(g)
		}
	})
}

// revive starts again what ended by itself. Requests wait meanwhile.
func (e *Engine) revive(g *generation) {
	g.retire()
	why := g.process.Last()
	if stuck := g.stuck.Load(); stuck != nil {
		e.event(Hung, stuck.worker, "", "it held the runtime's thread; workerd was killed and starts again")
	} else {
		e.event(Crashed, "", "", "workerd ended by itself and starts again: "+why)
	}
	dead := e.state.Load()
	if dead.gen != g {
		return
	}
	gate := &state{pending: make(chan struct{}), gen: nil, entries: dead.entries}
	if !e.state.CompareAndSwap(dead, gate) {
		return
	}
	for wait := time.Duration(0); ; wait = min(2*wait+100*time.Millisecond, 5*time.Second) {
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-e.ctx.Done():
			t.Stop()
			return
		}
		if e.again(gate, g) {
			return
		}
	}
}

// again is one try to start what ended. It says whether there is nothing left to do.
func (e *Engine) again(gate *state, g *generation) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state.Load() != gate || e.ctx.Err() != nil {
		return true // something else runs by now
	}
	next, err := e.start(e.ctx, g.plan, g.compiled)
	if err != nil {
		e.event(Crashed, "", "", "workerd does not start again: "+err.Error())
		return false
	}
	e.watch(next)
	e.state.Store(&state{gen: next, entries: gate.entries})
	close(gate.pending)
	e.event(Started, "", "", fmt.Sprintf("process %d serves, in the place of one that ended", next.number))
	return true
}

// guard asks the process whether its thread is free when a request takes long.
func (e *Engine) guard(g *generation) {
	tick := time.NewTicker(e.opts.Stall / 2)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-g.process.Done():
			return
		case <-e.ctx.Done():
			return
		}
		slow := g.flights.waiting(g.flights.tick.Add(1))
		if slow == nil || e.alive(g) {
			continue
		}
		if g.stuck.CompareAndSwap(nil, slow) {
			g.process.Kill()
		}
		return
	}
}

// alive asks a Worker that does nothing else.
func (e *Engine) alive(g *generation) bool {
	ctx, cancel := context.WithTimeout(e.ctx, e.opts.Stall/2)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://probe/", nil)
	if err != nil {
		return true
	}
	res, err := g.proxy.RoundTrip(r)
	if err != nil {
		return ctx.Err() == nil || e.ctx.Err() != nil // the thread does not answer; an ended process is another matter
	}
	res.Body.Close()
	return true
}
