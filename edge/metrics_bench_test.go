package edge

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ended is a request to a host that is about to be counted.
func ended(e *Edge, host string) *request {
	q := &request{edge: e, snap: e.snap.Load()}
	q.route = q.snap.route(host)
	q.by.Store(&byOrigin)
	q.status.Store(200)
	return q
}

// BenchmarkCount is what metrics cost a request, in a world of so many hosts.
func BenchmarkCount(b *testing.B) {
	for _, n := range []int{10, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			q := ended(manyHosts(b, n), "host-7.example.com")
			b.ReportAllocs()
			for b.Loop() {
				q.count(3 * time.Millisecond)
			}
		})
	}
}

func TestCountingAllocatesNothing(t *testing.T) {
	e := manyHosts(t, 100)
	for _, host := range []string{"host-42.example.com", "made-up.test"} {
		q := ended(e, host)
		q.count(time.Millisecond)
		if n := testing.AllocsPerRun(100, func() { q.count(time.Millisecond) }); n != 0 {
			t.Errorf("%s: %v allocations", host, n)
		}
	}
}

// Ten thousand made-up names make the series of one.
func TestMadeUpHostsMakeNoSeries(t *testing.T) {
	e := manyHosts(t, 1)
	for i := range 10_000 {
		ended(e, fmt.Sprintf("n%d.example.com", i)).count(0)
		ended(e, fmt.Sprintf("n%d.test", i)).count(0)
	}
	out := make(chan prometheus.Metric, 100)
	collector{e}.Collect(out)
	if n := len(out); n != 2 { // one counter, one histogram
		t.Errorf("%d series", n)
	}
}
