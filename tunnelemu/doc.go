// Package tunnelemu is a lookalike of the ingress side of cloudflared: it reads the same config.yml, picks the same
// rule for a request, and carries the request to the origin with the same headers, bodies and failures. It needs no
// account and no network.
//
// # Use
//
// [Parse] turns a config.yml into an [http.Handler]:
//
//	tunnel, err := tunnelemu.Parse(configYAML)
//	server := httptest.NewServer(tunnel)
//
// [ParseConfig] gives the configuration with positions, and findings: what is legal but probably wrong. [ParseJSON]
// and [ParseObject] read the REST API's form of the same (durations in whole seconds, keys in any case). [New] compiles
// a [Config] into a [Tunnel]. [Tunnel.Decide] says which rule takes a request; [Tunnel.Serve] carries the request out;
// ServeHTTP is both. [ValidateReport] and [RuleReport] are the commands `tunnel ingress validate` and `ingress rule`.
//
// # Rules
//
// The first rule that matches takes the request. A hostname matches as it stands, byte by byte, or in its punycode form;
// "*.example.com" matches every host that ends in ".example.com"; none and "*" match all. A path is an RE2 expression
// searched anywhere in the percent-decoded path. Lookups go by host and suffix, so their cost does not grow with the
// number of rules that name a host; rules without a host are tried in order.
//
// # Origins
//
// Every service of config.yml: http, https, ws, wss, unix, unix+tls, tcp, ssh, rdp, smb and any other scheme, bastion,
// socks-proxy, http_status, hello_world; and every key of originRequest. proxyAddress and proxyPort have no effect,
// and access has none at top level, as in cloudflared. Each key without effect is a [Finding].
//
// An origin that cannot be reached is an [*OriginError] from Serve, and a 502 without body from ServeHTTP. When an origin
// fails in the middle of a response, the handler panics with [http.ErrAbortHandler], as handlers of net/http do.
//
// # TCP inside a WebSocket
//
// A service of any other scheme than http, https, ws and wss carries one TCP connection. It is dialled first; when that
// worked the client gets 101 before any data, and without a Sec-Websocket-Key no Sec-Websocket-Accept. The client sends
// binary messages, of which 16384 bytes each are delivered and the rest is lost; text carries nothing. The server's frames
// are binary and no longer. A close frame is answered with its status, pings come every 54 seconds and no pong is
// waited for, and the end of either side is the end. A request that is no upgrade gets an empty 200.
//
// bastion dials what the header Cf-Access-Jump-Destination names: a port is needed, scheme and path are removed.
// socks-proxy is a SOCKS5 server, without authentication and for CONNECT alone. It resolves names itself, asks ipRules
// about the first address and dials that (see [Options].Resolve); what no rule allows is denied. With proxyType socks
// the client of a tcp-like service speaks SOCKS5 too, and gets the rule's destination whatever it asks for.
//
// # The connector's own check
//
// With access and required in a rule, the token in Cf-Access-Jwt-Assertion is checked before anything is dialled: RS256,
// by the team's keys, which [Options].HTTP fetches when they are first needed and again when none of them verifies a
// token. A missing token and one for no audTag are a 403; one that cannot be verified is a 502.
//
// # Edge and connector
//
// The handler stands where the edge hands a request to the connector. It adds what the connector adds (Cf-Warp-Tag-Id,
// Connection, X-Forwarded-Host beside httpHostHeader) and leaves what the edge adds or removes to the caller, but for
// hop-by-hop response headers, which Go's server would take for orders about the client's connection.
//
// [Options].Transport chooses the way between the two, QUIC unless config.yml's protocol says http2. Each limits what
// passes; [Quirks] lists how, Options.Quirks turns single ones off, and the transport "none" has none of them. Over
// QUIC a body of unknown length needs Transfer-Encoding: chunked, which a caller that stands for the edge sets on requests
// of HTTP/2 clients: [http.Request].TransferEncoding.
//
// # Limitations
//
// Proxy variables of the environment are not read; Options.Dial decides where connections go. Rules with the same
// origin and settings share one pool of idle connections. With matchSNItoHost connections are kept apart by server name.
// caPool adds to the system's roots; the roots of Cloudflare's origin CA are not built in. hello_world answers in process
// and opens no socket. No management token is valid. warp-routing is checked and otherwise ignored. A tcp-like service
// does not read the body of a request that is no upgrade. A SOCKS session ends with either side, and truncates messages
// as other tcp-like services do. disableChunkedEncoding without its quirk keeps up to 64 MiB of a body in memory.
package tunnelemu
