// Package trust says which commands put an authority into the certificate stores of a system, and take it
// out again: those of the system itself, of Chromium and Firefox on Linux (NSS), of the user's login keychain on macOS,
// of the user's own roots on Windows. It runs nothing; who calls it does, one step after another, and
// can show them first.
//
//	steps, err := trust.Here().Install(trust.Authority{File: "/…/ca.pem", Name: "sundog installed CA 0a1b2c3d"})
//	for _, s := range steps { err := trust.Run(ctx, s) }
//
// # Not modelled
//
// Java's own store, and stores of containers. Firefox on macOS and Windows reads the system's
// roots by itself, since version 120.
package trust
