package edge

import (
	"sync"

	"github.com/sundog-edge/sundog/edge/admin"
)

// maxRefusals is how many refusals of the proxy are remembered.
const maxRefusals = 256

// refusals remembers what the forward proxy refused, for the command that runs behind it.
type refusals struct {
	mu   sync.Mutex // guards all below
	last uint64
	kept []admin.Refusal
}

func (r *refusals) add(one admin.Refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	one.Seq = r.last
	if len(r.kept) == maxRefusals {
		r.kept = append(r.kept[:0], r.kept[1:]...)
	}
	r.kept = append(r.kept, one)
}

func (r *refusals) since(seq uint64) []admin.Refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []admin.Refusal{}
	for _, one := range r.kept {
		if one.Seq > seq {
			list = append(list, one)
		}
	}
	return list
}

// refused remembers a refusal and tells the person at the terminal.
func (e *Edge) refused(host, why, mend, atTerminal string) {
	e.refusals.add(admin.Refusal{Time: e.clock.Now(), Host: host, Why: why, Mend: mend})
	e.log.Warn("refused "+host+": "+why, "mend", atTerminal)
}
