// Package edge is the lookalike of the Cloudflare edge: one request's way from a
// host name to an origin, with Access, Tunnel, DNS and certificates on it.
//
//	w, err := world.Load("testdata/dual-endpoint")
//	e, err := edge.New(w)
//	resp, err := e.Client().Get("https://myservice-internal.example.com/health")
//	srv, err := e.Listen(ctx, listen.Config{}, e.Control("dev"))
//
// A world is documents; [New] and [Edge.Apply] compile them into one immutable
// snapshot, and [Edge.Edit] compiles what it touches. A request loads the snapshot
// once, so that it never sees two of them. State that requests leave (sessions,
// PINs, keys, traces) is not of the world and outlives every Apply.
//
// An [Edge] is an http.Handler and needs no socket: [Edge.Transport] asks it in
// process, with bodies streamed both ways, cancellation, upgrades, trailers and 1xx
// answers. [Edge.Listen] puts the same handler on sockets.
//
// # One request's way
//
//   - admit: one canonical host, one client, nothing that can be read in two ways
//   - route: the host's zone, record and tunnel
//   - guard: Access
//   - serve: a tunnel's ingress rule, or the origin that a record names
//   - finish: the edge's own headers, the trace
//
// Each step's decision is a value; the trace ([Edge.Traces]), [Edge.Explain], error pages and
// the Sundog-Why header read it, and none works it out again. Every answer says in
// Sundog-Answered-By which part gave it.
//
// Every connection that the edge opens goes through one dialer: handlers given by
// [WithOrigin] and [WithDial], the origins map, the names of the world itself, this machine
// and the private addresses that the world names, and then what egress allows.
//
// # People
//
// [Edge.SignIn] takes somebody through the login pages without a browser and returns the cookies;
// [Edge.Lend] makes the proxy add a person's credential to the requests of one of its users, where they
// carry none and an application holds them. Both go by the policies, and say which one refused.
//
// # Not modelled
//
// HTTP/3, caching, WAF, rate limits, other paths under /cdn-cgi/ than trace and those of
// Access. Origins without a tunnel are verified as in the mode full (strict). Origins are
// asked for the encodings that the client accepts, of gzip and br. That the real edge tells
// the connector "Transfer-Encoding: chunked" of an HTTP/2 upload without a length is assumed.
package edge
