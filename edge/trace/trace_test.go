package trace

import (
	"fmt"
	"sync"
	"testing"
)

type fixed string

func (f fixed) Ray() string   { return string(f) }
func (f fixed) Trace() *Trace { return &Trace{Ray: string(f)} }

func source(ray string) *Source {
	var s Source = fixed(ray)
	return &s
}

func TestRingKeepsTheNewest(t *testing.T) {
	r := NewRing(3)
	for i := range 5 {
		r.Add(source(fmt.Sprintf("ray%d", i)))
	}
	var got []string
	for _, tr := range r.Last(0) {
		got = append(got, tr.Ray)
	}
	if fmt.Sprint(got) != "[ray4 ray3 ray2]" {
		t.Errorf("kept %v, want the newest three", got)
	}
	if len(r.Last(2)) != 2 {
		t.Errorf("Last(2) returned %d", len(r.Last(2)))
	}
}

func TestRingFindsByRay(t *testing.T) {
	r := NewRing(2)
	r.Add(source("aa"))
	if _, ok := r.Find("aa-SUN"); !ok {
		t.Error("a ray with its data-centre code is not found")
	}
	if _, ok := r.Find("bb"); ok {
		t.Error("found a ray that was never added")
	}
}

func TestZeroRingKeepsNothing(t *testing.T) {
	var r Ring
	r.Add(source("aa"))
	if got := r.Last(0); len(got) != 0 {
		t.Errorf("kept %v", got)
	}
}

func TestRingConcurrently(t *testing.T) {
	r := NewRing(8)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				r.Add(source("x"))
				r.Last(3)
			}
		})
	}
	wg.Wait()
	if got := len(r.Last(0)); got != 8 {
		t.Errorf("kept %d, want 8", got)
	}
}

func BenchmarkRingAdd(b *testing.B) {
	r := NewRing(0)
	s := source("x")
	b.ReportAllocs()
	for b.Loop() {
		r.Add(s)
	}
}

// What a step has said is not said again, and what was not sent has no ray.
func TestStringSaysThingsOnce(t *testing.T) {
	for _, tt := range []struct {
		name string
		t    Trace
		want string
	}{
		{"a guard's sentence", Trace{Method: "GET", URL: "https://a.test/", Client: Client{IP: "192.0.2.1"}, Why: "nobody is signed in (sundog.yaml:1:1); sign in",
			Steps: []Step{{Hop: "guard", What: "login", Where: "sundog.yaml:1:1", Why: "nobody is signed in; sign in"}}},
			"GET https://a.test/\n  client 192.0.2.1\n  guard  login  [sundog.yaml:1:1]\n         nobody is signed in; sign in\n"},
		{"a problem", Trace{Ray: "aa", Method: "GET", URL: "https://a.test/", Status: 530, Why: "there is no record (sundog.yaml:5:5); add one",
			Steps: []Step{{Hop: "serve", What: "error 1001, status 530: there is no record", Where: "sundog.yaml:5:5", Why: "mend: add one"}}},
			"GET https://a.test/ → 530\n  ray aa\n  serve  error 1001, status 530: there is no record  [sundog.yaml:5:5]\n         mend: add one\n"},
		{"something else", Trace{Ray: "aa", Method: "GET", URL: "/", Why: "the origin has ended", Steps: []Step{{Hop: "serve", What: "tunnel web"}}},
			"GET /\n  ray aa\n  serve  tunnel web\n  why    the origin has ended\n"},
	} {
		if got := tt.t.String(); got != tt.want {
			t.Errorf("%s:\n%s\nwant:\n%s", tt.name, got, tt.want)
		}
	}
}

func TestRingSince(t *testing.T) {
	r := NewRing(3)
	if got := r.Since(0); len(got) != 0 || r.Seq() != 0 {
		t.Errorf("an empty ring: %v, %d", got, r.Seq())
	}
	for i := range 5 {
		r.Add(source(fmt.Sprintf("ray%d", i)))
	}
	for since, want := range map[uint64]string{0: "[ray2 ray3 ray4]", 3: "[ray3 ray4]", 5: "[]", 9: "[]", 1<<64 - 1: "[]"} {
		got := []string{}
		for _, tr := range r.Since(since) {
			got = append(got, tr.Ray)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("since %d: %v, want %s", since, got, want)
		}
	}
	if r.Seq() != 5 {
		t.Errorf("Seq is %d", r.Seq())
	}
	var none Ring
	none.Add(source("x"))
	if got := none.Since(0); len(got) != 0 {
		t.Errorf("the zero ring kept %v", got)
	}
}
