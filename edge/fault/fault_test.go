package fault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge/fault"
)

func TestCountEndsAFault(t *testing.T) {
	s := fault.New(fault.Options{})
	if s.Due("tunnel:a", fault.Refuse) != nil {
		t.Fatal("a fault of nobody's")
	}
	if _, err := s.Add(fault.Fault{Target: "tunnel:a", Toxic: fault.Refuse, Count: 2}); err != nil {
		t.Fatal(err)
	}
	if s.Due("tunnel:b", fault.Refuse) != nil || s.Due("tunnel:a", fault.Slow) != nil {
		t.Error("it is due where it was not asked for")
	}
	for i := range 3 {
		if due := s.Due("tunnel:a", fault.Retry, fault.Refuse) != nil; due != (i < 2) {
			t.Errorf("time %d: due %v", i, due)
		}
	}
	if list := s.List(); len(list) != 0 {
		t.Errorf("left: %v", list)
	}
}

func TestTimeEndsAFault(t *testing.T) {
	var end func()
	s := fault.New(fault.Options{After: func(d time.Duration, f func()) func() bool {
		if d != time.Minute {
			t.Errorf("waits %v", d)
		}
		end = f
		return func() bool { return true }
	}})
	s.Add(fault.Fault{Target: "tunnel:a", Toxic: fault.HalfOpen, For: time.Minute})
	f := s.Due("tunnel:a", fault.HalfOpen)
	waited := make(chan error)
	go func() { waited <- f.Wait(t.Context()) }()
	end()
	if err := <-waited; err != nil {
		t.Error(err)
	}
	if s.Due("tunnel:a", fault.HalfOpen) != nil {
		t.Error("due after its time")
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	s := fault.New(fault.Options{})
	s.Add(fault.Fault{Target: "tunnel:a", Toxic: fault.Silent, Count: 1})
	f := s.Due("tunnel:a", fault.Silent)
	left := errors.New("left")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(left)
	if err := f.Wait(ctx); !errors.Is(err, left) {
		t.Error(err)
	}
}

func TestWhatCannotBe(t *testing.T) {
	s := fault.New(fault.Options{})
	for field, f := range map[string]fault.Fault{
		"toxic": {Target: "tunnel:a", Toxic: "slwo"}, "target": {Toxic: fault.Slow}, "count": {Target: "tunnel:a", Toxic: fault.Slow, Count: -1},
		"for": {Target: "tunnel:a", Toxic: fault.Slow, For: -1}, "delay": {Target: "tunnel:a", Toxic: fault.Refuse, Delay: 1},
	} {
		var bad *fault.Error
		if _, err := s.Add(f); !errors.As(err, &bad) || bad.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func BenchmarkNoFault(b *testing.B) {
	s := fault.New(fault.Options{})
	b.ReportAllocs()
	for b.Loop() {
		if s.Due("tunnel:a", fault.Slow) != nil {
			b.Fatal("due")
		}
	}
}

func TestMatch(t *testing.T) {
	s := fault.New(fault.Options{})
	if _, err := s.Add(fault.Fault{Target: "tunnel:a", Toxic: fault.Slow, Match: "quic"}); err != nil {
		t.Fatal(err)
	}
	for label, want := range map[string]bool{"quic": true, "http2": false, "": false} {
		if got := s.DueAt("tunnel:a", []string{label, "0"}, fault.Slow) != nil; got != want {
			t.Errorf("%q: %v", label, got)
		}
	}
	if s.Due("tunnel:a", fault.Slow) != nil {
		t.Error("an occasion without labels matches")
	}
}

func TestChanceComesFromTheSeed(t *testing.T) {
	struck := func(seed uint64) (n int, which [64]bool) {
		s := fault.New(fault.Options{})
		if _, err := s.Add(fault.Fault{Target: "tunnel:a", Toxic: fault.Slow, Chance: 0.5, Seed: seed}); err != nil {
			t.Fatal(err)
		}
		for i := range which {
			if which[i] = s.Due("tunnel:a", fault.Slow) != nil; which[i] {
				n++
			}
		}
		return n, which
	}
	n, first := struck(7)
	_, again := struck(7)
	_, other := struck(8)
	if first != again || first == other || n < 16 || n > 48 {
		t.Errorf("%d of 64; the same twice: %v; another seed the same: %v", n, first == again, first == other)
	}
	for _, chance := range []float64{-0.1, 1.1} {
		if _, err := fault.New(fault.Options{}).Add(fault.Fault{Target: "tunnel:a", Toxic: fault.Slow, Chance: chance}); err == nil {
			t.Errorf("a chance of %v is taken", chance)
		}
	}
}
