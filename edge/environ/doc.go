// Package environ makes a command live inside the lookalike internet. [New]
// computes, and touches nothing: from the edge's addresses, the world's names
// and the inherited environment it makes a [Plan] of variables to set, real
// credentials to remove, and what may bypass the proxy. [Materialize] writes
// the files that variables point at. [Run] runs a command as env(1) would:
// its exit code, its signals. A [Format] writes a Plan for a shell or a tool.
//
// What a variable does to which client, in short: proxy variables bring
// requests to the edge; a CA variable is either additive (the client trusts
// that file besides its own roots: it names ca.pem) or replacing (the client
// trusts that file alone: it names bundle.pem, which holds the roots too).
//
// TUNNEL_EDGE is not set while the edge has no tunnel listener
// ([Input].Tunnel is empty): cloudflared would dial a port that nobody has.
// [Refuse] names the cloudflared commands that cannot run until then.
package environ
