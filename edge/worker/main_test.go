package worker

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// binary is the runtime of the npm fixtures, or what else there is.
func binary(t testing.TB) string { return fixtures.Need(t, "workerd", fixtures.Workerd) }

// testEngine is an engine over the real runtime, closed with the test.
func testEngine(t testing.TB, change func(*Options)) *Engine {
	t.Helper()
	o := Options{
		Workerd: binary(t),
		Outbound: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "nothing is out there", http.StatusTeapot)
		}),
	}
	if change != nil {
		change(&o)
	}
	e := New(o)
	e.telling = time.Minute // on a busy machine, too, a test hears what was thrown
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// code is a version of one module.
func code(code string, bindings ...version.Binding) *version.Version {
	return &version.Version{
		ID:                "0a1b2c3d-0000-4000-8000-000000000000",
		Modules:           []version.Module{{Name: "index.js", Kind: version.ESModule, Content: []byte(code)}},
		CompatibilityDate: "2026-11-01",
		Bindings:          bindings,
	}
}

func set(workers ...Worker) Set { return Set{Workers: workers} }

// apply applies and wants no error.
func apply(t testing.TB, e *Engine, s Set) Report {
	t.Helper()
	r := e.Apply(t.Context(), s)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	for _, o := range r.Workers {
		if o.Err != nil {
			t.Fatal(o.Worker, ": ", o.Err)
		}
	}
	return r
}

// ask sends a request in and gives the answer.
func ask(t testing.TB, e *Engine, call Call, target string, change ...func(*http.Request)) (*http.Response, string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	err := e.Serve(w, r, call)
	res := w.Result()
	body, _ := io.ReadAll(res.Body)
	return res, string(body), err
}

// get wants an answer of the Worker's.
func get(t testing.TB, e *Engine, worker, target string, change ...func(*http.Request)) string {
	t.Helper()
	_, body, err := ask(t, e, Call{Worker: worker}, target, change...)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// server puts the engine on a socket: what needs a real connection goes there.
func server(t testing.TB, e *Engine, call Call) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := e.Serve(w, r, call); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("never: " + what)
		}
	}
}
