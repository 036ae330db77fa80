package edge_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/echo"
)

const echoWorld = `
team: acme
zones:
  - name: example.com
    records:
      - {type: CNAME, name: app, content: abc123.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: named, content: abc123.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: guarded, content: abc123.cfargotunnel.com, proxied: true}
      - {type: A, name: direct, content: 192.0.2.1, proxied: true}
tunnels:
  - id: abc123
    config:
      ingress:
        - {hostname: app.example.com, service: "http://localhost:1"}
        - {hostname: guarded.example.com, service: "http://localhost:1"}
        - {hostname: named.example.com, service: "http://grafana:3000"}
        - {service: "http_status:404"}
access: {apps: [{name: app, domain: guarded.example.com, policies: [{name: p, decision: allow, include: [{everyone: {}}]}]}]}
`

// refuseOrigins has no origin at all: some refuse, and grafana does not resolve.
func refuseOrigins(_ context.Context, network, addr string) (net.Conn, bool, error) {
	err := error(syscall.ECONNREFUSED)
	if strings.HasPrefix(addr, "grafana") {
		err = &net.DNSError{Err: "no such host", Name: "grafana", IsNotFound: true}
	}
	return nil, true, &net.OpError{Op: "dial", Net: network, Err: err}
}

// The edge stands in for origins that refuse, and says so everywhere; it does for no others,
// and only behind the guard.
func TestEcho(t *testing.T) {
	e := newEdge(t, echoWorld, edge.WithDial(refuseOrigins), edge.WithEcho())
	c := &http.Client{Transport: e.Transport(), CheckRedirect: stay}

	r := newRequest(t, "POST", "https://app.example.com/x?y=z&token=hush", strings.NewReader(`{"a":1}`))
	r.Header.Set("Authorization", "Bearer hush")
	resp, body := do(t, c, r)
	why := resp.Header.Get("Sundog-Why")
	if resp.StatusCode != 200 || resp.Header.Get("Sundog-Answered-By") != "edge" || !strings.HasPrefix(why, "--echo stands in for http://localhost:1, which refuses connections (sundog.yaml:14:11)") {
		t.Errorf("status %d, headers %v", resp.StatusCode, resp.Header)
	}
	var got echo.Answer
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if got.Request.URL != "https://app.example.com/x?y=z&token=***" || got.Request.Body.Text != `{"a":1}` || !got.Request.Body.Complete ||
		got.Request.Headers["Cf-Connecting-Ip"] == nil || strings.Contains(body, "hush") {
		t.Errorf("%s", body)
	}
	tr := e.Traces().Last(1)[0]
	if tr.AnsweredBy != "edge" || tr.Why != why || tr.Status != 200 || !strings.Contains(tr.String(), "--echo stands in for") {
		t.Errorf("the trace says otherwise:\n%s", tr)
	}

	r = newRequest(t, "PUT", "https://direct.example.com/", strings.NewReader("up"))
	r.Header.Set("Accept", "text/html")
	resp, body = do(t, c, r)
	if resp.StatusCode != 200 || !strings.Contains(body, "<h1>What https://192.0.2.1:443 would have received</h1>") || !strings.Contains(body, "<pre>up</pre>") {
		t.Errorf("status %d\n%s", resp.StatusCode, body)
	}
	if resp, body = do(t, c, newRequest(t, "HEAD", "https://app.example.com/", nil)); resp.StatusCode != 200 || body != "" {
		t.Errorf("HEAD: %d %q", resp.StatusCode, body)
	}
	if resp, _ = do(t, c, newRequest(t, "GET", "https://named.example.com/", nil)); resp.StatusCode != 502 {
		t.Errorf("status %d for a name that does not resolve", resp.StatusCode)
	}
	if resp, _ = do(t, c, newRequest(t, "GET", "https://guarded.example.com/", nil)); resp.StatusCode != 302 {
		t.Errorf("status %d in front of the guard", resp.StatusCode)
	}
	r = newRequest(t, "GET", "https://app.example.com/", nil)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	if resp, _ = do(t, c, r); resp.StatusCode != 502 {
		t.Errorf("status %d for a WebSocket", resp.StatusCode)
	}
}

// Without the option nothing stands in.
func TestNoEcho(t *testing.T) {
	e := newEdge(t, echoWorld, edge.WithDial(refuseOrigins))
	if got := status(t, e, "https://app.example.com/"); got != 502 {
		t.Errorf("status %d", got)
	}
	if got := status(t, e, "https://direct.example.com/"); got != 521 {
		t.Errorf("status %d", got)
	}
}
