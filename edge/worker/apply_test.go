package worker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/workerd"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// answers is a version whose Worker says one word.
func answers(word string, bindings ...version.Binding) *version.Version {
	v := code(fmt.Sprintf(`export default { fetch: async () => { await scheduler.wait(2); return new Response(%q) } }`, word), bindings...)
	v.ID = fmt.Sprintf("%08x-0000-4000-8000-000000000000", len(word)<<16|int(word[0])<<8|int(word[len(word)-1]))
	return v
}

// kinds are those of the events so far.
func kinds(e *Engine) (list []EventKind) {
	for _, ev := range e.Logs("") {
		list = append(list, ev.Kind)
	}
	return list
}

func has(e *Engine, kind EventKind) func() bool {
	return func() bool { return slices.Contains(kinds(e), kind) }
}

// load asks a Worker without pause until stop is called, which gives the number of answers and the first error.
func load(t *testing.T, e *Engine, worker string, ok func(string) bool) (stop func() (int64, error)) {
	t.Helper()
	var n atomic.Int64
	var first error
	var once sync.Once
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for ctx.Err() == nil {
				_, body, err := ask(t, e, Call{Worker: worker}, "http://x/")
				if err == nil && !ok(body) {
					err = fmt.Errorf("answer %q", body)
				}
				if err != nil {
					once.Do(func() { first = err })
					return
				}
				n.Add(1)
			}
		})
	}
	return func() (int64, error) {
		cancel()
		all.Wait()
		return n.Load(), first
	}
}

func TestSwapsLoseNoRequest(t *testing.T) {
	for _, stored := range []bool{false, true} {
		t.Run(fmt.Sprintf("stored=%v", stored), func(t *testing.T) {
			e := testEngine(t, nil)
			var bindings []version.Binding
			if stored {
				bindings = []version.Binding{{Type: "kv_namespace", Name: "KV", NamespaceID: "k"}}
			}
			apply(t, e, set(Worker{Name: "a", Version: answers("v0", bindings...)}))
			stop := load(t, e, "a", func(s string) bool { return strings.HasPrefix(s, "v") })
			for i := 1; i <= 6; i++ {
				word := fmt.Sprintf("v%d", i)
				apply(t, e, set(Worker{Name: "a", Version: answers(word, bindings...)}))
				if got := get(t, e, "a", "http://x/"); got != word {
					t.Errorf("after the swap to %s: %s", word, got)
				}
			}
			n, err := stop()
			if err != nil || n == 0 {
				t.Errorf("%d requests, then %v", n, err)
			}
			t.Logf("%d requests over 6 swaps", n)
		})
	}
}

func TestApplyingTheSameDoesNothing(t *testing.T) {
	e := testEngine(t, nil)
	for range 3 {
		apply(t, e, set(Worker{Name: "a", Version: answers("v1")}))
	}
	if got := kinds(e); !slices.Equal(got, []EventKind{Started}) {
		t.Error(got)
	}
}

func TestABrokenWorkerTakesNoOtherDown(t *testing.T) {
	e := testEngine(t, nil)
	good := answers("good")
	apply(t, e, set(Worker{Name: "a", Version: good}, Worker{Name: "b", Version: answers("b1")}))
	flag := answers("flag")
	flag.CompatibilityFlags = []string{"nonsense"}
	r := e.Apply(t.Context(), set(
		Worker{Name: "a", Version: code("export default {\n\n}; throw new Error('at the top')")},
		Worker{Name: "b", Version: answers("b2")},
		Worker{Name: "c", Version: flag},
		Worker{Name: "c", Version: good},
		Worker{Name: "d@e", Version: good},
		Worker{Name: "f"},
	))
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	var failed *StartError
	if a := r.Workers[0]; !errors.As(a.Err, &failed) || !strings.Contains(failed.Text, "at the top\n  at index.js:3:10") || !a.Kept || a.Version != good.ID {
		t.Errorf("%+v", a)
	}
	if c := r.Workers[2]; !errors.As(c.Err, &failed) || failed.Text != "No such compatibility flag: nonsense" || c.Kept {
		t.Errorf("%+v", c)
	}
	for i, want := range map[int]string{3: "is taken", 4: `'@' in it`, 5: "no code"} {
		if err := r.Workers[i].Err; err == nil || !strings.Contains(err.Error(), want) {
			t.Error(i, err)
		}
	}
	if got := get(t, e, "a", "http://x/") + get(t, e, "b", "http://x/"); got != "goodb2" {
		t.Error(got)
	}
	var gone *UnavailableError
	if _, _, err := ask(t, e, Call{Worker: "c"}, "http://x/"); !errors.As(err, &gone) || !strings.Contains(err.Error(), "nonsense") {
		t.Error(err)
	}
	if s := e.Running(); len(s) != 6 || !s[0].Kept || s[0].Err == nil || s[1].Err != nil {
		t.Errorf("%+v", s)
	}
	// Once it is mended it serves what was given.
	apply(t, e, set(Worker{Name: "a", Version: answers("mended")}))
	if got := get(t, e, "a", "http://x/"); got != "mended" {
		t.Error(got)
	}
}

func TestTryChangesNothing(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "a", Version: answers("v1")}))
	var failed *StartError
	if err := e.Try(t.Context(), set(Worker{Name: "a", Version: code("export default {")}), "a"); !errors.As(err, &failed) || !strings.Contains(failed.Text, "SyntaxError") {
		t.Error(err)
	}
	stored := answers("v2", version.Binding{Type: "d1", Name: "DB", ID: "x"}, version.Binding{Type: "service", Name: "B", Service: "nobody"})
	if err := e.Try(t.Context(), set(Worker{Name: "a", Version: stored}), "a"); err != nil {
		t.Error(err)
	}
	if got := get(t, e, "a", "http://x/"); got != "v1" {
		t.Error(got)
	}
}

// A trial of one Worker makes no other be built again; one that leaves and comes back is.
func TestTryKeepsWhatIsBuilt(t *testing.T) {
	var mu sync.Mutex
	built := map[string]int{}
	e := testEngine(t, func(o *Options) {
		o.Build = func(_ context.Context, c *wrangler.Config) (*Built, error) {
			mu.Lock()
			defer mu.Unlock()
			built[c.Name]++
			return &Built{Version: answers(c.Name)}, nil
		}
	})
	a, b := Worker{Name: "a", Project: &wrangler.Config{Name: "a"}}, Worker{Name: "b", Project: &wrangler.Config{Name: "b"}}
	apply(t, e, set(a, b))
	if err := e.Try(t.Context(), set(a, Worker{Name: "b", Version: answers("new")}), "b"); err != nil {
		t.Fatal(err)
	}
	apply(t, e, set(a, b))
	if want := map[string]int{"a": 1, "b": 2}; !maps.Equal(built, want) {
		t.Errorf("built %v; want %v", built, want)
	}
	apply(t, e, set(b))
	apply(t, e, set(a, b))
	if built["a"] != 2 {
		t.Errorf("a, which was gone, was built %d times; want 2", built["a"])
	}
}

func TestAnUploadIsTriedUnderLoad(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "a", Version: answers("v1")}))
	stop := load(t, e, "a", func(s string) bool { return s == "v1" })
	for range 3 {
		if err := e.Try(t.Context(), set(Worker{Name: "b", Version: code("export default {")}), "b"); err == nil {
			t.Error("a syntax error is none")
		}
		if err := e.Try(t.Context(), set(Worker{Name: "b", Version: answers("b")}), "b"); err != nil {
			t.Error(err)
		}
	}
	if n, err := stop(); err != nil || n == 0 {
		t.Error(n, err)
	}
}

func TestARequestWaitsForTheFirstStart(t *testing.T) {
	building, goOn := make(chan struct{}), make(chan struct{})
	e := testEngine(t, func(o *Options) {
		o.Build = func(context.Context, *wrangler.Config) (*Built, error) {
			close(building)
			<-goOn
			return &Built{Version: answers("built")}, nil
		}
	})
	go e.Apply(t.Context(), set(Worker{Name: "a", Project: &wrangler.Config{Name: "a"}}))
	<-building
	got := make(chan string)
	go func() {
		_, body, err := ask(t, e, Call{Worker: "a"}, "http://x/")
		got <- fmt.Sprint(body, err)
	}()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := ask(t, e, Call{Worker: "a"}, "http://x/", func(r *http.Request) { *r = *r.WithContext(ctx) }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(goOn)
	if s := <-got; s != "built<nil>" {
		t.Error(s)
	}
}

func TestAProjectIsBuiltOnceForItsContent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "index.ts")
	write := func(s string) {
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var builds atomic.Int64
	e := testEngine(t, func(o *Options) {
		o.Build = func(context.Context, *wrangler.Config) (*Built, error) {
			builds.Add(1)
			content, _ := os.ReadFile(file)
			if string(content) == "bad" {
				return &Built{Inputs: []string{file}}, errors.New("index.ts:1:1: bad")
			}
			return &Built{Version: answers(string(content)), Inputs: []string{file}}, nil
		}
	})
	project := func() Set { return set(Worker{Name: "a", Project: &wrangler.Config{Name: "a"}}) }
	write("one")
	apply(t, e, project())
	apply(t, e, project())
	if n := builds.Load(); n != 1 {
		t.Error(n, "builds")
	}
	write("bad")
	r := e.Apply(t.Context(), project())
	var failed *BuildError
	if a := r.Workers[0]; !errors.As(a.Err, &failed) || !a.Kept || !slices.Equal(a.Inputs, []string{file}) {
		t.Errorf("%+v", a)
	}
	if got := get(t, e, "a", "http://x/"); got != "one" {
		t.Error(got)
	}
	write("two")
	apply(t, e, project())
	if got := get(t, e, "a", "http://x/"); got != "two" {
		t.Error(got)
	}
}

func TestALateCompatibilityDateIsClamped(t *testing.T) {
	e := testEngine(t, nil)
	v := answers("late")
	v.CompatibilityDate = "2999-01-01"
	old := answers("old")
	old.CompatibilityDate = ""
	r := apply(t, e, set(Worker{Name: "a", Version: v}, Worker{Name: "b", Version: old}))
	if got := get(t, e, "a", "http://x/") + get(t, e, "b", "http://x/"); got != "lateold" {
		t.Error(got)
	}
	if w := r.Workers[0].Warnings; len(w) != 1 || !strings.Contains(w[0], "2999-01-01") || !has(e, Clamped)() {
		t.Error(w, kinds(e))
	}
}

func TestAKilledProcessStartsAgain(t *testing.T) {
	begun := make(chan struct{}, 1)
	e := testEngine(t, func(o *Options) {
		o.Outbound = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { begun <- struct{}{} })
	})
	apply(t, e, set(Worker{Name: "a", Version: code(`export default { async fetch(r) {
		if (r.url.endsWith("/slow")) { await fetch("http://begun/"); await scheduler.wait(60000); }
		return new Response("ok");
	} }`)}))
	get(t, e, "a", "http://x/") // a connection that was used before is where net/http sends a GET again
	under := make(chan error)
	go func() {
		_, _, err := ask(t, e, Call{Worker: "a"}, "http://x/slow")
		under <- err
	}()
	<-begun // what the process did not take goes to the next one
	g := e.state.Load().gen
	g.process.Kill()
	var gone *UnavailableError
	if err := <-under; !errors.As(err, &gone) || !strings.Contains(err.Error(), "killed") {
		t.Error(err)
	}
	if got := get(t, e, "a", "http://x/"); got != "ok" {
		t.Error(got)
	}
	eventually(t, "the crash is told", has(e, Crashed))
}

func TestAnEndlessLoopIsEnded(t *testing.T) {
	e := testEngine(t, func(o *Options) { o.Stall = 400 * time.Millisecond })
	apply(t, e, set(
		Worker{Name: "loops", Version: code(`export default { fetch(r) { if (r.url.endsWith("/loop")) for (;;); return new Response("fine") } }`)},
		Worker{Name: "b", Version: answers("b")},
		Worker{Name: "waits", Version: code(`export default { async fetch() { await scheduler.wait(1500); return new Response("waited") } }`)},
	))
	// One that only waits is let alone.
	if got := get(t, e, "waits", "http://x/"); got != "waited" {
		t.Error(got)
	}
	get(t, e, "loops", "http://x/") // as above: the loop must not be sent to the next process, too
	_, _, err := ask(t, e, Call{Worker: "loops"}, "http://x/loop")
	var hung *HungError
	if !errors.As(err, &hung) {
		t.Error(err)
	}
	if got := get(t, e, "b", "http://x/") + get(t, e, "loops", "http://x/"); got != "bfine" {
		t.Error(got)
	}
	list := e.Logs("loops")
	if len(list) != 1 || list[0].Kind != Hung {
		t.Errorf("%+v", list)
	}
}

func TestNoWorkerd(t *testing.T) {
	e := New(Options{Workerd: filepath.Join(t.TempDir(), "nosuch")})
	defer e.Close()
	r := e.Apply(t.Context(), set(Worker{Name: "a", Version: answers("a")}))
	if r.Err == nil {
		t.Fatal("no error")
	}
	var gone *UnavailableError
	if _, _, err := ask(t, e, Call{Worker: "a"}, "http://x/"); !errors.As(err, &gone) {
		t.Error(err)
	}
	var missing *NotFoundError
	if _, _, err := ask(t, e, Call{Worker: "nobody"}, "http://x/"); errors.As(err, &missing) {
		t.Log("unknown Workers stay unknown")
	}
	t.Setenv("SUNDOG_WORKERD", "")
	t.Setenv("MINIFLARE_WORKERD_PATH", "")
	t.Setenv("PATH", t.TempDir())
	e2 := New(Options{})
	defer e2.Close()
	var nowhere *workerd.NotFoundError
	if r := e2.Apply(t.Context(), set(Worker{Name: "a", Version: answers("a")})); !errors.As(r.Err, &nowhere) || !strings.Contains(r.Err.Error(), "npm install workerd") {
		t.Error(r.Err)
	}
	if r := e2.Apply(t.Context(), set(Worker{Name: "b", URL: "http://localhost:1"})); r.Err != nil {
		t.Error("a dev server needs no workerd: ", r.Err)
	}
}

func TestAClosedEngineAnswers(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "a", Version: answers("a")}))
	dir := e.dir
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("the private folder is still there: ", err)
	}
	var gone *UnavailableError
	if _, _, err := ask(t, e, Call{Worker: "a"}, "http://x/"); !errors.As(err, &gone) {
		t.Error(err)
	}
	if r := e.Apply(t.Context(), set(Worker{Name: "a", Version: answers("a")})); r.Err == nil {
		t.Error("a closed engine applies")
	}
}

func TestEndpointsOfWorkersThatAreGoneAreClosed(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "a", Version: answers("a")}, Worker{Name: "b", Version: answers("b")}))
	apply(t, e, set(Worker{Name: "a", Version: answers("a")}))
	eventually(t, "one for the Worker and one for the tail are left", func() bool {
		e.endpoints.mu.Lock()
		defer e.endpoints.mu.Unlock()
		return len(e.endpoints.open) == 2
	})
	if got := get(t, e, "a", "http://x/"); got != "a" {
		t.Error(got)
	}
	var missing *NotFoundError
	if _, _, err := ask(t, e, Call{Worker: "b"}, "http://x/"); !errors.As(err, &missing) {
		t.Error(err)
	}
	apply(t, e, set())
	if _, _, err := ask(t, e, Call{Worker: "a"}, "http://x/"); !errors.As(err, &missing) {
		t.Error(err)
	}
}

func TestAProcessThatEndsAgainAndAgain(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "a", Version: answers("a")}))
	for range 3 {
		p := e.state.Load().gen.process
		p.Kill()
		<-p.Done()
		if got := get(t, e, "a", "http://x/"); got != "a" {
			t.Error(got)
		}
		eventually(t, "another process serves", func() bool { g := e.state.Load().gen; return g != nil && g.open.Load() < retired })
	}
	// A new set while none runs is what runs next.
	e.state.Load().gen.process.Kill()
	apply(t, e, set(Worker{Name: "a", Version: answers("new")}))
	if got := get(t, e, "a", "http://x/"); got != "new" {
		t.Error(got)
	}
}
