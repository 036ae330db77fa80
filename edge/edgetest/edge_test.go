package edgetest_test

import (
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sundog-edge/sundog/edge/edgetest"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/world"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const dualEndpoint = "../../testdata/dual-endpoint"

// whoami answers the e-mail address that the edge vouches for.
var whoami = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s from %s", r.Header.Get("Cf-Access-Authenticated-User-Email"), r.Header.Get("Cf-Connecting-Ip"))
})

func dual(t testing.TB) *edgetest.Edge {
	t.Helper()
	e := edgetest.New(t, dualEndpoint)
	e.Origin("http://localhost:8080", whoami)
	return e
}

func get(t testing.TB, c *http.Client, url string) (status int, body string) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestLogin(t *testing.T) {
	t.Parallel()
	e := dual(t)
	alice := e.Login(t, "alice@example.com")
	if status, body := get(t, alice, "https://myservice.example.com/"); status != 200 || body != "alice@example.com from 203.0.113.10" {
		t.Errorf("alice gets %d %q", status, body)
	}
	nobody := e.Client()
	nobody.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if status, _ := get(t, nobody, "https://myservice.example.com/"); status != http.StatusFound {
		t.Errorf("a client that nobody logged in gets %d; want 302", status)
	}
	if status, body := get(t, nobody, "https://myservice-internal.example.com/"); status != 200 || body != " from 203.0.113.10" {
		t.Errorf("the internal name answers %d %q", status, body)
	}
}

func TestClockEndsSessions(t *testing.T) {
	t.Parallel()
	e := dual(t)
	alice := e.LoginTo(t, "alice@example.com", "https://myservice.example.com/deep/link?a=b")
	e.Clock.Advance(25 * time.Hour)
	_, body := get(t, alice, "https://myservice.example.com/")
	if !strings.Contains(body, `name="email"`) {
		t.Errorf("a day later alice meets %q; want the login page", body)
	}
}

// A clock that stands far from the system's: cookies last as long by it.
func TestClockElsewhere(t *testing.T) {
	t.Parallel()
	for _, year := range []int{2001, 2200} {
		e := edgetest.NewUnstarted(t, dualEndpoint)
		e.Clock = edgetest.NewClock(time.Date(year, 1, 2, 3, 4, 5, 0, time.UTC))
		e.Start(t)
		e.Origin("http://localhost:8080", whoami)
		alice := e.Login(t, "alice@example.com")
		if status, _ := get(t, alice, "https://myservice.example.com/"); status != 200 {
			t.Errorf("in %d alice gets %d; want 200", year, status)
		}
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	e := dual(t)
	c := e.Client()
	const internal = "https://myservice-internal.example.com/"
	if status, _ := get(t, c, internal); status != 200 {
		t.Errorf("status %d; want 200", status)
	}
	e.OriginDown("http://localhost:8080")
	if status, _ := get(t, c, internal); status != http.StatusBadGateway {
		t.Errorf("with the origin down, status %d; want 502", status)
	}
	e.Origin("localhost:8080", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(418) }))
	if status, _ := get(t, c, internal); status != 418 {
		t.Errorf("with another origin, status %d; want 418", status)
	}
}

func TestWorldInGo(t *testing.T) {
	t.Parallel()
	e := edgetest.New(t, world.MustParse(`
zones:
  - name: example.com
    records: [{type: CNAME, name: www, content: t.cfargotunnel.com, proxied: true}]
tunnels: [{id: t, config: {ingress: [{service: "http_status:204"}]}}]
clients: {berlin: {ip: 192.0.2.1, country: DE}}
`))
	if status, _ := get(t, e.Client(), "https://www.example.com/"); status != 204 {
		t.Errorf("status %d; want 204", status)
	}
	if _, body := get(t, e.ClientNamed("berlin"), "https://www.example.com/cdn-cgi/trace"); !strings.Contains(body, "\nip=192.0.2.1\n") {
		t.Errorf("trace of a named client:\n%s", body)
	}
}

// With Config the edge is on sockets, and what curl would do works.
func TestConfig(t *testing.T) {
	t.Parallel()
	e := edgetest.NewUnstarted(t, dualEndpoint)
	ports := listen.Ports0()
	e.Config = &ports
	e.Start(t)
	e.Origin("http://localhost:8080", whoami)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(e.CA().CertPEM())
	transport := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: e.Server.Addrs().Proxy})}
	transport.TLSClientConfig = tlsConfig(roots)
	defer transport.CloseIdleConnections()
	if status, _ := get(t, &http.Client{Transport: transport}, "https://myservice-internal.example.com/"); status != 200 {
		t.Errorf("through the proxy, status %d; want 200", status)
	}
}

// record is a testing.TB that keeps what it is told, for tests of failures.
type record struct {
	testing.TB
	mu       sync.Mutex // guards all below
	failed   bool
	log      strings.Builder
	cleanups []func()
}

func (r *record) Helper() {}
func (r *record) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}
func (r *record) Log(args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintln(&r.log, args...)
}
func (r *record) fail() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
}
func (r *record) Errorf(f string, args ...any) { r.Log(fmt.Sprintf(f, args...)); r.fail() }
func (r *record) Fatal(args ...any)            { r.Log(args...); r.fail(); runtime.Goexit() }
func (r *record) Fatalf(f string, args ...any) { r.Fatal(fmt.Sprintf(f, args...)) }
func (r *record) Cleanup(f func())             { r.cleanups = append(r.cleanups, f) }

// told runs a test function that may fail, and returns what it told.
func told(f func(t testing.TB)) (failed bool, log string) {
	r := &record{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for i := len(r.cleanups) - 1; i >= 0; i-- {
				r.cleanups[i]()
			}
		}()
		f(r)
	}()
	<-done
	return r.failed, r.log.String()
}

func TestFailures(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "sundog.yaml")
	if err := os.WriteFile(broken, []byte("zonse: []\ntunels: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		f    func(t testing.TB)
		want []string
	}{
		{"a broken world tells all", func(t testing.TB) { edgetest.New(t, broken) }, []string{"sundog.yaml:1:1", "sundog.yaml:2:1", `"zones"`}},
		{"a missing world", func(t testing.TB) { edgetest.New(t, "nowhere") }, []string{"nowhere"}},
		{"a stranger", func(t testing.TB) { dual(t).Login(t, "mallory@example.com") },
			[]string{"mallory@example.com", "no mail was sent", `met "Enter your code`, "what the edge saw", "/cdn-cgi/access/login/"}},
		{"a page without login", func(t testing.TB) {
			dual(t).LoginTo(t, "alice@example.com", "https://myservice-internal.example.com/")
		}, []string{"asks nobody to log in"}},
		{"no mail", func(t testing.TB) { dual(t).OTP(t, "alice@example.com") }, []string{"no PIN that still works"}},
		{"no application", func(t testing.TB) {
			edgetest.New(t, world.MustParse("zones: [{name: example.com}]")).Login(t, "alice@example.com")
		}, []string{"no Access application"}},
		{"a failing test prints its traces", func(t testing.TB) {
			get(t, dual(t).Client(), "https://myservice-internal.example.com/health")
			t.Errorf("oops")
		}, []string{"oops", "GET https://myservice-internal.example.com/health → 200, answered by origin", "cloudflared/config.yml:"}},
	} {
		failed, log := told(tt.f)
		if !failed {
			t.Errorf("%s: the test did not fail", tt.name)
		}
		for _, want := range tt.want {
			if !strings.Contains(log, want) {
				t.Errorf("%s: the failure says nothing of %q:\n%s", tt.name, want, log)
			}
		}
	}
	if failed, log := told(func(t testing.TB) { get(t, dual(t).Client(), "https://myservice-internal.example.com/health") }); failed || log != "" {
		t.Errorf("a test that passes: failed %v, and says %q", failed, log)
	}
}

func TestStartTwice(t *testing.T) {
	t.Parallel()
	e := dual(t)
	defer func() {
		if recover() == nil {
			t.Error("a second Start does not panic")
		}
	}()
	e.Start(t)
}

func TestMailed(t *testing.T) {
	t.Parallel()
	e := dual(t)
	if e.Mailed("alice@example.com") {
		t.Error("a mail was sent before anybody asked")
	}
	e.Login(t, "alice@example.com")
	if e.Mailed("alice@example.com") {
		t.Error("the PIN still works after the login that used it")
	}
}

func TestRun(t *testing.T) { edgetest.Run(t, "testdata/*.txtar") }
