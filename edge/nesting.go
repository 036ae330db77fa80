package edge

import (
	"sync"
	"sync/atomic"
)

// maxNested is how many requests to Workers one Worker may have open at once, and one more for each request of a client
// that is open. What a Worker asks of Workers and passes Cf-Ew-Via on is counted by that; a loop of others would go on
// until the runtime has no more files to open, and all Workers would fall with it. The bound is each Worker's own, so that
// one that loops takes nothing from the others.
const maxNested = 128

// nesting counts the requests to Workers that are open. The zero value is ready for use.
type nesting struct {
	clients atomic.Int64 // those that clients made
	by      sync.Map     // name of the Worker that made them → *atomic.Int64
}

// enter counts a request in; the caller takes it off count in the end. sub is nil for a client's. open is not 0 if it is
// one too many: how many there are.
func (n *nesting) enter(sub *subrequest) (count *atomic.Int64, open int64) {
	if sub == nil {
		n.clients.Add(1)
		return &n.clients, 0
	}
	known, ok := n.by.Load(sub.worker)
	if !ok {
		known, _ = n.by.LoadOrStore(sub.worker, new(atomic.Int64))
	}
	count = known.(*atomic.Int64)
	if now := count.Add(1); now > maxNested+n.clients.Load() {
		open = now
	}
	return count, open
}
