// Package listen puts handlers on sockets: HTTPS (HTTP/1.1 and h2), plain
// HTTP and the proxy on one port, DNS over UDP and TCP on one number, and the
// admin port. It decides nothing about hosts: a [ProxyPolicy] says which
// targets the proxy terminates, passes through or refuses, and
// [Handlers].Edge answers every request, however it came.
//
//	HTTPS port ───────────────────────────► TLS ──► Edge
//	proxy port ─ origin-form ─────────────────────► Edge
//	           ├ absolute-form, world host ───────► Edge
//	           ├ absolute-form, admitted ─────────► forwarded through Dial
//	           ├ CONNECT, world host ─ TLS ───────► Edge
//	           │                     └ plain ─────► Edge
//	           └ CONNECT, admitted ───────────────► bytes through Dial
//
// What a connection is, and how it came, is its [Info]; a handler asks
// [From] for it. Edge always sees the origin form: the authority of an
// absolute-form target is in Request.Host, whatever the Host field said.
//
// A proxy may leave loopback with a password, which then guards the origin form too.
// Clients of other machines are never connected to this machine's loopback, whatever
// name leads there. Each HTTP listener holds a bounded number of connections, and the
// admin port waits for a request's body for a bounded time ([Config]).
//
// [Queue] is a listener fed by hand. The proxy uses it to give the inside of
// a CONNECT to the HTTPS server; an in-process origin is an http.Server on a
// Queue and an http.Transport whose DialContext is the Queue's Dial.
//
// net/http already refuses much of what is malformed. What it lets through
// and a handler can still see is refused by [Check]; Edge calls it first.
package listen
