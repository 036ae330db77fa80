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
// Built: http, https, ws, wss, unix, unix+tls, http_status, hello_world. Refused by New with the line that names them:
// tcp, ssh, rdp, smb and other schemes, bastion, socks-proxy; and of originRequest disableChunkedEncoding,
// bastionMode, proxyType, ipRules and a rule's access with required, each where it would have an effect. A key without
// effect is a [Finding]. proxyAddress and proxyPort have none in cloudflared either.
//
// An origin that cannot be reached is an [*OriginError] from Serve, and a 502 without body from ServeHTTP. When an origin
// fails in the middle of a response, the handler panics with [http.ErrAbortHandler], as handlers of net/http do.
//
// # Edge and connector
//
// The handler stands where the edge hands a request to the connector. It adds what the connector adds (Cf-Warp-Tag-Id,
// Connection, X-Forwarded-Host beside httpHostHeader) and leaves what the edge adds or removes to the caller, but for
// hop-by-hop response headers, which Go's server would take for orders about the client's connection. The limits of the
// QUIC and HTTP/2 transports between edge and connector are not modelled: trailers pass both ways, and nothing is held
// back.
//
// # Limitations
//
// Proxy variables of the environment are not read; Options.Dial decides where connections go. Rules with the same
// origin and settings share one pool of idle connections. With matchSNItoHost connections are kept apart by server name.
// caPool adds to the system's roots; the roots of Cloudflare's origin CA are not built in. hello_world answers in process
// and opens no socket. No management token is valid. warp-routing is checked and otherwise ignored.
package tunnelemu
