package worker

import (
	"context"
	"fmt"
	"net/http"
	"os"
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
		e.revive(g)
	})
}

// fall makes requests wait for the process that comes after g. It says whether g was in force.
func (e *Engine) fall(g *generation) bool {
	for {
		s := e.state.Load()
		if s.gen != g {
			return false
		}
		if e.state.CompareAndSwap(s, &state{pending: make(chan struct{}), fallen: g, entries: s.entries}) {
			g.retire()
			close(g.fallen)
			return true
		}
	}
}

// revive starts again what ended by itself.
func (e *Engine) revive(g *generation) {
	e.fall(g)
	gate := e.state.Load()
	if gate.fallen != g {
		return // it was replaced before
	}
	g.proxy.Close()
	os.RemoveAll(g.dir)
	if stuck := g.stuck.Load(); stuck != nil {
		e.event(Hung, stuck.worker, "", "it held the runtime's thread; workerd was killed and starts again")
	} else {
		e.event(Crashed, "", "", "workerd ended by itself and starts again: "+g.process.Last())
	}
	// The first is started at once; one that ends soon after it started, again and again, is given time.
	for wait := time.Duration(e.crashes.Add(1)-1) * 200 * time.Millisecond; ; wait = 2*wait + 100*time.Millisecond {
		wait = min(wait, 5*time.Second)
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
	e.tailAsAsked(next)
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
		e.crashes.Store(0) // it has lived for a while
		slow := g.flights.waiting(g.flights.tick.Add(1))
		if slow == nil || e.alive(g) {
			continue
		}
		g.stuck.Store(slow)
		e.fall(g)
		g.process.Kill()
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
