package script

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write what is into golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// withWorld gives scripts $WORLD.
func withWorld(t testing.TB) Options {
	world, err := filepath.Abs(filepath.Join("testdata", "world"))
	if err != nil {
		t.Fatal(err)
	}
	return Options{Setup: func(env *testscript.Env) error {
		env.Setenv("WORLD", world)
		return nil
	}}
}

func TestScripts(t *testing.T) { withWorld(t).Run(t, "testdata/*.txtar") }

// recorder is a testscript.T that keeps what it is told.
type recorder struct {
	mu      sync.Mutex // guards log
	log     *bytes.Buffer
	failed  bool
	skipped bool
}

func newRecorder() *recorder { return &recorder{log: new(bytes.Buffer)} }

func (r *recorder) Log(args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintln(r.log, args...)
}

func (r *recorder) Fatal(args ...any) { r.Log(args...); r.FailNow() }
func (r *recorder) Skip(args ...any)  { r.Log(args...); r.skipped = true; runtime.Goexit() }
func (r *recorder) FailNow()          { r.failed = true; runtime.Goexit() }
func (r *recorder) Failed() bool      { return r.failed }
func (r *recorder) Parallel()         {}
func (r *recorder) Verbose() bool     { return false }

func (r *recorder) Run(_ string, f func(testscript.T)) {
	sub := &recorder{log: r.log}
	r.inside(func() { f(sub) })
	r.failed = r.failed || sub.failed
	r.skipped = r.skipped || sub.skipped
}

// inside runs f where FailNow can end it.
func (r *recorder) inside(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// play runs one script and returns what it told.
func play(t *testing.T, source string) (output string, r *recorder) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "story.txtar")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	r = newRecorder()
	r.inside(func() { withWorld(t).RunT(r, file) })
	return strings.ReplaceAll(r.log.String(), filepath.Dir(file)+string(filepath.Separator), ""), r
}

var elapsed = regexp.MustCompile(`\(\d+\.\d+s\)`)

// A failing script shows the line that failed, and what its edge decided about each
// request.
func TestFailureShowsTraces(t *testing.T) {
	got, r := play(t, `
# the origin runs
origin api http://localhost:8080
edge $WORLD

# nobody is signed in
fetch https://open.example.com/first
fetch -client away https://app.example.com/second
stdout '^200 OK$'
`)
	if !r.failed {
		t.Fatal("the script did not fail")
	}
	_, got, _ = strings.Cut(elapsed.ReplaceAllString(got, "(<time>)"), "FAIL: ")
	golden := filepath.Join("testdata", "failure.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("failure output (-want +got):\n%s", diff)
	}
	for _, part := range []string{"no match for `^200 OK$`", "what the edge saw (2)", "/first → 200", "/second → 302", "198.51.100.7 US (away)"} {
		if !strings.Contains(got, part) {
			t.Errorf("the failure output lacks %q", part)
		}
	}
}

// Each likely slip is refused with its reason.
func TestSlips(t *testing.T) {
	const up = "origin api http://localhost:8080\nedge $WORLD\n"
	for _, tt := range []struct{ name, script, want string }{
		{"clock without plus", up + "clock 24h", "written +24h"},
		{"clock backwards", up + "clock +-24h", "go forward by"},
		{"clock without edge", "clock +24h", "start one first: edge DIR"},
		{"clock negated", up + "! clock +24h", "unsupported: ! clock"},
		{"dns of a URL", up + "dns https://app.example.com/", "write the host alone"},
		{"dns of no type", up + "dns app.example.com ADDRESS", "no record type"},
		{"edge twice", up + "edge $WORLD", "-reload"},
		{"edge reload of nothing", "edge -reload $WORLD", "start one first"},
		{"edge of nothing", "edge nowhere", "nowhere"},
		{"edge that should not compile", "! edge $WORLD", "expected not to"},
		{"edge with two folders", "edge a b", `"b" is one too many`},
		{"explain of a path", up + "explain /a", "write it whole"},
		{"fetch of a host", up + "fetch app.example.com", "write it whole"},
		{"fetch with half a header", up + "fetch -H Accept https://app.example.com/", "'NAME: VALUE'"},
		{"fetch with an unknown flag", up + "fetch -follow https://app.example.com/", "usage: fetch"},
		{"fetch that answers", up + "! fetch https://app.example.com/", "there was an answer, 302"},
		{"fetch without edge", "fetch https://app.example.com/", "start one first"},
		{"fetch of lines that do not come", up + "origin -body one api\nfetch -first 2 https://open.example.com/", "0 of 2 lines came"},
		{"grpc of no URL", up + "grpc open.example.com one", "write it whole"},
		{"grpc without a message", up + "grpc https://open.example.com/", "something is missing"},
		{"grpc of what is none", up + "origin -body text api\ngrpc https://open.example.com/ one", "the answer is no call: 200 OK text/plain"},
		{"grpc negated", up + "! grpc https://open.example.com/ one", "unsupported: ! grpc"},
		{"login the wrong way round", up + "login https://app.example.com/ alice@example.com", "the address comes first"},
		{"login that nobody asks for", up + "login alice@example.com https://open.example.com/", "asks nobody to log in"},
		{"login of a stranger", up + "login mallory@example.com https://app.example.com/", "no mail was sent"},
		{"login of a stranger tells the page", up + "login mallory@example.com https://app.example.com/", `met "Enter your code`},
		{"login that works", up + "! login alice@example.com https://app.example.com/", "was let in"},
		{"login with a PIN and nothing asked", up + "login -pin 123456", "begin one"},
		{"login with a wrong PIN", up + "login -ask alice@example.com https://app.example.com/\notp -wrong -env PIN alice@example.com\nlogin -pin $PIN", "That account does not have access"},
		{"login without cookies", up + "login -jar none alice@example.com https://app.example.com/", "without cookies"},
		{"origin without a name", "origin http://localhost:8080", "comes before it"},
		{"origin without an address", "origin api", "there is no origin api yet"},
		{"origin by ftp", "origin api ftp://localhost:2121", "speaks http, https, tcp"},
		{"origin with a path", "origin api http://localhost:8080/health", "without a path"},
		{"origin twice", up + "origin api http://localhost:9090", "there is an origin api already"},
		{"origin with an early status", "origin -status 103 api http://localhost:8080", "no status of a final answer"},
		{"origin up and down", up + "origin -up -down api", "goes with neither"},
		{"origin that saw nothing", up + "origin api saw Host", "saw no request"},
		{"origin that saw nothing, negated", up + "! origin api saw Host", "saw no request"},
		{"origin that saw something", up + "fetch https://open.example.com/\n! origin api saw", "none was expected"},
		{"origin that saw a header", up + "fetch https://open.example.com/\n! origin api saw Host open", "expected not to"},
		{"origin that saw another value", up + "fetch https://open.example.com/\norigin api saw Host '^app'", "has no Host ^app"},
		{"origin unknown", "origin -log db", "there is no origin db"},
		{"otp of nobody", up + "otp alice@example.com", "no PIN that still works"},
		{"otp that was mailed", up + "login -ask alice@example.com https://app.example.com/\n! otp alice@example.com", "none was expected"},
		{"websocket of an http URL", up + "websocket https://open.example.com/ one", "wss://HOST/PATH"},
		{"websocket that is refused", up + "websocket wss://app.example.com/ one", "no WebSocket: 302 Found"},
		{"websocket that opens", up + "! websocket wss://open.example.com/ one", "none was expected"},
		{"why before anything", up + "why", "saw no request yet"},
		{"why of another ray", up + "fetch https://open.example.com/\nwhy 0123456789abcdef", "no request with the ray"},
		{"unknown condition", "[lynx] stop", "there is no condition [lynx]"},
		{"unknown command", "fetc https://app.example.com/", `did you mean "fetch"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			output, r := play(t, tt.script)
			if !r.failed {
				t.Fatalf("the script did not fail:\n%s", output)
			}
			if !strings.Contains(output, tt.want) {
				t.Errorf("the failure says nothing of %q:\n%s", tt.want, output)
			}
		})
	}
}

func TestRequired(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // nothing is installed
	t.Setenv("SUNDOG_CLOUDFLARED", "")
	if _, r := play(t, "[!cloudflared] skip 'needs cloudflared'"); r.failed || !r.skipped {
		t.Errorf("without %s: failed %v, skipped %v; want it skipped", requireVariable, r.failed, r.skipped)
	}
	t.Setenv(requireVariable, "curl, cloudflared")
	output, r := play(t, "[!cloudflared] skip 'needs cloudflared'")
	if !r.failed || !strings.Contains(output, "requires cloudflared") {
		t.Errorf("with it, failed %v:\n%s", r.failed, output)
	}
}

func TestPatterns(t *testing.T) {
	for _, tt := range []struct{ pattern, want string }{
		{"testdata/absent*.txtar", "no such script"},
		{"testdata/failure.golden", "named *.txtar"},
		{"[", "syntax error"},
	} {
		r := newRecorder()
		r.inside(func() { Options{}.RunT(r, tt.pattern) })
		if !r.failed || !strings.Contains(r.log.String(), tt.want) {
			t.Errorf("%s: failed %v, and says %q; want %q", tt.pattern, r.failed, r.log, tt.want)
		}
	}
	if _, err := byFolder(nil); err == nil {
		t.Error("no patterns at all are no mistake")
	}
	groups, err := byFolder([]string{"testdata/*.txtar", "testdata/fetch.txtar"})
	if err != nil || len(groups) != 1 {
		t.Fatalf("groups %v, error %v; want the one folder", groups, err)
	}
	for i := 1; i < len(groups[0]); i++ {
		if groups[0][i-1] >= groups[0][i] {
			t.Errorf("%s stands before %s, or twice", groups[0][i-1], groups[0][i])
		}
	}
}

// Golden files are rewritten when the test says so.
func TestUpdate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "story.txtar")
	source := "edge $WORLD\ndns note.example.com TXT\ncmp stdout want\n-- want --\nold\n"
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	o := withWorld(t)
	o.Update = true
	r := newRecorder()
	r.inside(func() { o.RunT(r, file) })
	if r.failed {
		t.Fatal(r.log)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(source, "old\n", "NOERROR aa\nnote.example.com. 300 IN TXT \"hello\"\n", 1)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("script after an update (-want +got):\n%s", diff)
	}
}
