// Package connectortest is a connector for tests: it registers with an edge over HTTP/2 or QUIC as cloudflared does, and
// carries requests to one origin. It follows the protocol where the edge can see it, and leaves out the rest: ingress
// rules, back-off, discovery.
//
//	c, err := connectortest.Start(ctx, connectortest.Options{
//		Edge: "127.0.0.1:7844", Protocol: connector.QUIC, Roots: pool, Tunnel: tunnel, Origin: http.DefaultTransport,
//	})
//	defer c.Close()
//
// A test that wants to do what no connector does speaks the protocol itself.
package connectortest
