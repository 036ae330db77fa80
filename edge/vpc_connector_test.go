package edge

import (
	"context"
	"crypto/x509"
	"net"
	"net/http/httptest"
	"testing"

	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
	"github.com/sundog-edge/sundog/tunnelemu/connector/connectortest"
)

// A VPC service behind a connector that has dialled in is reached through that connector's QUIC connection; one that came by
// HTTP/2 has no way to it, as on the real network.
func TestVPCThroughAConnector(t *testing.T) {
	private := httptest.NewServer(says("private"))
	defer private.Close()
	for protocol, want := range map[connector.Protocol]string{
		connector.QUIC:  "200 private as internal.company.local",
		connector.HTTP2: "Error: ProxyError: dns_error",
	} {
		t.Run(string(protocol), func(t *testing.T) {
			e := withWorkers(t, vpcWorld())
			const off = listen.Off
			srv, err := e.Listen(t.Context(), listen.Config{HTTPS: off, Proxy: off, DNS: off, Admin: off, Tunnel: "127.0.0.1:0"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Close()
			tunnel, err := e.ConnectorTunnel("away")
			if err != nil {
				t.Fatal(err)
			}
			roots := x509.NewCertPool()
			roots.AppendCertsFromPEM(e.CA().CertPEM())
			dialled := make(chan string, 1)
			c, err := connectortest.Start(t.Context(), connectortest.Options{
				Edge: srv.Addrs().Tunnel, Protocol: protocol, Roots: roots, Tunnel: tunnel,
				Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
					dialled <- addr
					return new(net.Dialer).DialContext(ctx, network, private.Listener.Addr().String())
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := e.Connectors().Await(t.Context(), tunnel.ID, 1); err != nil {
				t.Fatal(err)
			}
			if _, body := text(t, e, "https://gate.acme.workers.dev/?b=FAR&u=http://internal.company.local/"); body != want {
				t.Errorf("got %s; want %s", body, want)
			}
			if protocol == connector.QUIC {
				if addr := <-dialled; addr != "10.0.0.6:80" {
					t.Errorf("the connector dialled %s", addr)
				}
			}
		})
	}
}
