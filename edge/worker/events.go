package worker

import (
	"slices"
	"sync"
	"time"
)

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	Log       EventKind = "log"       // the Worker logged something
	Exception EventKind = "exception" // it threw and nobody caught it
	Started   EventKind = "started"   // a process serves
	Swapped   EventKind = "swapped"   // a process took the place of another
	Crashed   EventKind = "crashed"   // the process ended by itself
	Hung      EventKind = "hung"      // a Worker held the thread and the process was killed
	Clamped   EventKind = "clamped"   // a compatibility date was too late
	Refused   EventKind = "refused"   // a version does not start
)

// Event is one thing that happened.
type Event struct {
	Time    time.Time `json:"time"`
	Kind    EventKind `json:"kind"`
	Worker  string    `json:"worker,omitempty"`  // empty: of the process
	Version string    `json:"version,omitempty"` // empty: of a folder
	Level   string    `json:"level,omitempty"`   // of a log: "log", "debug", "info", "warn", "error"
	Message string    `json:"message"`
	Stack   []Frame   `json:"stack,omitempty"` // of an exception, innermost first
	Method  string    `json:"method,omitempty"`
	URL     string    `json:"url,omitempty"` // of the request that it happened in
	Ray     string    `json:"ray,omitempty"` // its CF-Ray
}

// Frame is one line of a stack; File is the user's own where the source map leads there.
type Frame struct {
	Function string `json:"function,omitempty"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
}

// keptEvents is how many events Logs can tell.
const keptEvents = 1000

// events keeps the last ones, and tells each in order.
type events struct {
	tell func(Event)

	mu   sync.Mutex
	ring []Event // guarded by mu
	next int     // where the oldest is, once the ring is full; guarded by mu
}

func (e *events) add(ev Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.ring) < keptEvents {
		e.ring = append(e.ring, ev)
	} else {
		e.ring[e.next] = ev
		e.next = (e.next + 1) % keptEvents
	}
	if e.tell != nil {
		e.tell(ev)
	}
}

func (e *events) of(worker string) (list []Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, part := range [][]Event{e.ring[e.next:], e.ring[:e.next]} {
		for _, ev := range part {
			if worker == "" || ev.Worker == worker {
				list = append(list, ev)
			}
		}
	}
	return slices.Clip(list)
}

// Logs are the last events, oldest first; of one Worker, or with an empty name of all and of the process.
func (e *Engine) Logs(worker string) []Event { return e.events.of(worker) }

func (e *Engine) event(kind EventKind, worker, version, message string) {
	e.events.add(Event{Time: e.opts.Now(), Kind: kind, Worker: worker, Version: version, Message: message})
}
