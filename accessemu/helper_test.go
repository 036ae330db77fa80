package accessemu

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/accessemu/keypool"
)

// clock is a time that tests move by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is Access in front of an origin that notes what reaches it.
type world struct {
	t      testing.TB
	clock  *clock
	state  *State
	config *Config
	seen   *http.Request // the last request that reached the origin
	last   Decision
	client Client
	shape  func(*Request) // what else a request has; nil: nothing
}

const (
	hostA = "app.example.com"
	team  = "acme.cloudflareaccess.com"
)

// appA allows example.com, for a day.
func appA() Application {
	return Application{ID: "app-a", Name: "Grafana", Domain: hostA, SessionDuration: "24h", Policies: []PolicyRef{allow("staff", EmailDomainRule{"example.com"})}}
}

func policyOf(decision, name string, include ...any) PolicyRef {
	return PolicyRef{Policy: Policy{Name: name, Decision: decision, Include: rulesOf(include...)}}
}

func allow(name string, include ...any) PolicyRef { return policyOf("allow", name, include...) }

func rulesOf(values ...any) []Rule {
	var list []Rule
	for _, v := range values {
		list = append(list, Rule{selectorNames()[reflect.TypeOf(v)], v})
	}
	return list
}

// selectorNames are the names of selectors by the types of their values.
var selectorNames = sync.OnceValue(func() map[reflect.Type]string {
	names := map[reflect.Type]string{}
	for name, sel := range selectors {
		var ignore faults
		names[reflect.TypeOf(sel.parse(json.RawMessage("{}"), "", &ignore))] = name
	}
	return names
})

func testConfig(t testing.TB, apps ...Application) *Config {
	t.Helper()
	c, err := NewConfig(Settings{Team: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	return edit(t, c, func(x *Txn) {
		for _, a := range apps {
			if err := x.PutApp(a); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func edit(t testing.TB, c *Config, f func(*Txn)) *Config {
	t.Helper()
	x := c.Txn()
	f(x)
	next, err := x.Commit()
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func newWorld(t testing.TB, apps ...Application) *world {
	t.Helper()
	if apps == nil {
		apps = []Application{appA()}
	}
	w := &world{t: t, clock: &clock{now: time.Now().Truncate(time.Second)}} // cookie jars know no other time
	w.client = Client{IP: netip.MustParseAddr("203.0.113.10"), Country: "DE"}
	w.config = testConfig(t, apps...)
	w.state = NewState(StateOptions{Now: w.clock.Now, Keys: keypool.Key, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(w.state.Close)
	return w
}

func (w *world) handler() *Handler {
	return &Handler{
		State: w.state, Config: func() *Config { return w.config },
		Client: func(*http.Request) Client { return w.client },
		Decide: func(_ *Request, d Decision) { w.last = d },
		Origin: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			w.seen = r
			_, _ = io.WriteString(rw, "origin")
		}),
	}
}

// RoundTrip hands a client's request to the handler, without a network.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.seen = nil
	in := r.Clone(r.Context())
	in.Host = r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	if w.shape == nil {
		w.handler().ServeHTTP(rec, in)
	} else {
		w.serveShaped(rec, in)
	}
	resp := rec.Result()
	resp.Request = r
	return resp, nil
}

// serveShaped is the handler for requests that have more than it gives them.
func (w *world) serveShaped(rec http.ResponseWriter, in *http.Request) {
	host, port := splitHost(in.Host)
	rq := &Request{Host: host, Port: port, HTTP: in, Client: w.client}
	w.shape(rq)
	if host == team {
		w.state.ServeTeam(rec, rq, w.config)
		return
	}
	if w.last = w.config.Decide(w.state, rq); w.last.passes() {
		w.last.Prepare(in.Header)
		w.seen = in
		return
	}
	w.state.Answer(rec, rq, w.config, w.last)
}

// browser has a cookie jar of its own and follows nothing by itself.
type browser struct {
	*http.Client
	w *world
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{&http.Client{Transport: w, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, w}
}

// answer is a response with its body read.
type reply struct {
	*http.Response
	body string
}

func (r *reply) location() string { return r.Header.Get("Location") }

// do sends a request; headers are "Name: value".
func (b *browser) do(method, target string, form url.Values, headers ...string) *reply {
	b.w.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, target, body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	resp, err := b.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return &reply{resp, string(data)}
}

func (b *browser) get(target string, headers ...string) *reply {
	b.w.t.Helper()
	return b.do("GET", target, nil, headers...)
}

// follow resolves the Location of a reply.
func (b *browser) follow(r *reply) *reply {
	b.w.t.Helper()
	to, err := r.Response.Location()
	if err != nil {
		b.w.t.Fatalf("no Location: %d %s", r.StatusCode, r.body)
	}
	return b.get(to.String())
}

// ask goes from an application's page to the page that asks for the code.
func (b *browser) ask(target, email string) (codePage *reply, nonce string) {
	b.w.t.Helper()
	first := b.get(target)
	loginPage := first.location()
	if got := b.get(loginPage); got.StatusCode != 200 {
		b.w.t.Fatalf("login page: %d %s", got.StatusCode, got.body)
	}
	sent := b.do("POST", strings.Replace(loginPage, "/login/", "/verify-code/", 1), url.Values{"email": {email}})
	if sent.StatusCode != 302 {
		b.w.t.Fatalf("verify-code: %d %s", sent.StatusCode, sent.body)
	}
	codePage = b.follow(sent)
	return codePage, codePage.Request.URL.Query().Get("nonce")
}

// enter posts a code.
func (b *browser) enter(nonce, code string) *reply {
	b.w.t.Helper()
	return b.do("POST", "https://"+team+"/cdn-cgi/access/callback", url.Values{"code": {code}, "nonce": {nonce}})
}

// login goes all the way, and answers the last reply.
func (b *browser) login(target, email string) *reply {
	b.w.t.Helper()
	_, nonce := b.ask(target, email)
	code, ok := b.w.state.OTP(email, nonce)
	if !ok {
		b.w.t.Fatalf("no PIN for %s", email)
	}
	authorized := b.follow(b.enter(nonce, code))
	return b.follow(authorized)
}

// cookie is the value of a cookie that the browser would send.
func (b *browser) cookie(target, name string) string {
	u, _ := url.Parse(target)
	for _, c := range b.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// token signs someone in to app A without the pages.
func (w *world) token(email string) string {
	w.t.Helper()
	a, _ := w.config.App("app-a")
	token, err := w.state.Token(w.config, a, hostA, email, w.client)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func isLogin(r *reply) bool {
	return r.StatusCode == 302 && loginURL.MatchString(r.location())
}

var loginURL = regexp.MustCompile(`^https://acme\.cloudflareaccess\.com/cdn-cgi/access/login/[a-z0-9.-]+\?kid=[0-9a-f]{64}&meta=[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+&redirect_url=%2F`)

func parseCookies(lines ...string) []*http.Cookie {
	return (&http.Response{Header: http.Header{"Set-Cookie": lines}}).Cookies()
}
