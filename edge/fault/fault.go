// Package fault makes things go wrong on purpose: a connection that is refused, an answer that never
// comes, a part that is slow. A [Fault] says what ([Toxic]), to whom (Target and Name), how often and
// for how long; a [Set] holds those in force, and the part that can suffer one asks it:
//
//	if f, ok := faults.Take("tunnel", id); ok {
//		switch f.Toxic { … }
//	}
//
// Chance comes from a seed, so that a run with the same faults and the same order of questions goes
// wrong in the same places. What is not asked for costs one load of a pointer.
package fault

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sundog-edge/sundog/internal/nearest"
)

// Toxic is what goes wrong.
type Toxic string

// The toxics. Which of them a target can suffer, Targets tells.
const (
	Refuse   Toxic = "refuse"    // the answer is no, for good
	Retry    Toxic = "retry"     // the answer is: later
	Silent   Toxic = "silent"    // there is no answer
	DropOne  Toxic = "drop-one"  // one connection ends without a word
	DropAll  Toxic = "drop-all"  // all of them do
	Slow     Toxic = "slow"      // everything takes Delay longer
	HalfOpen Toxic = "half-open" // connections stay, and carry nothing any more
)

// Targets are the parts of an edge that can suffer, and what.
var targets = map[string][]Toxic{
	"tunnel": {Refuse, Retry, Silent, DropOne, DropAll, Slow, HalfOpen},
}

// Targets lists the kinds of targets, sorted.
func Targets() []string {
	var list []string
	for name := range targets {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// Toxics are those that a kind of target can suffer; nil when there is no such kind.
func Toxics(target string) []Toxic { return slices.Clone(targets[target]) }

// Fault is one thing that goes wrong.
type Fault struct {
	ID     string        `json:"id,omitempty"`     // given by Add
	Target string        `json:"target"`           // kind: "tunnel"
	Name   string        `json:"name,omitempty"`   // which one, as its owner calls it; empty: all of the kind
	Toxic  Toxic         `json:"toxic"`            //
	Delay  time.Duration `json:"delay,omitempty"`  // of Slow and Retry; 0: a second
	Count  int           `json:"count,omitempty"`  // how many times; 0: as often as there is occasion
	For    time.Duration `json:"for,omitempty"`    // how long from Add; 0: until Remove
	Chance float64       `json:"chance,omitempty"` // from 0 to 1, of each occasion; 0: every one
	Seed   uint64        `json:"seed,omitempty"`   // of Chance
}

// Error is a Fault that cannot be.
type Error struct{ Field, Found, Allowed, Hint string }

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %s; allowed: %s", e.Field, e.Found, e.Allowed)
	if e.Hint != "" {
		text += " (did you mean " + e.Hint + "?)"
	}
	return text
}

// check reports all that is wrong with a fault.
func (f *Fault) check() error {
	var errs []error
	bad := func(field, found, allowed, hint string) { errs = append(errs, &Error{field, found, allowed, hint}) }
	toxics, ok := targets[f.Target]
	if !ok {
		bad("target", fmt.Sprintf("%q", f.Target), strings.Join(Targets(), ", "), nearest.Word(f.Target, Targets()))
	}
	if ok && !slices.Contains(toxics, f.Toxic) {
		var names []string
		for _, t := range toxics {
			names = append(names, string(t))
		}
		bad("toxic", fmt.Sprintf("%q", f.Toxic), strings.Join(names, ", "), nearest.Word(string(f.Toxic), names))
	}
	for _, d := range []struct {
		field string
		value time.Duration
	}{{"delay", f.Delay}, {"for", f.For}} {
		if d.value < 0 {
			bad(d.field, d.value.String(), "a duration that is not negative", "")
		}
	}
	if f.Count < 0 {
		bad("count", fmt.Sprint(f.Count), "a number of times, or 0 for every time", "")
	}
	if f.Chance < 0 || f.Chance > 1 || f.Chance != f.Chance {
		bad("chance", fmt.Sprint(f.Chance), "from 0 to 1", "")
	}
	return errors.Join(errs...)
}

// most is how many faults are in force at a time.
const most = 256

// ErrTooMany is that 256 faults are in force.
var ErrTooMany = fmt.Errorf("%d faults are in force; remove some", most)

// Set holds the faults in force; make one with New. Several goroutines may use one.
type Set struct {
	now func() time.Time

	mu     sync.Mutex // guards next, and changes of active
	next   int
	active atomic.Pointer[[]*dose] // nil: none
}

// New returns a Set without faults. Nil now: time.Now.
func New(now func() time.Time) *Set {
	s := &Set{now: now}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// dose is a fault in force.
type dose struct {
	Fault
	until time.Time // zero: until it is removed

	mu    sync.Mutex // guards what follows
	left  int        // of Count; -1: no limit
	asked uint64     // how many occasions there were
}

// Add puts a fault in force and answers its id. The error tells all that is wrong with it, as Errors
// that are joined.
func (s *Set) Add(f Fault) (string, error) {
	if err := f.check(); err != nil {
		return "", err
	}
	if f.Delay == 0 && (f.Toxic == Slow || f.Toxic == Retry) {
		f.Delay = time.Second
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.inForce()
	if len(list) >= most {
		return "", ErrTooMany
	}
	s.next++
	f.ID = fmt.Sprintf("%s-%d", f.Target, s.next)
	d := &dose{Fault: f, left: -1}
	if f.Count > 0 {
		d.left = f.Count
	}
	if f.For > 0 {
		d.until = s.now().Add(f.For)
	}
	list = append(list, d)
	s.active.Store(&list)
	return f.ID, nil
}

// Remove ends a fault, and tells whether it was in force. The empty id ends all.
func (s *Set) Remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.inForce()
	kept := slices.DeleteFunc(slices.Clone(list), func(d *dose) bool { return id == "" || d.ID == id })
	s.store(kept)
	return len(kept) < len(list)
}

// List are the faults in force, in the order of Add; Count is what is left of it.
func (s *Set) List() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Fault
	for _, d := range s.inForce() {
		f := d.Fault
		d.mu.Lock()
		if d.left > 0 {
			f.Count = d.left
		}
		d.mu.Unlock()
		if !d.until.IsZero() {
			f.For = d.until.Sub(s.now())
		}
		out = append(out, f)
	}
	return out
}

// Take asks whether one of some toxics is in force for a target, and uses up one time of the first
// that is. Names are what the target answers to: its id and its name. No toxics: any.
func (s *Set) Take(target string, names []string, toxics ...Toxic) (Fault, bool) {
	list := s.active.Load()
	if list == nil {
		return Fault{}, false
	}
	now := s.now()
	for _, d := range *list {
		switch {
		case d.Target != target, d.Name != "" && !slices.Contains(names, d.Name),
			len(toxics) > 0 && !slices.Contains(toxics, d.Toxic), d.over(now):
			continue
		}
		if d.take() {
			return d.Fault, true
		}
	}
	return Fault{}, false
}

func (d *dose) over(now time.Time) bool { return !d.until.IsZero() && !now.Before(d.until) }

func (d *dose) take() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	if d.left == 0 || d.Chance > 0 && luck(d.Seed, d.asked) >= d.Chance {
		return false
	}
	if d.left > 0 {
		d.left--
	}
	return true
}

// luck is a number from 0 to 1, the same for the same seed and occasion.
func luck(seed, occasion uint64) float64 {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], seed)
	binary.LittleEndian.PutUint64(b[8:], occasion)
	sum := sha256.Sum256(b[:])
	return float64(binary.LittleEndian.Uint64(sum[:])>>11) / (1 << 53)
}

// inForce are the faults that can still strike. The caller holds mu.
func (s *Set) inForce() []*dose {
	list := s.active.Load()
	if list == nil {
		return nil
	}
	now := s.now()
	kept := slices.DeleteFunc(slices.Clone(*list), func(d *dose) bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.left == 0 || d.over(now)
	})
	return kept
}

func (s *Set) store(list []*dose) {
	if len(list) == 0 {
		s.active.Store(nil)
		return
	}
	s.active.Store(&list)
}
