package worker

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// exception is what a Worker threw and nobody caught.
type exception struct {
	worker, version, ray string
	name, message        string
}

// of is the error that a caller of the Worker gets.
func (x *exception) of(worker string) error {
	if strings.Contains(x.message, "code had hung and would never generate a response") {
		return &HungError{Worker: worker, Why: "the code waits for what can never come"}
	}
	return &ThrewError{Worker: worker, Name: x.name, Message: x.message}
}

// thrown keeps what was thrown lately. The tail tells it, and the answer to the request comes on its own, before or
// after.
type thrown struct {
	told atomic.Uint64 // how many were told

	mu      sync.Mutex
	last    [32]exception // by number, the last ones; guarded by mu
	waiting []*waiter     // guarded by mu
}

type waiter struct {
	flight *flight
	told   chan *exception // holds one
}

func (x *exception) isOf(fl *flight) bool {
	return x.worker == fl.target.unit.worker.Name && x.version == fl.target.unit.id() && x.ray == fl.ray
}

func (t *thrown) tell(x exception) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.told.Load()
	t.last[n%uint64(len(t.last))] = x
	t.told.Store(n + 1)
	for i, w := range t.waiting {
		if x.isOf(w.flight) {
			w.told <- &x
			t.waiting = append(t.waiting[:i], t.waiting[i+1:]...)
			return
		}
	}
}

// await is what the flight's Worker threw; nil: it was not told before the context ended.
func (t *thrown) await(ctx context.Context, fl *flight) *exception {
	t.mu.Lock()
	for n, end := max(fl.from, t.told.Load()-min(t.told.Load(), uint64(len(t.last)))), t.told.Load(); n < end; n++ {
		if x := t.last[n%uint64(len(t.last))]; x.isOf(fl) {
			t.mu.Unlock()
			return &x
		}
	}
	w := &waiter{flight: fl, told: make(chan *exception, 1)}
	t.waiting = append(t.waiting, w)
	t.mu.Unlock()
	select {
	case x := <-w.told:
		return x
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, other := range t.waiting {
		if other == w {
			t.waiting = append(t.waiting[:i], t.waiting[i+1:]...)
			return nil
		}
	}
	return <-w.told
}

// thrownBound is how long an answer waits for what was thrown. The tail tells it at once, unless the Worker still does
// something that it asked to go on beyond its answer.
const thrownBound = 250 * time.Millisecond

// threw says whether an answer stands for an exception, and which. An answer that the Worker gave bears a mark of the
// socket, which no Worker can take away; what the runtime answers in its place has none.
func (e *Engine) threw(ctx context.Context, fl *flight, res *http.Response) error {
	if !fl.target.direct {
		return e.threwBehindFront(fl.worker, res)
	}
	if _, answered := res.Header[answeredHeader]; answered || res.StatusCode != http.StatusInternalServerError {
		delete(res.Header, answeredHeader)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, e.telling)
	defer cancel()
	if x := e.thrown.await(ctx, fl); x != nil {
		return x.of(fl.worker)
	}
	return &ThrewError{Worker: fl.worker, Name: "Error", Message: "what it threw is told once all that it still does has ended"}
}

// threwBehindFront reads what the front Worker says of an exception.
func (e *Engine) threwBehindFront(worker string, res *http.Response) error {
	told, ours := strings.CutPrefix(res.Header.Get(threwHeader), e.mark)
	if !ours {
		return nil
	}
	x := exception{name: "Error", message: told}
	if text, bad := url.PathUnescape(told); bad == nil {
		var what struct{ Name, Message string }
		if json.Unmarshal([]byte(text), &what) == nil {
			x.name, x.message = what.Name, what.Message
		}
	}
	return x.of(worker)
}
