package edge_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
	"github.com/sundog-edge/sundog/tunnelemu/connector/connectortest"
)

// The same table over connectors of both transports: the tests' own, and a real cloudflared where there is one.

// connectorTargets are hosts, and the transports of the connectors behind them.
var connectorTargets = map[string]connector.Protocol{"connector-http2": connector.HTTP2, "connector-quic": connector.QUIC}

const connectorTargetsWorld = `
team: acme
zones:
  - name: example.com
    records:
      - {type: CNAME, name: connector-http2, content: http2.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: connector-quic, content: quic.cfargotunnel.com, proxied: true}
tunnels:
  - {id: http2, secret: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=, config: {ingress: [{service: "ORIGIN"}]}}
  - {id: quic, secret: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=, config: {ingress: [{service: "ORIGIN"}]}}
`

func TestConformanceConnector(t *testing.T) {
	conformConnectors(t, func(t *testing.T, r *running, protocol connector.Protocol, origin string) {
		to := strings.TrimPrefix(origin, "http://")
		transport := &http.Transport{DisableCompression: true}
		t.Cleanup(transport.CloseIdleConnections)
		dialIn(t, r.edge, r.server.Addrs().Tunnel, string(protocol), connectortest.Options{Protocol: protocol, Origin: towards{transport, to}})
	})
}

func TestConformanceCloudflared(t *testing.T) {
	path := realCloudflared(t)
	conformConnectors(t, func(t *testing.T, r *running, protocol connector.Protocol, _ string) {
		runCloudflared(t, path, r.edge, r.server.Addrs().Tunnel, string(protocol), protocol)
	})
}

func conformConnectors(t *testing.T, dial func(t *testing.T, r *running, protocol connector.Protocol, origin string)) {
	var handler atomic.Pointer[http.HandlerFunc]
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*handler.Load())(w, r) }))
	t.Cleanup(origin.Close)
	r := startWorld(t, strings.ReplaceAll(connectorTargetsWorld, "ORIGIN", origin.URL))
	for _, protocol := range connectorTargets {
		dial(t, r, protocol, origin.URL)
	}
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			handler.Store(&p.origin)
			for _, way := range ways {
				for target := range connectorTargets {
					t.Run(way.name+"/"+target, func(t *testing.T) {
						why := p.quirks[way.name]
						if why == "" {
							why = p.quirks[target]
						}
						p.check(t, way.client(t, r), "https://"+target+".example.com", why)
					})
				}
			}
		})
	}
}

// towards leads every request to one origin, as an ingress rule does.
type towards struct {
	http.RoundTripper
	addr string
}

func (o towards) RoundTrip(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host = "http", o.addr
	return o.RoundTripper.RoundTrip(out)
}

// realCloudflared is its path; without it the test is skipped, or fails where it is required.
func realCloudflared(t testing.TB) string {
	t.Helper()
	name := os.Getenv("SUNDOG_CLOUDFLARED")
	if name == "" {
		name = "cloudflared"
	}
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	const reason = "needs cloudflared: on PATH, or named in SUNDOG_CLOUDFLARED"
	if strings.Contains(os.Getenv("SUNDOG_REQUIRE"), "cloudflared") {
		t.Fatal(reason)
	}
	t.Skip(reason)
	return ""
}

// runCloudflared runs one until the test ends, and returns when all its connections take requests.
func runCloudflared(t testing.TB, path string, e *edge.Edge, addr, name string, protocol connector.Protocol) *exec.Cmd {
	t.Helper()
	tunnel, err := e.ConnectorTunnel(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ca := dir + "/ca.pem"
	if err := os.WriteFile(ca, e.CA().CertPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	before := connections(e, tunnel.ID)
	cmd := exec.Command(path, "tunnel", "--no-autoupdate", "--no-prechecks", "--edge", addr, "--edge", addr, "--edge", addr, "--edge", addr,
		"--cacert", ca, "--protocol", string(protocol), "--metrics", "127.0.0.1:0", "--loglevel", "error", "run", "--token", tunnel.Token())
	cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH")}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := e.Connectors().Await(ctx, tunnel.ID, before+4); err != nil {
		t.Fatalf("cloudflared over %s: %v", protocol, err)
	}
	return cmd
}

// connections counts those that take requests.
func connections(e *edge.Edge, id string) (n int) {
	for _, c := range e.Connectors().Connectors(id) {
		for _, one := range c.Connections {
			if !one.Draining {
				n++
			}
		}
	}
	return n
}
