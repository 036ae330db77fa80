package listen

import (
	"context"
	"sync"
	"sync/atomic"
)

// gate counts handlers under way, so that Close can wait for the last to
// return. The zero value is open.
type gate struct {
	n      atomic.Int64
	closed atomic.Bool
	once   sync.Once
	idle   chan struct{} // gets a value when none is left behind a closed gate
}

func (g *gate) ready() chan struct{} {
	g.once.Do(func() { g.idle = make(chan struct{}, 1) })
	return g.idle
}

// enter reports whether a handler may run; if so, it calls leave at its end.
func (g *gate) enter() bool {
	g.n.Add(1)
	if g.closed.Load() {
		g.leave()
		return false
	}
	return true
}

func (g *gate) leave() {
	if g.n.Add(-1) == 0 && g.closed.Load() {
		select {
		case g.ready() <- struct{}{}:
		default:
		}
	}
}

// drain closes the gate and waits until no handler is left or ctx ends. It
// returns how many are left.
func (g *gate) drain(ctx context.Context) int64 {
	idle := g.ready()
	g.closed.Store(true)
	for {
		n := g.n.Load()
		if n == 0 {
			return 0
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return g.n.Load()
		}
	}
}
