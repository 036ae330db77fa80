package edge_test

import (
	"context"
	"crypto/x509"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
	"github.com/sundog-edge/sundog/tunnelemu/connector/connectortest"
)

const dialledWorld = `
team: acme
zones: [{name: example.com, records: [
  {type: CNAME, name: a, content: abc.cfargotunnel.com, proxied: true},
  {type: CNAME, name: b, content: lab.cfargotunnel.com, proxied: true}]}]
tunnels:
  - {id: abc, name: web, config: {ingress: [{service: "http_status:204"}]}}
  - {id: lab, secret: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=}
`

// withListener is an edge whose tunnel listener is on a free port.
func withListener(t *testing.T, yaml string, opts ...edge.Option) (e *edge.Edge, addr string) {
	t.Helper()
	e = newEdge(t, yaml, opts...)
	const off = listen.Off
	srv, err := e.Listen(t.Context(), listen.Config{HTTPS: off, Proxy: off, DNS: off, Admin: off, Tunnel: "127.0.0.1:0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	return e, srv.Addrs().Tunnel
}

type answerWith string

func (a answerWith) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"X-Host": {r.Host}}, Body: io.NopCloser(strings.NewReader(string(a))), ContentLength: -1, Request: r}, nil
}

// dialIn lets a connector of the tests dial in for a tunnel.
func dialIn(t *testing.T, e *edge.Edge, addr, name string, o connectortest.Options) *connectortest.Connector {
	t.Helper()
	c, err := tryDialIn(t, e, addr, name, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tryDialIn(t *testing.T, e *edge.Edge, addr, name string, o connectortest.Options) (*connectortest.Connector, error) {
	t.Helper()
	tunnel, err := e.ConnectorTunnel(name)
	if err != nil {
		t.Fatal(err)
	}
	o.Edge, o.Roots = addr, x509.NewCertPool()
	if o.Tunnel.ID == "" {
		o.Tunnel = tunnel
	}
	o.Roots.AppendCertsFromPEM(e.CA().CertPEM())
	c, err := connectortest.Start(t.Context(), o)
	if err == nil {
		t.Cleanup(c.Close)
		err = e.Connectors().Await(t.Context(), tunnel.ID, 1)
	}
	return c, err
}

func askEdge(t *testing.T, e *edge.Edge, url string) (*http.Response, string) {
	t.Helper()
	return do(t, &http.Client{Transport: e.Transport(), CheckRedirect: stay}, newRequest(t, "GET", url, nil))
}

// A connector replaces the embedded one until it leaves.
func TestConnectorReplacesEmbedded(t *testing.T) {
	for _, protocol := range []connector.Protocol{connector.HTTP2, connector.QUIC} {
		t.Run(string(protocol), func(t *testing.T) {
			e, addr := withListener(t, dialledWorld)
			if resp, _ := askEdge(t, e, "https://a.example.com/"); resp.StatusCode != 204 {
				t.Fatalf("embedded: %d", resp.StatusCode)
			}
			if resp, _ := askEdge(t, e, "https://b.example.com/"); resp.StatusCode != 530 || !strings.Contains(resp.Header.Get("Sundog-Why"), "tunnel run-command lab") {
				t.Fatalf("without a connector: %d %s", resp.StatusCode, resp.Header.Get("Sundog-Why"))
			}
			for url, name := range map[string]string{"https://a.example.com/": "web", "https://b.example.com/": "lab"} {
				c := dialIn(t, e, addr, name, connectortest.Options{Protocol: protocol, Origin: answerWith("from " + name)})
				resp, body := askEdge(t, e, url)
				if resp.StatusCode != 200 || body != "from "+name || resp.Header.Get("Sundog-Answered-By") == "" {
					t.Errorf("%s: %d %q", name, resp.StatusCode, body)
				}
				trace := e.Traces().Last(1)[0].String()
				if want := "connector " + c.ID()[:8] + ", connection "; !strings.Contains(trace, want) || !strings.Contains(trace, "over "+string(protocol)) {
					t.Errorf("no %q in\n%s", want, trace)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				if err := c.Shutdown(ctx); err != nil {
					t.Errorf("shutdown: %v", err)
				}
			}
			if resp, _ := askEdge(t, e, "https://a.example.com/"); resp.StatusCode != 204 {
				t.Errorf("after it left: %d, want the embedded one's 204", resp.StatusCode)
			}
			if resp, _ := askEdge(t, e, "https://b.example.com/"); resp.StatusCode != 530 {
				t.Errorf("after it left: %d, want 530", resp.StatusCode)
			}
		})
	}
}
