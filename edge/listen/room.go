package listen

import (
	"log/slog"
	"sync/atomic"
)

// room bounds the connections of one listener, so that a client which opens them without
// end takes no more than its share of the process.
type room struct {
	size int64
	n    atomic.Int64
	full atomic.Bool // somebody was turned away, and that was told
	name string      // of the listener, for the log
	log  *slog.Logger
}

func newRoom(size int, name string, log *slog.Logger) *room {
	if size <= 0 {
		size = defaultMaxConns
	}
	return &room{size: int64(size), name: name, log: log}
}

// enter reports whether there is a place; who has it gives it back with leave.
func (r *room) enter() bool {
	if r.n.Add(1) <= r.size {
		return true
	}
	r.n.Add(-1)
	if r.full.CompareAndSwap(false, true) {
		r.log.Warn("the "+r.name+" listener holds as many connections as it may, and closes new ones", "connections", r.size)
	}
	return false
}

func (r *room) leave() {
	if r.n.Add(-1) <= r.size/2 {
		r.full.Store(false) // the next time is told again, but not every single one
	}
}
