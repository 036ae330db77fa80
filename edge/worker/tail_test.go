package worker

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// mappedVersion is testdata/mapped as a bundler makes it.
func mappedVersion(t *testing.T) *version.Version {
	t.Helper()
	made, err := os.ReadFile("testdata/mapped/index.js")
	if err != nil {
		t.Fatal(err)
	}
	v := code(string(made), version.Binding{Type: "plain_text", Name: "WORD", Text: "now"})
	if v.SourceMap, err = os.ReadFile("testdata/mapped/index.js.map"); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestLogsAndExceptionsLeadToTheUsersFiles(t *testing.T) {
	var mu sync.Mutex
	var traces []string
	e := testEngine(t, func(o *Options) {
		o.OnTail = func(worker, id string, trace json.RawMessage) {
			mu.Lock()
			defer mu.Unlock()
			var t struct {
				Event struct{ Request struct{ URL string } }
			}
			if err := json.Unmarshal(trace, &t); err == nil && worker != "" && id != "" {
				traces = append(traces, t.Event.Request.URL)
			}
		}
	})
	apply(t, e, set(Worker{Name: "a", Version: mappedVersion(t)}, Worker{Name: "quiet", Version: answers("q")}))
	withRay := func(r *http.Request) { r.Header.Set("Cf-Ray", "8f00") }
	if _, _, err := ask(t, e, Call{Worker: "a"}, "http://x/now", withRay); err == nil {
		t.Fatal("no error")
	}
	get(t, e, "quiet", "http://x/quiet")
	eventually(t, "the exception is told", func() bool { return len(e.Logs("a")) == 3 })
	want := []Event{
		{Kind: Log, Level: "log", Message: `hello {"a":[1]} 2`},
		{Kind: Log, Level: "error", Message: "careful: Error: logged", Stack: []Frame{{Function: "Object.fetch", File: "index.ts", Line: 13, Column: 29}}},
		{Kind: Exception, Message: "TypeError: kaboom now", Stack: []Frame{
			{Function: "fails", File: "index.ts", Line: 7, Column: 8},
			{Function: "Object.fetch", File: "index.ts", Line: 18, Column: 10},
		}},
	}
	for i := range want {
		want[i].Worker, want[i].Version, want[i].Method, want[i].URL, want[i].Ray = "a", "0a1b2c3d-0000-4000-8000-000000000000", "GET", "http://x/now", "8f00"
	}
	if d := cmp.Diff(want, e.Logs("a"), cmpopts.IgnoreFields(Event{}, "Time")); d != "" {
		t.Error(d)
	}
	if get(t, e, "a", "http://x/later") != "ok" {
		t.Error("not ok")
	}
	eventually(t, "what waitUntil hid is told", func() bool {
		list := e.Logs("a")
		return strings.Contains(list[len(list)-1].Message, "too late")
	})
	heard := func(url string) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return slices.Contains(traces, url)
		}
	}
	eventually(t, "an invocation that said nothing is told", heard("http://x/quiet"))
	e.TailAll(false)
	apply(t, e, set(Worker{Name: "a", Version: answers("told")}))
	get(t, e, "a", "http://x/unheard") // the next process is as quiet
	e.TailAll(true)
	get(t, e, "a", "http://x/heard")
	eventually(t, "the one after is told", heard("http://x/heard"))
	if heard("http://x/unheard")() {
		t.Error("what nobody asked for is told")
	}
}

func TestARefusedStartNamesTheUsersFile(t *testing.T) {
	v := mappedVersion(t)
	if got := mapped(v, "Uncaught Error: x\n  at index.js:3:9 in fails\n  at other.js:1:1"); got != "Uncaught Error: x\n  at index.ts:7:8 in fails\n  at other.js:1:1" {
		t.Error(got)
	}
}

func FuzzFrames(f *testing.F) {
	f.Add("    at async Object.fetch (f.js:1:64)\n    at w.js:3:22")
	f.Fuzz(func(t *testing.T, stack string) {
		for _, fr := range (&sources{}).frames(stack) {
			if fr.File == "" {
				t.Errorf("%+v", fr)
			}
		}
	})
}

func TestTheLastEventsAreKept(t *testing.T) {
	var e events
	for i := range keptEvents + 5 {
		e.add(Event{Worker: "a", Ray: string(rune('a' + i%7))})
	}
	list := e.of("a")
	if len(list) != keptEvents || list[0].Ray != string(rune('a'+5%7)) || len(e.of("b")) != 0 {
		t.Error(len(list), list[0])
	}
}

func FuzzSourceMap(f *testing.F) {
	made, err := os.ReadFile("testdata/mapped/index.js.map")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(made, 3, 9)
	f.Add([]byte(`{"version":3,"sections":[{"offset":{"line":1,"column":0},"map":{"version":3,"sources":["a"],"mappings":"AAAA"}}]}`), 1, 1)
	f.Add([]byte(`{"version":3,"sources":[],"mappings":"AACA;A"}`), 1, 0)
	f.Fuzz(func(t *testing.T, m []byte, line, column int) {
		v := &version.Version{Modules: []version.Module{{Name: "index.js"}}, SourceMap: m}
		sourcesOf(v).place(Frame{File: "index.js", Line: line, Column: column})
	})
}

func TestConsole(t *testing.T) {
	for in, want := range map[string]string{
		`["a",1,null,{"b":[]},true]`:        `a 1 null {"b":[]} true`,
		`["%s is %d%% of %o","x",3,{},"y"]`: `x is 3% of {} y`,
		`["100%"]`:                          `100%`,
		`["%s","%s"]`:                       `%s`,
		`["%z %s"]`:                         `%z %s`,
		`["%cred","color: red"]`:            `red`,
		`[1,"%s"]`:                          `1 %s`,
		`[]`:                                ``,
	} {
		var values []json.RawMessage
		if err := json.Unmarshal([]byte(in), &values); err != nil {
			t.Fatal(err)
		}
		if got := console(values); got != want {
			t.Errorf("%s: %q", in, got)
		}
	}
	long, _ := json.Marshal(strings.Repeat("ä", maxMessage))
	if got := console([]json.RawMessage{long}); len(got) > maxMessage+4 || !utf8.ValidString(got) {
		t.Error(len(got))
	}
}
