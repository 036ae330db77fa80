package worker

import (
	"errors"
	"testing"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

func TestExpectedProcessTakesTheFirstSet(t *testing.T) {
	e := testEngine(t, nil)
	s := set(Worker{Name: "a", Version: code(small)})
	e.Expect(s)
	w := e.waiting
	if w == nil {
		fixtures.Lacks(t, "workerd", errors.New("this workerd takes its config from a file"))
	}
	e.Expect(s)
	if e.waiting != w {
		t.Error("two processes wait")
	}
	apply(t, e, s)
	if e.waiting != nil {
		t.Error("it waits on")
	}
	if got := get(t, e, "a", "http://x/"); got != "ok" {
		t.Error(got)
	}
	e.Expect(s)
	if e.waiting != nil {
		t.Error("a process waits beside the one that runs")
	}
}

func TestExpectedProcessEndsWhenNothingRuns(t *testing.T) {
	e := testEngine(t, nil)
	e.Expect(set(Worker{Name: "a", Version: code(small)}))
	apply(t, e, Set{})
	if e.waiting != nil {
		t.Error("it waits on")
	}
	e.Expect(set(Worker{Name: "far", URL: "http://localhost:8787"}))
	if e.waiting != nil {
		t.Error("a process waits for a dev server's code")
	}
	e.Expect(set(Worker{Name: "a", Version: code(small)})) // and ends with the engine, or goleak tells
}
