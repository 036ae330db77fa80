package edge

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// unknownHost is the label of all hosts that the world does not serve: whoever asks for made-up names
// makes no series.
const unknownHost = "(unknown)"

// answerers are the values of answered_by, and codes those of code: a status's class, or that
// the connection was cut before there was one.
var (
	answerers = [...]string{"edge", "access", "tunnel", "connector", "worker", "origin"}
	codes     = [...]string{"cut", "1xx", "2xx", "3xx", "4xx", "5xx"}
)

// durations are the upper bounds of the latency histogram, in seconds.
var durations = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// meter counts the requests of one host, or of what one wildcard record covers. It belongs to the compiled
// world and lives as long as the host does. Counting takes no lock and allocates nothing but for
// what a host answers for the first time.
type meter struct {
	host   string
	series atomic.Pointer[series]
	mu     sync.Mutex // held while series is made
}

// series are the metrics of a host that was asked at least once.
type series struct {
	requests *prometheus.CounterVec // by answered_by and code
	errors   *prometheus.CounterVec // by answered_by
	duration prometheus.Histogram

	// Handles, so that nothing is looked up by labels. nil: not counted yet.
	request [len(answerers)][len(codes)]atomic.Pointer[prometheus.Counter]
	failure [len(answerers)]atomic.Pointer[prometheus.Counter]
}

func newSeries(host string) *series {
	labels := prometheus.Labels{"host": host}
	return &series{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sundog_requests_total", Help: "Requests by host, by who answered, and by the class of the status.", ConstLabels: labels,
		}, []string{"answered_by", "code"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sundog_errors_total", Help: "Requests that ended with a status of 500 or more, or were cut, by host and by who answered.", ConstLabels: labels,
		}, []string{"answered_by"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sundog_request_duration_seconds", Help: "From the head of a request to the end of its answer, by host.", ConstLabels: labels,
			Buckets: durations,
		}),
	}
}

// count is one request that has ended.
func (m *meter) count(by string, status int, cut bool, took time.Duration) {
	s := m.series.Load()
	if s == nil {
		s = m.begin()
	}
	who, code := answererOf(by), codeOf(status, cut)
	counter(&s.request[who][code], func() prometheus.Counter { return s.requests.WithLabelValues(answerers[who], codes[code]) }).Inc()
	if code == len(codes)-1 || cut {
		counter(&s.failure[who], func() prometheus.Counter { return s.errors.WithLabelValues(answerers[who]) }).Inc()
	}
	s.duration.Observe(took.Seconds())
}

func (m *meter) begin() *series {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.series.Load()
	if s == nil {
		s = newSeries(m.host)
		m.series.Store(s)
	}
	return s
}

// counter is the handle in a slot, made at first use. Two that race get the same counter.
func counter(slot *atomic.Pointer[prometheus.Counter], make func() prometheus.Counter) prometheus.Counter {
	if c := slot.Load(); c != nil {
		return *c
	}
	c := make()
	slot.Store(&c)
	return c
}

func answererOf(by string) int {
	for i, name := range answerers {
		if name == by {
			return i
		}
	}
	return 0
}

// codeOf is the index in codes. A handler that wrote nothing has answered 200.
func codeOf(status int, cut bool) int {
	switch {
	case status == 0 && cut:
		return 0
	case status == 0:
		return 2
	}
	return min(max(status/100, 1), len(codes)-1)
}

// count tells the host's meter that the request has ended.
func (q *request) count(took time.Duration) {
	m := &q.edge.strangers
	if owner := q.route.owner; owner != "" {
		if known, ok := find(q.snap.meters, owner); ok {
			m = known.meter
		}
	}
	by := byEdge
	if p := q.by.Load(); p != nil {
		by = *p
	}
	// A client that leaves in the middle is no failure of who answered.
	left := q.cut && q.view.HTTP != nil && q.view.HTTP.Context().Err() != nil
	m.count(by, int(q.status.Load()), q.cut && !left, took)
}

// collector reads the meters of the world as it is now, so that there are never more series than hosts.
type collector struct{ *Edge }

// Describe sends nothing: which series there are depends on the world.
func (collector) Describe(chan<- *prometheus.Desc) {}

func (c collector) Collect(out chan<- prometheus.Metric) {
	c.strangers.collect(out)
	if meters := c.snap.Load().meters; meters != nil {
		meters.Root().Walk(func(_ []byte, m metered) bool {
			m.collect(out)
			return false
		})
	}
}

func (m *meter) collect(out chan<- prometheus.Metric) {
	if s := m.series.Load(); s != nil {
		s.requests.Collect(out)
		s.errors.Collect(out)
		s.duration.Collect(out)
	}
}

// metrics answers in Prometheus' text format.
func (e *Edge) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector{e})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry})
}
