package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge/audit"
	"github.com/sundog-edge/sundog/edge/trace"
)

// fake is a backend with one mail and one request.
type fake struct {
	Quicker
	Faulter
	Coder     // nil: nor of Workers
	Tunneler  // nil: of tunnels nothing is asked here
	aged      time.Duration
	explained *http.Request
	client    string
	as        string
}

func (f *fake) WaitOTP(ctx context.Context, email, nonce string) (Mail, error) {
	if email != "alice@example.com" || nonce != "" && nonce != "n1" {
		return Mail{}, errors.New("none")
	}
	return Mail{Email: email, Code: "123456", Nonce: "n1"}, nil
}
func (f *fake) Age(d time.Duration) time.Duration { f.aged += d; return f.aged }
func (f *fake) Explain(r *http.Request, client, as string) *trace.Trace {
	f.explained, f.client, f.as = r, client, as
	return &trace.Trace{Ray: "aa"}
}
func (f *fake) ServiceTokenHeaders(name string) (http.Header, error) {
	if name != "ci" {
		return nil, errors.New("there is no service token " + name)
	}
	return http.Header{"Cf-Access-Client-Id": {"id"}}, nil
}
func (f *fake) Traces(n int) []*trace.Trace {
	return []*trace.Trace{{Ray: "bb", Worker: "api"}, {Ray: "aa"}}
}
func (f *fake) Trace(ray string) (*trace.Trace, bool) {
	return &trace.Trace{Ray: ray}, ray == "aa"
}
func (f *fake) Refusals(since uint64) []Refusal {
	return []Refusal{{Seq: since + 1, Host: "outside.test:443"}}
}
func (f *fake) Dig(q DigQuestion) (Dig, error) {
	if q.Name == "" {
		return Dig{}, errors.New("no name")
	}
	return Dig{Name: q.Name, Type: q.Type, Server: q.Server}, nil
}
func (f *fake) Queries(n int, name string) []Query {
	return []Query{{Seq: uint64(n), Name: name}}
}
func (f *fake) Persons() []Person { return []Person{{Email: "alice@example.com"}} }
func (f *fake) Login(l Login) (LoggedIn, error) {
	switch l.Email {
	case "alice@example.com":
		return LoggedIn{Email: l.Email, Cookies: []Cookie{{Name: "CF_Authorization", Value: "jwt", Domain: "a.example", Expires: -1}}}, nil
	case "mallory@outside.test":
		return LoggedIn{}, &Problem{403, Failure{Error: "not admitted", Where: "sundog.yaml:3:1", Details: []string{"allow staff"}}}
	}
	return LoggedIn{}, errors.New("broken")
}
func (f *fake) Lend(c Credential) (Lent, error) { return Lent{User: "~u", Holder: c.As}, nil }
func (f *fake) NextIdentity(i Identity) (int, error) {
	if i.Email == "" && i.Error == "" {
		return 0, &Problem{400, Failure{Error: "email"}}
	}
	return 1, nil
}
func (f *fake) EndLoan(user string) bool { return user == "~u" }
func (f *fake) World() any               { return map[string]string{"team": "acme"} }
func (f *fake) Audit() audit.Report {
	return audit.Report{Entrypoints: []audit.Entry{{URL: "https://a.example.com/"}}}
}
func (f *fake) Activity(since uint64) Activity {
	return Activity{Requests: since + 1, Answers: []Answer{{Count: 1, Ray: "aa"}}}
}

type call struct {
	method, path, body  string
	host, origin, token string
}

func do(t *testing.T, f *fake, c call) *httptest.ResponseRecorder {
	t.Helper()
	h := New(f, Options{Token: "secret-token", Hosts: []string{"laptop.lan"}, Version: "v1"})
	r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
	r.Host = "127.0.0.1:4300"
	if c.host != "" {
		r.Host = c.host
	}
	if c.origin != "" {
		r.Header.Set("Origin", c.origin)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPaths(t *testing.T) {
	const token = "secret-token"
	for _, tt := range []struct {
		name   string
		call   call
		status int
		want   string
	}{
		{"ready needs no token", call{method: "GET", path: "/v1/ready"}, 200, `"ready":true`},
		{"world", call{method: "GET", path: "/v1/world", token: token}, 200, `"team":"acme"`},
		{"dns", call{method: "GET", path: "/v1/dns?name=app.example.com&type=AAAA&server=system", token: token}, 200, `{"server":"system","name":"app.example.com","type":"AAAA"`},
		{"dns without a name", call{method: "GET", path: "/v1/dns", token: token}, 400, `"error":"no name"`},
		{"dns needs the token", call{method: "GET", path: "/v1/dns?name=x"}, 401, `"error"`},
		{"queries", call{method: "GET", path: "/v1/queries?name=app.example.com&n=3", token: token}, 200, `[{"seq":3,`},
		{"queries: how many", call{method: "GET", path: "/v1/queries?n=0", token: token}, 400, `"error"`},
		{"queries need the token", call{method: "GET", path: "/v1/queries"}, 401, `"error"`},
		{"otp", call{method: "GET", path: "/v1/otp?email=alice@example.com", token: token}, 200, `"code":"123456"`},
		{"otp of a login", call{method: "GET", path: "/v1/otp?email=alice@example.com&nonce=n2", token: token}, 404, `"error"`},
		{"next identity", call{method: "POST", path: "/v1/idp/next", token: token, body: `{"email":"alice@example.com","groups":["admins"]}`}, 200, `"waiting":1`},
		{"next identity of nobody", call{method: "POST", path: "/v1/idp/next", token: token, body: `{}`}, 400, `email`},
		{"otp of nobody", call{method: "GET", path: "/v1/otp", token: token}, 400, `"mend"`},
		{"otp with a bad wait", call{method: "GET", path: "/v1/otp?email=a&wait=soon", token: token}, 400, `10s`},
		{"otp with an endless wait", call{method: "GET", path: "/v1/otp?email=a&wait=24h", token: token}, 400, `10m`},
		{"clock", call{method: "GET", path: "/v1/clock", token: token}, 200, `"aged":"0s"`},
		{"clock forward", call{method: "POST", path: "/v1/clock", body: `{"advance":"24h"}`, token: token}, 200, `"aged":"24h0m0s"`},
		{"clock backward", call{method: "POST", path: "/v1/clock", body: `{"advance":"-1h"}`, token: token}, 400, `not negative`},
		{"clock too far forward", call{method: "POST", path: "/v1/clock", body: `{"advance":"2562047h"}`, token: token}, 400, `100 years`},
		{"clock with an unknown key", call{method: "POST", path: "/v1/clock", body: `{"forward":"1h"}`, token: token}, 400, `forward`},
		{"explain", call{method: "POST", path: "/v1/explain", body: `{"url":"https://a.example/x","headers":{"Host":["b.example"]},"client":"ann"}`, token: token}, 200, `"ray":"aa"`},
		{"explain of a machine", call{method: "POST", path: "/v1/explain", body: `{"url":"https://a.example/x","service_token":"ci"}`, token: token}, 200, `"ray":"aa"`},
		{"explain of an unknown machine", call{method: "POST", path: "/v1/explain", body: `{"url":"https://a.example/x","service_token":"cd"}`, token: token}, 400, `there is no service token cd`},
		{"explain of a path", call{method: "POST", path: "/v1/explain", body: `{"url":"/x"}`, token: token}, 400, `absolute`},
		{"traces", call{method: "GET", path: "/v1/traces", token: token}, 200, `[{"ray":"bb"`},
		{"last trace, of a client", call{method: "GET", path: "/v1/traces/last", token: token}, 200, `"ray":"aa"`},
		{"trace by ray", call{method: "GET", path: "/v1/traces/aa", token: token}, 200, `"ray":"aa"`},
		{"trace of an unknown ray", call{method: "GET", path: "/v1/traces/bb", token: token}, 404, `"error"`},
		{"refusals", call{method: "GET", path: "/v1/refusals?since=4", token: token}, 200, `"seq":5`},
		{"refusals since nothing", call{method: "GET", path: "/v1/refusals?since=x", token: token}, 400, `seq`},
		{"explain as nobody", call{method: "POST", path: "/v1/explain", body: `{"url":"https://a.example/x","as":"alice"}`, token: token}, 400, `no e-mail address`},
		{"people", call{method: "GET", path: "/v1/people", token: token}, 200, `[{"email":"alice@example.com"}]`},
		{"login", call{method: "POST", path: "/v1/login", body: `{"email":"alice@example.com","url":"https://a.example/"}`, token: token}, 200, `"cookies":[{"name":"CF_Authorization","value":"jwt","domain":"a.example","path":"","expires":-1`},
		{"login that is refused", call{method: "POST", path: "/v1/login", body: `{"email":"mallory@outside.test"}`, token: token}, 403, `"where":"sundog.yaml:3:1","details":["allow staff"]`},
		{"login that breaks", call{method: "POST", path: "/v1/login", body: `{}`, token: token}, 500, `broken`},
		{"login with an unknown key", call{method: "POST", path: "/v1/login", body: `{"mail":"a"}`, token: token}, 400, `mail`},
		{"credential", call{method: "POST", path: "/v1/credentials", body: `{"as":"alice@example.com"}`, token: token}, 200, `"user":"~u"`},
		{"credential ends", call{method: "DELETE", path: "/v1/credentials/~u", token: token}, 200, `{}`},
		{"credential that is none", call{method: "DELETE", path: "/v1/credentials/~v", token: token}, 404, `"mend"`},
		{"unknown path", call{method: "GET", path: "/v2", token: token}, 404, `/v1/ready`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := do(t, new(fake), tt.call)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("got %d %s, want %d with %s", w.Code, w.Body, tt.status, tt.want)
			}
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("not JSON: %s", w.Body)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Error("another origin may read the answer")
			}
		})
	}
}

// A page in the laptop's browser can send requests to the port and can point a name of
// its own at it; it can do neither with a Host and Origin of this machine.
func TestForeignPagesAreRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		call   call
		status int
	}{
		{"rebound name", call{host: "evil.example:4300"}, 421},
		{"rebound name that looks like an address", call{host: "127.0.0.1.evil.example:4300"}, 421},
		{"name that ends like localhost", call{host: "evil-localhost"}, 421},
		{"no name", call{host: ":4300"}, 421},
		{"address of the network", call{host: "192.168.0.7:4300"}, 421},
		{"unspecified address", call{host: "0.0.0.0:4300"}, 421},
		{"origin of another site", call{origin: "https://evil.example"}, 403},
		{"origin of another port", call{origin: "http://127.0.0.1:8080"}, 403},
		{"null origin", call{origin: "null"}, 403},
		{"own origin", call{origin: "http://127.0.0.1:4300"}, 200},
		{"IPv6 loopback", call{host: "[::1]:4300"}, 200},
		{"name given to the listener", call{host: "Laptop.LAN:4300"}, 200},
		{"localhost", call{host: "localhost:4300"}, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.call.token = "secret-token"
			for _, of := range []call{
				{method: "GET", path: "/v1/otp?email=alice@example.com"},
				{method: "GET", path: "/v1/people"},
				{method: "POST", path: "/v1/login", body: `{"email":"alice@example.com"}`},
				{method: "POST", path: "/v1/credentials", body: `{"as":"alice@example.com"}`},
				{method: "DELETE", path: "/v1/credentials/~u"},
			} {
				tt.call.method, tt.call.path, tt.call.body = of.method, of.path, of.body
				if w := do(t, new(fake), tt.call); w.Code != tt.status {
					t.Errorf("%s %s: got %d %s, want %d", of.method, of.path, w.Code, w.Body, tt.status)
				}
			}
		})
	}
}

func TestTokenIsNeeded(t *testing.T) {
	for _, token := range []string{"", "wrong", "secret-toke", "secret-token "} {
		for _, path := range []string{"/v1/otp?email=alice@example.com", "/v1/traces", "/v1/world", "/v1/people", "/v1/login", "/v1/credentials", "/nothing"} {
			if w := do(t, new(fake), call{method: "GET", path: path, token: token}); w.Code != http.StatusUnauthorized {
				t.Errorf("token %q, %s: got %d", token, path, w.Code)
			}
		}
	}
}

func TestWithoutATokenNothingOpens(t *testing.T) {
	h := New(new(fake), Options{})
	r := httptest.NewRequest("GET", "/v1/traces", nil)
	r.Host = "localhost"
	r.Header.Set("Authorization", "Bearer ")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("got %d", w.Code)
	}
}

func TestUnknownIsLogged(t *testing.T) {
	var log bytes.Buffer
	h := New(new(fake), Options{Token: "t", Log: slog.New(slog.NewTextHandler(&log, nil))})
	r := httptest.NewRequest("DELETE", "/v1/nothing", nil)
	r.Host = "localhost"
	r.Header.Set("Authorization", "Bearer t")
	h.ServeHTTP(httptest.NewRecorder(), r)
	if !strings.Contains(log.String(), "DELETE") || !strings.Contains(log.String(), "/v1/nothing") {
		t.Errorf("log: %q", &log)
	}
}

func TestExplainTakesTheHostHeaderAsHost(t *testing.T) {
	f := new(fake)
	do(t, f, call{method: "POST", path: "/v1/explain", body: `{"url":"https://a.example/x","headers":{"Host":["b.example"]},"client":"ann"}`, token: "secret-token"})
	if f.explained.Host != "b.example" || f.client != "ann" {
		t.Errorf("explained host %q for client %q", f.explained.Host, f.client)
	}
}

// Two advances that are fine alone must not add up to more than a duration holds.
func TestClockDoesNotWrap(t *testing.T) {
	f := new(fake)
	advance := func(by string) int {
		return do(t, f, call{method: "POST", path: "/v1/clock", body: `{"advance":"` + by + `"}`, token: "secret-token"}).Code
	}
	if got := advance("800000h"); got != 200 {
		t.Fatalf("91 years: %d", got)
	}
	if got := advance("800000h"); got != 400 || f.aged != 800000*time.Hour {
		t.Errorf("again: %d, aged %v", got, f.aged)
	}
	if got := advance("2400h"); got != 200 {
		t.Errorf("a little more: %d", got)
	}
}
