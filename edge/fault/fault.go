// Package fault makes things go wrong on purpose. A [Set] holds the faults that were asked for; whoever does the work
// asks it at each stage whether one is due:
//
//	faults := fault.New(fault.Options{})
//	id, err := faults.Add(fault.Fault{Target: "tunnel:" + uuid, Toxic: fault.Slow, Count: 3})
//	…
//	if f := faults.Due(target, fault.Slow); f != nil {
//		err = f.Wait(ctx)
//	}
//
// The package knows when a fault is due, and how long; what a toxic does is up to who asks. A fault ends after so many
// times, after some time, or when it is removed, which also lets go whoever waits in it. Without faults, asking is one
// atomic load.
package fault

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Toxic is what goes wrong.
type Toxic string

// The toxics of a tunnel.
const (
	Refuse   Toxic = "refuse"    // registrations are refused for good
	Retry    Toxic = "retry"     // registrations are refused, with the word to come back
	Silent   Toxic = "silent"    // registrations get no answer
	DropOne  Toxic = "drop-one"  // the connection that the next request takes is dropped
	DropAll  Toxic = "drop-all"  // all connections are dropped, and new ones as long as the fault lasts
	Slow     Toxic = "slow"      // requests wait before they are sent
	HalfOpen Toxic = "half-open" // requests are never sent, on connections that seem to be there
)

// Toxics are all of them, in the order of the constants.
func Toxics() []Toxic { return []Toxic{Refuse, Retry, Silent, DropOne, DropAll, Slow, HalfOpen} }

// DefaultDelay is how long Slow makes requests wait.
const DefaultDelay = time.Second

// Fault is one thing that goes wrong.
type Fault struct {
	Target string        // to whom: "tunnel:" and a UUID
	Match  string        // on which occasions: one of the labels that Due is given; empty: all
	Toxic  Toxic         // one of Toxics
	Count  int           // how often; 0: any number of times, but DropOne without For: once
	For    time.Duration // how long; 0: until it is removed
	Delay  time.Duration // of Slow; 0: DefaultDelay
	Chance float64       // of each occasion, from 0 to 1; 0: every one
	Seed   uint64        // of Chance: the same seed strikes the same occasions, counted from Add
}

// Error is a Fault that cannot be.
type Error struct {
	Field   string
	Found   string
	Allowed string
}

func (e *Error) Error() string { return e.Field + ": " + e.Found + "; allowed: " + e.Allowed }

func (f *Fault) check() error {
	if !slices.Contains(Toxics(), f.Toxic) {
		names := make([]string, 0, 7)
		for _, t := range Toxics() {
			names = append(names, string(t))
		}
		return &Error{"toxic", fmt.Sprintf("%q", string(f.Toxic)), strings.Join(names, ", ")}
	}
	switch {
	case f.Target == "":
		return &Error{"target", "none", "tunnel:UUID"}
	case f.Count < 0:
		return &Error{"count", fmt.Sprint(f.Count), "a number that is not negative"}
	case f.For < 0:
		return &Error{"for", f.For.String(), "a duration that is not negative"}
	case f.Chance < 0 || f.Chance > 1 || f.Chance != f.Chance:
		return &Error{"chance", fmt.Sprint(f.Chance), "a number from 0 to 1"}
	case f.Delay < 0 || f.Delay > 0 && f.Toxic != Slow:
		return &Error{"delay", f.Delay.String(), "a duration that is not negative, of slow alone"}
	}
	return nil
}

// Active is a Fault that was added.
type Active struct {
	Fault
	ID    int       // from 1
	Since time.Time // when it was added
	Hits  int       // how often it was due

	asked uint64 // how many occasions matched
	set   *Set
	over  chan struct{} // closed when it has ended
}

// Options configure a Set; the zero value works.
type Options struct {
	Now func() time.Time // nil: time.Now
	// After calls f after d; stop ends the wait. nil: time.AfterFunc.
	After func(d time.Duration, f func()) (stop func() bool)
}

// Set is a set of faults. It is safe for concurrent use.
type Set struct {
	options Options
	some    atomic.Int32 // how many there are

	mu     sync.Mutex // guards what follows, and Hits
	last   int
	active []*Active
}

// New makes an empty Set.
func New(o Options) *Set {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	}
	return &Set{options: o}
}

// Add makes a fault due from now on. The error is an *Error.
func (s *Set) Add(f Fault) (id int, err error) {
	if err := f.check(); err != nil {
		return 0, err
	}
	if f.Toxic == Slow && f.Delay == 0 {
		f.Delay = DefaultDelay
	}
	if f.Count == 0 && f.For == 0 && f.Toxic == DropOne {
		f.Count = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	a := &Active{Fault: f, ID: s.last, Since: s.options.Now(), set: s, over: make(chan struct{})}
	s.active = append(s.active, a)
	s.some.Add(1)
	if f.For > 0 {
		s.options.After(f.For, func() { s.Remove(a.ID) })
	}
	return a.ID, nil
}

// Any tells whether there is a fault at all.
func (s *Set) Any() bool { return s.some.Load() > 0 }

// Due takes one time of the first fault of a target with one of the toxics; nil: there is none.
func (s *Set) Due(target string, toxics ...Toxic) *Active { return s.DueAt(target, nil, toxics...) }

// DueAt is Due on an occasion that has labels, such as the protocol of a connection.
func (s *Set) DueAt(target string, labels []string, toxics ...Toxic) *Active {
	if s.some.Load() == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.active {
		if a.Target != target || !slices.Contains(toxics, a.Toxic) || a.Match != "" && !slices.Contains(labels, a.Match) {
			continue
		}
		if a.asked++; a.Chance > 0 && luck(a.Seed, a.asked) >= a.Chance {
			continue
		}
		a.Hits++
		if a.Count > 0 && a.Hits >= a.Count {
			s.removeLocked(a.ID, a.Toxic == HalfOpen || a.Toxic == Silent) // who waits in it goes on waiting
		}
		return a
	}
	return nil
}

// luck is a number from 0 to 1, the same for the same seed and occasion.
func luck(seed, occasion uint64) float64 {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], seed)
	binary.LittleEndian.PutUint64(b[8:], occasion)
	sum := sha256.Sum256(b[:])
	return float64(binary.LittleEndian.Uint64(sum[:])>>11) / (1 << 53)
}

// Wait is what a fault that holds things up does: until its delay is over, the fault has ended, or ctx, whose error it
// returns then.
func (a *Active) Wait(ctx context.Context) error {
	over := a.over
	if a.Delay > 0 {
		late := make(chan struct{})
		stop := a.set.options.After(a.Delay, func() { close(late) })
		defer stop()
		select {
		case <-late:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Remove ends a fault, and tells whether there was one.
func (s *Set) Remove(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.removeLocked(id, false)
}

func (s *Set) removeLocked(id int, held bool) bool {
	i := slices.IndexFunc(s.active, func(a *Active) bool { return a.ID == id })
	if i < 0 {
		return false
	}
	if !held {
		close(s.active[i].over)
	}
	s.active = slices.Delete(slices.Clone(s.active), i, i+1)
	s.some.Add(-1)
	return true
}

// Clear ends all, and says how many there were.
func (s *Set) Clear() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.active) > 0 {
		s.removeLocked(s.active[0].ID, false)
		n++
	}
	return n
}

// List are the faults that have not ended, the oldest first.
func (s *Set) List() []Active {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Active, 0, len(s.active))
	for _, a := range s.active {
		list = append(list, Active{Fault: a.Fault, ID: a.ID, Since: a.Since, Hits: a.Hits})
	}
	return list
}
