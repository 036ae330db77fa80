// Package environ makes a command live inside the lookalike internet. [New]
// computes, and touches nothing: from the edge's addresses, the world's names
// and the inherited environment it makes a [Plan] of variables to set, real
// credentials to remove, and what may bypass the proxy. [Materialize] writes
// the files that variables point at. [Run] runs a command as env(1) would:
// its exit code, its signals. [Tools] are programs that stand first on its PATH, in front
// of those that need more than variables: see [Tools.Launch]. A [Format] writes a Plan for a shell or a tool.
//
// What a variable does to which client, in short: proxy variables bring
// requests to the edge; a CA variable is either additive (the client trusts
// that file besides its own roots: it names ca.pem) or replacing (the client
// trusts that file alone: it names bundle.pem, which holds the roots too).
//
// Nothing here may lead to a real account by accident. So TUNNEL_EDGE is always set:
// four times, since a connector wants an address for each connection. Where the edge has no
// tunnel listener ([Input].Tunnel is empty) it is an address that refuses, and a cloudflared
// that some script starts cannot connect to the real edge. [Refuse] and [RefuseState] say so beforehand of the commands that they
// can see. Inherited
// variables of the families CLOUDFLARE_, CF_ and TUNNEL_ whose names speak of a token,
// key, secret, certificate or credential are removed, unless a variable of the same name
// is set or this world issued the value.
package environ
