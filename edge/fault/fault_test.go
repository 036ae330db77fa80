package fault

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func set() (*Set, *clock) {
	c := &clock{time.Unix(1_800_000_000, 0)}
	return New(c.Now), c
}

func add(t *testing.T, s *Set, f Fault) string {
	t.Helper()
	id, err := s.Add(f)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

var web = []string{"6ff42ae2-765d-4adf-8112-31c55c1551ef", "web"}

func TestTake(t *testing.T) {
	t.Run("nothing is in force", func(t *testing.T) {
		if f, ok := New(nil).Take("tunnel", web); ok {
			t.Error(f)
		}
	})
	t.Run("by name, by id, and all", func(t *testing.T) {
		for _, name := range []string{"", "web", web[0]} {
			s, _ := set()
			add(t, s, Fault{Target: "tunnel", Name: name, Toxic: Silent})
			if _, ok := s.Take("tunnel", web); !ok {
				t.Errorf("%q does not strike", name)
			}
		}
		s, _ := set()
		add(t, s, Fault{Target: "tunnel", Name: "lab", Toxic: Silent})
		if _, ok := s.Take("tunnel", web); ok {
			t.Error("another's strikes")
		}
	})
	t.Run("only what is asked about", func(t *testing.T) {
		s, _ := set()
		add(t, s, Fault{Target: "tunnel", Toxic: Slow})
		if _, ok := s.Take("tunnel", web, Refuse, Retry); ok {
			t.Error("slow is no refusal")
		}
		if f, ok := s.Take("tunnel", web, Refuse, Slow); !ok || f.Delay != time.Second {
			t.Error(f, ok)
		}
	})
	t.Run("so many times", func(t *testing.T) {
		s, _ := set()
		add(t, s, Fault{Target: "tunnel", Toxic: Refuse, Count: 2})
		var struck []bool
		for range 4 {
			_, ok := s.Take("tunnel", web)
			struck = append(struck, ok)
		}
		if diff := cmp.Diff([]bool{true, true, false, false}, struck); diff != "" {
			t.Error(diff)
		}
		if list := s.List(); len(list) != 0 {
			t.Errorf("it is listed still: %v", list)
		}
	})
	t.Run("so long", func(t *testing.T) {
		s, c := set()
		add(t, s, Fault{Target: "tunnel", Toxic: Refuse, For: time.Minute})
		c.now = c.now.Add(59 * time.Second)
		if list := s.List(); len(list) != 1 || list[0].For != time.Second {
			t.Error(list)
		}
		if _, ok := s.Take("tunnel", web); !ok {
			t.Error("too short")
		}
		c.now = c.now.Add(time.Second)
		if _, ok := s.Take("tunnel", web); ok {
			t.Error("too long")
		}
	})
	t.Run("the same seed, the same accidents", func(t *testing.T) {
		run := func(seed uint64) (struck []bool) {
			s, _ := set()
			add(t, s, Fault{Target: "tunnel", Toxic: Refuse, Chance: 0.5, Seed: seed})
			for range 64 {
				_, ok := s.Take("tunnel", web)
				struck = append(struck, ok)
			}
			return struck
		}
		if diff := cmp.Diff(run(7), run(7)); diff != "" {
			t.Error(diff)
		}
		if cmp.Equal(run(7), run(8)) {
			t.Error("another seed makes no difference")
		}
	})
	t.Run("the next one, when the first is used up", func(t *testing.T) {
		s, _ := set()
		add(t, s, Fault{Target: "tunnel", Toxic: Refuse, Count: 1})
		add(t, s, Fault{Target: "tunnel", Toxic: Silent})
		first, _ := s.Take("tunnel", web)
		second, _ := s.Take("tunnel", web)
		if first.Toxic != Refuse || second.Toxic != Silent {
			t.Error(first, second)
		}
	})
}

func TestRemove(t *testing.T) {
	s, _ := set()
	one := add(t, s, Fault{Target: "tunnel", Toxic: Refuse})
	add(t, s, Fault{Target: "tunnel", Toxic: Silent})
	if !s.Remove(one) || s.Remove(one) {
		t.Error("a fault is removed once")
	}
	if f, ok := s.Take("tunnel", web); !ok || f.Toxic != Silent {
		t.Error(f, ok)
	}
	if !s.Remove("") || s.active.Load() != nil {
		t.Error("not all are removed")
	}
}

func TestAddRefuses(t *testing.T) {
	s, _ := set()
	_, err := s.Add(Fault{Target: "tunel", Toxic: "x", Delay: -1, For: -1, Count: -1, Chance: 2})
	var got []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		var one *Error
		if !errors.As(e, &one) {
			t.Fatalf("%T", e)
		}
		got = append(got, one.Field)
	}
	if diff := cmp.Diff([]string{"target", "delay", "for", "count", "chance"}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := s.Add(Fault{Target: "tunnel", Toxic: "slwo"}); err == nil || !strings.Contains(err.Error(), "did you mean slow?") {
		t.Error(err)
	}
	if _, err := s.Add(Fault{Target: "tunel", Toxic: Slow}); err == nil || !strings.Contains(err.Error(), "did you mean tunnel?") {
		t.Error(err)
	}
	for range most {
		add(t, s, Fault{Target: "tunnel", Toxic: Slow})
	}
	if _, err := s.Add(Fault{Target: "tunnel", Toxic: Slow}); !errors.Is(err, ErrTooMany) {
		t.Error(err)
	}
}

func TestMany(t *testing.T) {
	s, _ := set()
	add(t, s, Fault{Target: "tunnel", Toxic: Refuse, Count: 100})
	var wg sync.WaitGroup
	struck := make([]int, 8)
	for i := range struck {
		wg.Go(func() {
			for range 100 {
				if _, ok := s.Take("tunnel", web); ok {
					struck[i]++
				}
			}
		})
	}
	wg.Go(func() {
		for range 100 {
			s.List()
		}
	})
	wg.Wait()
	sum := 0
	for _, n := range struck {
		sum += n
	}
	if sum != 100 {
		t.Errorf("%d struck", sum)
	}
}

func BenchmarkTake(b *testing.B) {
	for _, n := range []int{0, 1, 16} {
		b.Run(fmt.Sprintf("faults=%d", n), func(b *testing.B) {
			s, _ := set()
			for range n {
				if _, err := s.Add(Fault{Target: "tunnel", Name: "lab", Toxic: Slow}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				s.Take("tunnel", web)
			}
		})
	}
}
