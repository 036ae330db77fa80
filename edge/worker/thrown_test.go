package worker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// A Worker that loses a connection of its own and does not mind that threw, and ran once: the runtime closes the
// client's connection for it, which net/http would take for a reason to send the request again.
func TestAWorkerThatLosesAConnection(t *testing.T) {
	var asked atomic.Int32
	e := testEngine(t, func(o *Options) {
		o.Outbound = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/lost" {
				asked.Add(1)
				panic(http.ErrAbortHandler)
			}
		})
	})
	apply(t, e, set(Worker{Name: "a", Version: code(`export default { fetch: (request) => request.url.endsWith("/fine") ? new Response("fine") : fetch("http://x/lost") }`)}))
	for i := range 3 {
		if got := get(t, e, "a", "http://x/fine"); got != "fine" { // so that the connection was used before
			t.Fatal(got)
		}
		var threw *ThrewError
		if _, _, err := ask(t, e, Call{Worker: "a"}, "http://x/"); !errors.As(err, &threw) || !strings.Contains(threw.Message, "connection lost") {
			t.Error(err)
		}
		if n := asked.Load(); n != int32(i+1) {
			t.Fatalf("it ran %d times for %d requests", n, i+1)
		}
	}
}

// Each request hears of its own exception, however many throw at once.
func TestManyThrowAtOnce(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "a", Version: code(`export default { async fetch(request) {
		await scheduler.wait(1);
		throw new Error("of " + request.headers.get("cf-ray"));
	} }`)}))
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			ray := fmt.Sprint("ray-", i)
			_, _, err := ask(t, e, Call{Worker: "a"}, "http://x/", func(r *http.Request) { r.Header.Set("Cf-Ray", ray) })
			var threw *ThrewError
			if !errors.As(err, &threw) || threw.Message != "of "+ray {
				t.Errorf("%s: %v", ray, err)
			}
		})
	}
	all.Wait()
}

// What is thrown while something goes on beyond the answer is told when that has ended; the answer does not wait.
func TestAnExceptionBeforeTheRestHasEnded(t *testing.T) {
	events := make(chan Event, 8)
	e := testEngine(t, func(o *Options) {
		o.OnEvent = func(ev Event) {
			if ev.Kind == Exception {
				events <- ev
			}
		}
	})
	apply(t, e, set(Worker{Name: "a", Version: code(`export default { fetch(request, env, ctx) {
		ctx.waitUntil(scheduler.wait(400));
		throw new Error("early");
	} }`)}))
	e.telling = time.Millisecond
	var threw *ThrewError
	if _, _, err := ask(t, e, Call{Worker: "a"}, "http://x/"); !errors.As(err, &threw) {
		t.Fatal(err)
	}
	if ev := <-events; ev.Message != "Error: early" {
		t.Error(ev)
	}
}

func TestThrownIsOfItsFlight(t *testing.T) {
	var told thrown
	unit := func(name string) *target {
		return &target{unit: &unit{worker: &Worker{Name: name}, version: &version.Version{ID: "v"}}}
	}
	x := exception{"a", "v", "ray", "Error", "mine"}
	for range 40 { // of which the last are kept
		told.tell(exception{"a", "v", "other", "Error", "another's"})
	}
	told.tell(x)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name string
		fl   *flight
		want bool
	}{
		{"told before", &flight{target: unit("a"), ray: "ray", from: 40}, true},
		{"told since long before", &flight{target: unit("a"), ray: "ray"}, true},
		{"told before it began", &flight{target: unit("a"), ray: "ray", from: 41}, false},
		{"of another Worker", &flight{target: unit("b"), ray: "ray"}, false},
		{"of another request", &flight{target: unit("a"), ray: "x"}, false},
	} {
		if got := told.await(over, c.fl); (got != nil) != c.want || got != nil && *got != x {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if len(told.waiting) != 0 {
		t.Error(len(told.waiting), "wait")
	}
}
