package edge_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const guarded = `
team: acme
zones:
  - name: example.com
    records:
      - {type: CNAME, name: app, content: abc123.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: open, content: abc123.cfargotunnel.com, proxied: true}
tunnels:
  - {id: abc123, config: {ingress: [{service: "http://localhost:8080"}]}}
access:
  apps:
    - {name: all, domain: app.example.com, policies: [{name: people, decision: allow, include: [{email: {email: alice@example.com}}]}]}
    - {name: admin, domain: open.example.com/admin, policies: [{name: admins, decision: allow, include: [{email: {email: root@example.com}}]}]}
    - {name: health, domain: app.example.com/health, policies: [{name: all, decision: bypass, include: [{everyone: {}}]}]}
clients:
  default: {ip: 203.0.113.10, country: DE}
  paris: {ip: 198.51.100.7, country: FR}
`

// A path that the edge and an origin could read differently does not get past a path application.
func TestPathConfusionIsRefused(t *testing.T) {
	r := startWorld(t, guarded, originOption(seen))
	for path, want := range map[string]int{
		"/":                       200,
		"/adminx":                 200,
		"/admin":                  302,
		"/admin/":                 302,
		"/admin/x":                302,
		"/%61dmin":                302,
		"/ADMIN":                  200, // paths have case
		"/%2561dmin":              400,
		"/x/../admin":             400,
		"/x/%2e%2e/admin":         400,
		"/./admin":                400,
		"//admin":                 400,
		"/admin/../":              400,
		"/admin%2f..%2f":          400,
		"/x%2f..%2fadmin":         400,
		"/x\\..\\admin":           400,
		"/%5cadmin":               400,
		"/admin%00":               400,
		"/admin%00/x":             400,
		"/;/admin":                400,
		"/x/..;/admin":            400,
		"/admin%20":               400,
		"/admin%3fx":              400,
		"/x/%252e%252e%252fadmin": 400,
		"/other;x=1":              200,
		"/x/..%5cadmin":           400,
		"/admin;x=1":              400,
	} {
		resp, body := r.rawTLS(t, "open.example.com", "GET "+path+" HTTP/1.1\r\nHost: open.example.com\r\nConnection: close\r\n\r\n")
		if resp.StatusCode != want {
			t.Errorf("%s: status %d (%s), want %d", path, resp.StatusCode, resp.Header.Get("Sundog-Why"), want)
		}
		if want == 400 && strings.Contains(body, "host open") {
			t.Errorf("%s reached the origin", path)
		}
	}
}

// With a session the origin gets the edge's own assertion, and nothing of what the client claimed.
func TestAssertionIsTheEdges(t *testing.T) {
	r := startWorld(t, guarded, originOption(seen))
	cookie := appCookie(t, r.edge, "https://app.example.com/")
	_, body := r.rawTLS(t, "app.example.com", "GET / HTTP/1.1\r\nHost: app.example.com\r\nCookie: "+cookie+"\r\n"+
		"Cf-Access-Jwt-Assertion: forged\r\nCf-Access-Authenticated-User-Email: root@example.com\r\nConnection: close, cf-access-jwt-assertion\r\n\r\n")
	token := strings.TrimPrefix(cookie, "CF_Authorization=")
	if !strings.Contains(body, "Cf-Access-Jwt-Assertion: "+token) || !strings.Contains(body, "Cf-Access-Authenticated-User-Email: alice@example.com") {
		t.Errorf("the origin saw\n%s", body)
	}
	if strings.Contains(body, "forged") || strings.Contains(body, "root@example.com") {
		t.Errorf("a client's claim reached the origin:\n%s", body)
	}
}

func TestTokenOfOneApplicationOpensNoOther(t *testing.T) {
	r := startWorld(t, guarded, originOption(seen))
	cookie := appCookie(t, r.edge, "https://app.example.com/")
	resp, _ := r.rawTLS(t, "open.example.com", "GET /admin HTTP/1.1\r\nHost: open.example.com\r\nCookie: "+cookie+"\r\nConnection: close\r\n\r\n")
	if resp.StatusCode != http.StatusFound {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestClientsComeFromWhereTheWorldSays(t *testing.T) {
	e := newEdge(t, guarded, originOption(seen))
	for name, want := range map[string][2]string{"": {"203.0.113.10", "DE"}, "default": {"203.0.113.10", "DE"}, "paris": {"198.51.100.7", "FR"}} {
		_, body := do(t, &http.Client{Transport: e.Transport().WithClient(name)}, newRequest(t, "GET", "https://open.example.com/", nil))
		if !strings.Contains(body, "Cf-Connecting-Ip: "+want[0]) || !strings.Contains(body, "Cf-Ipcountry: "+want[1]) {
			t.Errorf("client %q: the origin saw\n%s", name, body)
		}
	}
	resp, _ := do(t, &http.Client{Transport: e.Transport().WithClient("rome")}, newRequest(t, "GET", "https://open.example.com/", nil))
	if resp.StatusCode != 400 || !strings.Contains(resp.Header.Get("Sundog-Why"), "rome") {
		t.Errorf("an unknown client: status %d, %q", resp.StatusCode, resp.Header.Get("Sundog-Why"))
	}
}

// Plain HTTP to a guarded host goes to HTTPS, a bypassed path and an open host do not.
func TestPlainHTTP(t *testing.T) {
	e := newEdge(t, guarded, originOption(seen))
	c := &http.Client{Transport: e.Transport(), CheckRedirect: stay}
	for url, want := range map[string]struct {
		status   int
		location string
	}{
		"http://app.example.com/a?b=c":                       {301, "https://app.example.com/a?b=c"},
		"http://app.example.com/health":                      {200, ""},
		"http://open.example.com/":                           {200, ""},
		"http://acme.cloudflareaccess.com/":                  {301, "https://acme.cloudflareaccess.com/"},
		"http://app.example.com/cdn-cgi/access/get-identity": {301, "https://app.example.com/cdn-cgi/access/get-identity"},
	} {
		resp, _ := do(t, c, newRequest(t, "GET", url, nil))
		if resp.StatusCode != want.status || resp.Header.Get("Location") != want.location {
			t.Errorf("%s: %d %s", url, resp.StatusCode, resp.Header.Get("Location"))
		}
	}
}

// Who typed a port keeps it, in every absolute URL but those that are names.
func TestExplicitPortIsKept(t *testing.T) {
	r := startWorld(t, guarded, originOption(seen))
	_, port, _ := strings.Cut(r.server.Addrs().HTTPS, ":")
	resp, _ := r.rawTLS(t, "app.example.com", "GET /x HTTP/1.1\r\nHost: app.example.com:"+port+"\r\nConnection: close\r\n\r\n")
	location := resp.Header.Get("Location")
	if !strings.HasPrefix(location, "https://acme.cloudflareaccess.com:"+port+"/cdn-cgi/access/login/app.example.com?kid=") || !strings.HasSuffix(location, "&redirect_url=%2Fx") {
		t.Errorf("with a port: %s", location)
	}
	resp, _ = r.rawTLS(t, "app.example.com", "GET /x HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n")
	if location := resp.Header.Get("Location"); strings.Contains(location, port) {
		t.Errorf("without a port: %s", location)
	}
}

func TestExplainSendsNothing(t *testing.T) {
	reached := false
	e := newEdge(t, guarded, originOption(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true })))
	tr := e.Explain(newRequest(t, "GET", "https://app.example.com/x", nil), "paris")
	text := tr.String()
	for _, want := range []string{"198.51.100.7 FR (paris)", "sundog.yaml:6:9", "people", "alice@example.com"} {
		if !strings.Contains(text, want) {
			t.Errorf("the explanation does not say %q:\n%s", want, text)
		}
	}
	if tr = e.Explain(newRequest(t, "GET", "https://open.example.com/", nil), ""); !strings.Contains(tr.String(), "ingress rule #0") {
		t.Errorf("the explanation ends early:\n%s", tr)
	}
	if reached {
		t.Error("explain reached the origin")
	}
	if len(e.Traces().Last(0)) != 0 {
		t.Error("explain left a trace")
	}
}

func TestTraceOfAHost(t *testing.T) {
	e := newEdge(t, guarded, originOption(seen))
	_, body := do(t, &http.Client{Transport: e.Transport()}, newRequest(t, "GET", "https://open.example.com/cdn-cgi/trace", nil))
	for _, want := range []string{"h=open.example.com\n", "ip=203.0.113.10\n", "visit_scheme=https\n", "loc=DE\n", "http=http/1.1\n"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	resp, _ := do(t, &http.Client{Transport: e.Transport()}, newRequest(t, "GET", "https://open.example.com/cdn-cgi/nothing", nil))
	if resp.StatusCode != 404 || resp.Header.Get("Sundog-Answered-By") != "edge" {
		t.Errorf("a path of the edge that is nothing: %d by %s", resp.StatusCode, resp.Header.Get("Sundog-Answered-By"))
	}
}

// Who asks from another machine does not learn whom the policies admit.
func TestStrangersLearnLess(t *testing.T) {
	e := newEdge(t, guarded, originOption(seen))
	for remote, told := range map[string]bool{"127.0.0.1:5": true, "[::1]:5": true, "192.0.2.9:5": false} {
		r := httptest.NewRequest("GET", "https://app.example.com/", nil)
		r.TLS.ServerName, r.RemoteAddr = "app.example.com", remote
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if why := w.Header().Get("Sundog-Why"); w.Code != 302 || strings.Contains(why, "alice@example.com") != told {
			t.Errorf("from %s: %d %q", remote, w.Code, why)
		}
	}
}
