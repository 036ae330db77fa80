// Package browser finds a browser on this machine and says how it is started so that it
// lives inside an edge: a profile of its own that is thrown away, the edge's proxy, and trust
// in the run's certificate authority. Nothing of the user's own profile is read or changed.
//
//	b, err := browser.Here().Find("")
//	p, err := b.Profile(ctx)
//	defer p.Remove(ctx)
//	argv, err := b.Command(ctx, inside, p, "https://myservice.example.com/", nil)
//
// Chromium and what is built from it (Chrome, Edge, Brave) learn all of it by their command
// line; authorities they trust by the digest of a key, so that no store is touched. Firefox
// learns the proxy by a file in the profile, and trusts the authority only by the profile's
// own certificate database, which certutil of NSS writes; where that is missing, it needs an
// installed authority.
//
// On WSL the browser is that of Windows, started from Linux: its profile lies in the
// temporary folder of Windows, and it reaches the proxy by the loopback that Windows shares.
//
// # Not modelled
//
// A browser's command line has no place for a proxy's password, so a proxy that wants one
// makes the browser ask. Safari and WebKit have no profile to throw away. Firefox of Windows is
// not started from WSL.
package browser
