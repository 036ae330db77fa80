// Package connector is the edge's side of the tunnel protocol: an unmodified cloudflared dials in over HTTP/2 or QUIC,
// registers, is given configuration, and carries requests to its origins. It needs no account and no network, and stands
// alone: package tunnelemu, which does in process what a connector does, knows nothing of it.
//
// # Use
//
// [New] makes a [Server] of [Options], of which Lookup names the tunnels. [Server.Serve] takes a TCP listener and a UDP
// socket, which connectors expect on one port number, and certificates for [Names]:
//
//	edge := connector.New(connector.Options{Lookup: func(id string) (connector.Tunnel, bool) { return tunnel, id == tunnel.ID }})
//	go edge.Serve(ctx, tcp, udp, &tls.Config{GetCertificate: certificates})
//	err := edge.Await(ctx, tunnel.ID, 1)
//	err = edge.ServeTunnel(w, r, tunnel.ID)
//
// [Tunnel.Token] and [Tunnel.Credentials] are what the connector gets:
//
//	cloudflared tunnel --no-autoupdate --edge 127.0.0.1:7844 --cacert ca.pem run --token TOKEN
//
// It opens up to four connections, one for each --edge entry, and the same address counts as often as it is given.
// [Server.Connectors] lists who is there. The subpackage connectortest has a connector for tests that have no cloudflared.
//
// # Requests
//
// [Server.ServeTunnel] is for handlers, [Server.RoundTrip] for clients, [Server.DialContext] opens TCP connections to
// private addresses. Requests take turns over a tunnel's connections and replicas, and prefer the less busy of two. A
// request that did not get onto the wire is tried on another connection; one that did is not. An [*Error] says what went
// wrong; its Kind decides what a client is told: KindNoConnector is the 1033 class, KindOrigin a 502.
//
// # Connections
//
// A registration is checked against account and secret, and refused in words that connectors know. After a refusal the
// connection is ended, without which a connector over HTTP/2 waits for ever. A connection that unregisters gets no more
// requests and is ended when nothing runs on it. [Server.Drain] does so to all of them, [Server.Disconnect] to those of a
// tunnel. A connector dials again by itself, after 0 to 20 seconds over HTTP/2.
//
// # Configuration
//
// A tunnel with Managed set gets its configuration from Options.Config, when its first connection registers and with
// [Server.Push]. A connector takes versions that grow and answers which one it has; [Connector].Config tells. A tunnel
// without it reports its own, which is [Connector].Reported.
//
// # Limits
//
// Connections that do not register in time are ended, and so many at most are open at once. Messages are bounded before
// anything is allocated for them: 64 KiB before a registration, 4 MiB after it, 1 MiB for the head of a response over
// QUIC and 2 MiB over HTTP/2. What a connector sends that the protocol does not have ends the stream or the connection
// that it came on, with a line in the log, and no other.
//
// # Limitations
//
// UDP sessions and ICMP are not there: datagrams are accepted and dropped, and streams about them are refused. Connectors
// over QUIC lose trailers and informational responses, and neither transport tells why an origin could not be reached
// over HTTP/2. Go's HTTP/2 client canonicalises names of headers.
package connector
