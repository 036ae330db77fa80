package worker

import (
	"strings"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/workerd"
)

func TestWhateverIsBrokenTheOthersRun(t *testing.T) {
	with := func(m ...version.Module) *version.Version {
		v := code(`import x from "./x"; export default {}`)
		v.Modules = append(v.Modules, m...)
		return v
	}
	binding := func(b version.Binding) *version.Version { return code(`export default {}`, b) }
	class := code(`export default {}`)
	class.Classes = []version.Class{{Name: "../up"}}
	assets := code(`export default {}`)
	assets.Assets = &version.Assets{Dir: "/nosuch/folder"}
	outside := code(`export default {}`)
	outside.Assets = &version.Assets{Files: []version.File{{Path: "/../../out"}}}
	config := code(`export default {}`)
	config.Assets = &version.Assets{Dir: t.TempDir(), Config: []byte(`{"html_handling":"nonsense"}`)}
	date := code(`export default {}`)
	date.CompatibilityDate = "yesterday"
	for name, v := range map[string]*version.Version{
		"wasm":      with(version.Module{Name: "x", Kind: version.Wasm, Content: []byte("no wasm")}),
		"json":      with(version.Module{Name: "x", Kind: version.JSON, Content: []byte("{")}),
		"twice":     with(version.Module{Name: "index.js", Kind: version.ESModule}),
		"kind":      with(version.Module{Name: "x", Kind: "perl"}),
		"python":    with(version.Module{Name: "x", Kind: version.Python}),
		"nameless":  with(version.Module{Kind: version.ESModule}),
		"text":      {Modules: []version.Module{{Name: "x", Kind: version.Text}}},
		"empty":     {},
		"class":     class,
		"date":      date,
		"assets":    assets,
		"outside":   outside,
		"config":    config,
		"props":     binding(version.Binding{Type: "service", Name: "B", Service: "good", Props: []byte("{")}),
		"list":      binding(version.Binding{Type: "service", Name: "B", Service: "good", Props: []byte("[]")}),
		"namespace": binding(version.Binding{Type: "durable_object_namespace", Name: "B"}),
		"queue":     binding(version.Binding{Type: "queue", Name: "B"}),
		"nobinding": binding(version.Binding{}),
		"flags":     {Modules: code("export default {}").Modules, CompatibilityDate: "2026-11-01", CompatibilityFlags: []string{"nodejs_compat", "no_nodejs_compat", "\x00"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := testEngine(t, nil)
			r := e.Apply(t.Context(), set(Worker{Name: "good", Version: answers("good")}, Worker{Name: "bad", Version: v}))
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			t.Log(r.Workers[1].Err, r.Workers[1].Throwers, r.Workers[1].Warnings)
			if got := get(t, e, "good", "http://x/"); got != "good" {
				t.Error(got)
			}
		})
	}
}

func TestCodeThatNeverEndsAtTheTop(t *testing.T) {
	e := testEngine(t, nil)
	e.bound = time.Second
	r := e.Apply(t.Context(), set(Worker{Name: "good", Version: answers("good")}, Worker{Name: "bad", Version: code(`for (;;); export default {}`)}))
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	if err := r.Workers[1].Err; err == nil || !strings.Contains(err.Error(), "does not come to an end") {
		t.Error(err)
	}
	if got := get(t, e, "good", "http://x/"); got != "good" {
		t.Error(got)
	}
}

func TestCloseEndsAStart(t *testing.T) {
	e := testEngine(t, nil)
	started := make(chan struct{})
	done := make(chan Report)
	go func() {
		close(started)
		done <- e.Apply(t.Context(), set(Worker{Name: "bad", Version: code(`for (;;); export default {}`)}))
	}()
	<-started
	e.Close()
	if r := <-done; r.Err == nil {
		t.Error("a set is in force in an engine that is closed")
	}
}

func TestAnOlderBinaryRunsTheEnginesScripts(t *testing.T) {
	p := &plan{live: map[string]*unit{}}
	fault := []workerd.Fault{{Service: engineService, Date: true, Newest: "2025-01-08"}}
	if !p.learn(fault, "2026-11-22", nil, nil) || p.own() != "2025-01-08" {
		t.Error(p.own())
	}
	if p.learn(fault, "2026-11-22", nil, nil) {
		t.Error("the same is learned twice")
	}
	e := testEngine(t, nil)
	if err := e.prepare(); err != nil {
		t.Fatal(err)
	}
	if err := e.find(Set{}); err != nil {
		t.Fatal(err)
	}
	p.add(&Worker{Name: "a"}, answers("a"), nil)
	g, err := e.settle(t.Context(), p, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g.end(0)
}

// Assets that no folder can hold are refused with their version, be it a preview's, and all else runs.
func TestAssetsThatNoFolderHolds(t *testing.T) {
	e := testEngine(t, nil)
	for name, paths := range map[string][]string{
		"a file below a file": {"/a", "/a/b"}, "a long name": {"/" + strings.Repeat("n", 300)}, "a name with a NUL": {"/a\x00b"}, "the folder itself": {"/x/.."},
	} {
		t.Run(name, func(t *testing.T) {
			bad := code(`export default { fetch() { return new Response("with assets") } }`)
			bad.ID, bad.Assets = "bbbbbbbb-0000-4000-8000-000000000000", &version.Assets{}
			for _, path := range paths {
				bad.Assets.Files = append(bad.Assets.Files, version.File{Path: path, Content: []byte("x")})
			}
			good := code(`export default { fetch() { return new Response("` + name + `") } }`)
			s := set(Worker{Name: "good", Version: good, Others: []*version.Version{bad}}, Worker{Name: "bad", Version: bad})
			r := e.Apply(t.Context(), s)
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			if body := get(t, e, "good", "http://good/"); body != name {
				t.Errorf("the other Worker says %q", body)
			}
			refused := 0
			for _, o := range r.Workers {
				if o.Err != nil && strings.Contains(o.Err.Error(), "cannot be kept") {
					refused++
				}
			}
			if refused != 2 {
				t.Errorf("%+v", r.Workers)
			}
			if err := e.Try(t.Context(), s, "bad"); err == nil || !strings.Contains(err.Error(), "cannot be kept") {
				t.Errorf("tried: %v", err)
			}
		})
	}
}
