package worker

import (
	"net/http"
	"sync"
	"sync/atomic"
)

// flight is one request under way.
type flight struct {
	worker   string
	target   *target
	ray      string      // CF-Ray of the request
	from     uint64      // what was thrown before it concerns others
	since    int64       // tick of the watchdog that it began in
	answered atomic.Bool // its headers are there
	prev     *flight
	next     *flight
}

func (e *Engine) flight(worker string, t *target, r *http.Request) *flight {
	return &flight{worker: worker, target: t, ray: r.Header.Get("Cf-Ray"), from: e.thrown.told.Load()}
}

// flights are those of a process, oldest first.
type flights struct {
	tick atomic.Int64

	mu          sync.Mutex
	first, last *flight // guarded by mu
}

func (f *flights) add(fl *flight) {
	fl.since = f.tick.Load()
	f.mu.Lock()
	defer f.mu.Unlock()
	fl.prev = f.last
	if f.last != nil {
		f.last.next = fl
	} else {
		f.first = fl
	}
	f.last = fl
}

func (f *flights) remove(fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl.prev != nil {
		fl.prev.next = fl.next
	} else {
		f.first = fl.next
	}
	if fl.next != nil {
		fl.next.prev = fl.prev
	} else {
		f.last = fl.prev
	}
}

// waiting is the oldest request without an answer, else the oldest of all; nil: none is older than a tick.
func (f *flights) waiting(tick int64) *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	var any *flight
	for fl := f.first; fl != nil && fl.since < tick-1; fl = fl.next {
		if !fl.answered.Load() {
			return fl
		}
		if any == nil {
			any = fl
		}
	}
	return any
}
