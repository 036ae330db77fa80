package edge_test

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"testing"

	"github.com/sundog-edge/sundog/accessemu/keypool"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/world"
)

// twoTargets is a world with a tunnel, one that has the quirks of QUIC, and a direct origin, and Access on neither.
const twoTargets = `
team: acme
zones:
  - name: example.com
    records:
      - {type: CNAME, name: tunnel, content: abc123.cfargotunnel.com, proxied: true, ttl: 1}
      - {type: CNAME, name: quic, content: def456.cfargotunnel.com, proxied: true, ttl: 1}
      - {type: A, name: direct, content: 192.0.2.10, proxied: true}
tunnels:
  - id: def456
    transport: quic
    config: {ingress: [{service: "http://localhost:8080"}]}
  - id: abc123
    transport: none
    config:
      ingress:
        - {hostname: tunnel.example.com, service: "http://localhost:8080"}
        - {service: "http_status:404"}
`

// running is an edge on sockets.
type running struct {
	edge   *edge.Edge
	server *listen.Server
	roots  *x509.CertPool
}

// start runs twoTargets with one handler behind both hosts.
func start(t testing.TB, origin http.Handler) *running {
	t.Helper()
	return startWorld(t, twoTargets,
		edge.WithOrigin("http://localhost:8080", origin),
		edge.WithOrigin("https://192.0.2.10", origin),
		edge.WithOrigin("http://192.0.2.10", origin))
}

func startWorld(t testing.TB, yaml string, opts ...edge.Option) *running {
	t.Helper()
	e := newEdge(t, yaml, opts...)
	srv, err := e.Listen(context.Background(), listen.Ports0(), e.Control("test"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	r := &running{edge: e, server: srv, roots: x509.NewCertPool()}
	if !r.roots.AppendCertsFromPEM(e.CA().CertPEM()) {
		t.Fatal("the CA's PEM does not parse")
	}
	return r
}

func newEdge(t testing.TB, yaml string, opts ...edge.Option) *edge.Edge {
	t.Helper()
	w, err := world.Parse("sundog.yaml", []byte(yaml), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e, err := edge.New(w, append([]edge.Option{edge.WithKeys(keypool.Key)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func (r *running) dialHTTPS(ctx context.Context, network, _ string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, r.server.Addrs().HTTPS)
}

// originOption is a handler at the address that the worlds here name.
func originOption(h http.Handler) edge.Option { return edge.WithOrigin("http://localhost:8080", h) }
