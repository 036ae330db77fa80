package edge_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// One table: a small GET by a bare reverse proxy, an embedded tunnel, and a real cloudflared over each transport. Clients
// of the edge are in process, as those of the bare proxy are on plain HTTP.
func BenchmarkSmallGet(b *testing.B) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "small") }))
	defer origin.Close()
	get := func(b *testing.B, c *http.Client, url string) {
		b.ReportAllocs()
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				resp, err := c.Get(url)
				if err != nil {
					b.Error(err)
					return
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.StatusCode != 200 {
					b.Error(resp.Status)
					return
				}
			}
		})
	}
	b.Run("ReverseProxy", func(b *testing.B) {
		to, _ := url.Parse(origin.URL)
		proxy := httptest.NewServer(httputil.NewSingleHostReverseProxy(to))
		defer proxy.Close()
		get(b, proxy.Client(), proxy.URL)
	})
	b.Run("embedded", func(b *testing.B) {
		r := startWorld(b, strings.ReplaceAll(strings.ReplaceAll(connectorTargetsWorld, "ORIGIN", origin.URL), "secret: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=, ", ""))
		get(b, &http.Client{Transport: r.edge.Transport()}, "https://connector-http2.example.com/")
	})
	for _, protocol := range []connector.Protocol{connector.HTTP2, connector.QUIC} {
		b.Run("cloudflared-"+string(protocol), func(b *testing.B) {
			path := realCloudflared(b)
			r := startWorld(b, strings.ReplaceAll(connectorTargetsWorld, "ORIGIN", origin.URL))
			runCloudflared(b, path, r.edge, r.server.Addrs().Tunnel, string(protocol), protocol)
			get(b, &http.Client{Transport: r.edge.Transport()}, "https://connector-"+string(protocol)+".example.com/")
		})
	}
}

// Ready is asked on the way of every request of a tunnel.
func BenchmarkEmbeddedBesideConnectors(b *testing.B) {
	e := newEdge(b, dialledWorld, edge.WithLogger(nil))
	r, err := http.NewRequest("GET", "https://a.example.com/", nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		e.Connectors().Ready(r.Host)
	}
}
