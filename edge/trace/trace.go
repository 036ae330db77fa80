// Package trace keeps the decisions of recent requests in a bounded ring.
//
// What is kept is what the request's way decided, as it decided it; the readable
// form is made when somebody asks. Keeping costs one atomic add and one pointer store.
package trace

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// Trace is the readable form of one request's decisions.
type Trace struct {
	Ray        string        `json:"ray,omitempty"` // 16 hex digits, without the data-centre code; empty: nothing was sent (explain)
	Time       time.Time     `json:"time"`
	Duration   time.Duration `json:"duration_ns,omitempty"` // zero while the request runs
	Client     Client        `json:"client"`
	Worker     string        `json:"worker,omitempty"` // the Worker that made the request; empty: a client did
	Method     string        `json:"method"`
	URL        string        `json:"url"`
	Status     int           `json:"status,omitempty"` // zero: no answer yet, or nothing sent (explain)
	AnsweredBy string        `json:"answered_by,omitempty"`
	Why        string        `json:"why,omitempty"`
	Steps      []Step        `json:"steps"`
}

// Client is who asked, as the edge saw it.
type Client struct {
	Name    string `json:"name,omitempty"` // entry of clients:
	IP      string `json:"ip"`
	Country string `json:"country,omitempty"`
	ASN     uint32 `json:"asn,omitempty"`
}

// Step is one decision on the way.
type Step struct {
	Hop   string   `json:"hop"`             // "admit", "route", "guard", "serve", "finish"
	What  string   `json:"what"`            // the decision: "tunnel web", "login required"
	Why   string   `json:"why,omitempty"`   // what made it
	Where string   `json:"where,omitempty"` // file:line:column
	More  []string `json:"more,omitempty"`  // what was weighed: policies, readings
}

// String is the trace as a person reads it, one line a step.
func (t *Trace) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", t.Method, t.URL)
	if t.Status != 0 {
		fmt.Fprintf(&b, " → %d", t.Status)
	}
	if t.AnsweredBy != "" {
		fmt.Fprintf(&b, ", answered by %s", t.AnsweredBy)
	}
	b.WriteByte('\n')
	var who []string
	if t.Ray != "" {
		who = append(who, "ray "+t.Ray)
	}
	if c := t.Client; c.IP != "" {
		client := "client " + c.IP
		if c.Country != "" {
			client += " " + c.Country
		}
		if c.Name != "" {
			client += " (" + c.Name + ")"
		}
		who = append(who, client)
	}
	if t.Worker != "" {
		who = append(who, "made by the Worker "+t.Worker)
	}
	if len(who) > 0 {
		fmt.Fprintf(&b, "  %s\n", strings.Join(who, ", "))
	}
	told := false
	for _, s := range t.Steps {
		fmt.Fprintf(&b, "  %-7s%s", s.Hop, s.What)
		if s.Where != "" {
			fmt.Fprintf(&b, "  [%s]", s.Where)
		}
		b.WriteByte('\n')
		if s.Why != "" {
			fmt.Fprintf(&b, "         %s\n", s.Why)
		}
		told = told || s.tells(t.Why)
		for _, m := range s.More {
			fmt.Fprintf(&b, "         · %s\n", m)
		}
	}
	if t.Why != "" && !told {
		fmt.Fprintf(&b, "  why    %s\n", t.Why)
	}
	return b.String()
}

// tells says whether a step has said already what sums the request up: the same sentence, but for
// the place that it names, or a problem and its mend.
func (s *Step) tells(why string) bool {
	why = strings.Replace(why, " ("+s.Where+")", "", 1)
	if why == s.Why || why == s.What {
		return true
	}
	_, cause, ok := strings.Cut(s.What, ": ")
	return ok && why == cause+"; "+strings.TrimPrefix(s.Why, "mend: ")
}

// Source is a request that can tell its decisions. Trace may be called from any
// goroutine, while the request runs and long after.
type Source interface {
	Ray() string
	Trace() *Trace
}

// Ring keeps the newest requests. The zero value keeps none; use NewRing.
type Ring struct {
	slots []slot
	next  atomic.Uint64
}

type slot struct {
	source atomic.Pointer[Source]
}

// NewRing keeps n requests, or 1024 when n is not positive.
func NewRing(n int) *Ring {
	if n <= 0 {
		n = 1024
	}
	return &Ring{slots: make([]slot, n)}
}

// Add keeps a request and forgets the oldest. The pointer is the caller's, so that
// adding allocates nothing.
func (r *Ring) Add(s *Source) {
	if len(r.slots) == 0 {
		return
	}
	r.slots[(r.next.Add(1)-1)%uint64(len(r.slots))].source.Store(s)
}

// Last returns at most n traces, the newest first; n <= 0 means all.
func (r *Ring) Last(n int) []*Trace {
	var traces []*Trace
	r.each(func(s Source) bool {
		traces = append(traces, s.Trace())
		return n <= 0 || len(traces) < n
	})
	return traces
}

// Find returns the trace of a ray, with or without the data-centre code.
func (r *Ring) Find(ray string) (*Trace, bool) {
	ray, _, _ = strings.Cut(ray, "-")
	var found *Trace
	r.each(func(s Source) bool {
		if s.Ray() == ray {
			found = s.Trace()
		}
		return found == nil
	})
	return found, found != nil
}

// each calls f from the newest to the oldest until f says false.
func (r *Ring) each(f func(Source) bool) {
	n := uint64(len(r.slots))
	next := r.next.Load()
	for i := range min(n, next) {
		s := r.slots[(next-1-i)%n].source.Load()
		if s != nil && !f(*s) {
			return
		}
	}
}
