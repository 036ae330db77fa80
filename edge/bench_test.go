package edge_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/accessemu/keypool"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/world"
)

// dualEndpoint is the pattern of the bundled example, with the origin's real address.
const dualEndpoint = `
team: acme
zones:
  - name: example.com
    records:
      - {type: CNAME, name: myservice, content: abc123.cfargotunnel.com, proxied: true, ttl: 1}
      - {type: CNAME, name: myservice-internal, content: abc123.cfargotunnel.com, proxied: true, ttl: 1}
tunnels:
  - id: abc123
    config:
      ingress:
        - {hostname: myservice.example.com, service: "ORIGIN"}
        - {hostname: myservice-internal.example.com, service: "ORIGIN"}
        - {service: "http_status:404"}
access:
  apps:
    - name: myservice
      domain: myservice.example.com
      policies:
        - {name: people, decision: allow, include: [{email: {email: alice@example.com}}]}
`

func benchOrigin(b *testing.B) *httptest.Server {
	body := []byte(strings.Repeat("x", 512))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(body) }))
	b.Cleanup(srv.Close)
	return srv
}

// contestant is one way to the same origin.
type contestant struct {
	name string
	send func() error
}

func get(c *http.Client, url, cookie string) func() error {
	return func() error {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		resp, err := c.Do(r)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if n, err := io.Copy(io.Discard, resp.Body); err != nil || n != 512 || resp.StatusCode != 200 {
			return fmt.Errorf("status %d, %d bytes, %v", resp.StatusCode, n, err)
		}
		return nil
	}
}

// race gives contestants turns of 20 requests, so that a machine whose speed drifts
// drifts for all of them, and reports each one's time and its rate against the first.
func race(b *testing.B, contestants ...contestant) {
	const turn = 20
	for _, c := range contestants { // warm up
		if err := c.send(); err != nil {
			b.Fatalf("%s: %v", c.name, err)
		}
	}
	took := make([]time.Duration, len(contestants))
	rounds := 0
	for b.Loop() {
		rounds++
		for i, c := range contestants {
			begin := time.Now()
			for range turn {
				if err := c.send(); err != nil {
					b.Fatalf("%s: %v", c.name, err)
				}
			}
			took[i] += time.Since(begin)
		}
	}
	b.ReportMetric(0, "ns/op") // a round is nothing to compare
	for i, c := range contestants {
		b.ReportMetric(float64(took[i].Nanoseconds())/float64(rounds*turn), c.name+"-ns")
		if i > 0 {
			b.ReportMetric(float64(took[0])/float64(took[i]), c.name+"/"+contestants[0].name)
		}
	}
}

// BenchmarkPath is a small GET: the public name with a warm token, the internal name, a bare
// ReverseProxy and the origin itself, over the same transport.
func BenchmarkPath(b *testing.B) {
	origin := benchOrigin(b)
	r := startWorld(b, strings.ReplaceAll(dualEndpoint, "ORIGIN", origin.URL))
	cookie := appCookie(b, r.edge, "https://myservice.example.com/")
	const public, internal = "https://myservice.example.com/", "https://myservice-internal.example.com/"

	b.Run("in-process", func(b *testing.B) {
		c := &http.Client{Transport: r.edge.Transport()}
		race(b,
			contestant{"bare", get(&http.Client{Transport: &http.Transport{}}, origin.URL, "")},
			contestant{"public", get(c, public, cookie)},
			contestant{"internal", get(c, internal, "")},
		)
	})
	for _, h2 := range []bool{false, true} {
		name := "tls-h1"
		if h2 {
			name = "tls-h2"
		}
		b.Run(name, func(b *testing.B) {
			proxy := tlsServer(b, r.edge, h2, reverseProxy(b, origin.URL))
			bare := tlsServer(b, r.edge, h2, origin.Config.Handler)
			c := benchClient(b, r.roots, h2, func(string) string { return r.server.Addrs().HTTPS })
			race(b,
				contestant{"reverseproxy", get(benchClient(b, r.roots, h2, func(string) string { return proxy }), public, cookie)},
				contestant{"public", get(c, public, cookie)},
				contestant{"internal", get(c, internal, "")},
				contestant{"bare", get(benchClient(b, r.roots, h2, func(string) string { return bare }), public, cookie)},
			)
		})
	}
}

func reverseProxy(b *testing.B, origin string) http.Handler {
	u, err := url.Parse(origin)
	if err != nil {
		b.Fatal(err)
	}
	// As many idle connections as a connector keeps: the default of two would be the comparison's only result.
	return &httputil.ReverseProxy{
		Rewrite:   func(p *httputil.ProxyRequest) { p.SetURL(u); p.SetXForwarded() },
		Transport: &http.Transport{MaxIdleConns: 100, MaxIdleConnsPerHost: 100},
	}
}

func tlsServer(b *testing.B, e *edge.Edge, h2 bool, h http.Handler) (addr string) {
	srv := httptest.NewUnstartedServer(h)
	srv.TLS = e.TLSConfig()
	srv.EnableHTTP2 = h2
	if !h2 {
		srv.TLS.NextProtos = []string{"http/1.1"}
	}
	srv.StartTLS()
	b.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

func benchClient(b *testing.B, roots *x509.CertPool, h2 bool, addr func(string) string) *http.Client {
	tr := &http.Transport{
		TLSClientConfig:    &tls.Config{RootCAs: roots},
		ForceAttemptHTTP2:  h2,
		DisableCompression: true,
		DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, addr(to))
		},
	}
	if !h2 {
		tr.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	b.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// appCookie logs alice in by the real pages and returns the application's cookie.
func appCookie(t testing.TB, e *edge.Edge, target string) string {
	t.Helper()
	c := e.Client()
	login(t, e, c, target, "alice@example.com")
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range c.Jar.Cookies(u) {
		if cookie.Name == "CF_Authorization" {
			return cookie.Name + "=" + cookie.Value
		}
	}
	t.Fatal("the login left no CF_Authorization cookie")
	return ""
}

// BenchmarkNewClose makes and ends an edge of the dual-endpoint pattern, without sockets.
func BenchmarkNewClose(b *testing.B) {
	w, err := world.Parse("sundog.yaml", []byte(strings.ReplaceAll(dualEndpoint, "ORIGIN", "http://localhost:8080")), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		e, err := edge.New(w, edge.WithKeys(keypool.Key))
		if err != nil {
			b.Fatal(err)
		}
		e.Close()
	}
}
