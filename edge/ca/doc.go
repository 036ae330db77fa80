// Package ca makes the certificates of the lookalike edge.
//
// An [Authority] is a certificate authority that lives in memory for one run. It
// generates its key at first use, so making one costs nothing, and its subject says
// that it is not for production. It signs one leaf for each host, or for each
// wildcard, that the edge admits; [Names] is how the edge says which:
//
//	a, err := ca.New(ca.Options{})
//	config := &tls.Config{GetCertificate: a.GetCertificate(names)}
//
// A client that sends no server name, an address instead of a name, or
// "localhost" is shown the default leaf: the loopback addresses, those of the public
// resolver 1.1.1.1, [Options.Addresses], and localhost. Any other name that the edge
// does not admit ends the handshake with an [*UnknownNameError].
//
// The authority's certificate is sent in every handshake. [Authority.CertPEM] is that
// certificate for clients that add it to what they trust, and [Authority.SPKI] is its
// key's digest for Chromium's command line.
//
// An [Installed] authority is one that the user's system trusts, made by a command and after a
// yes. It signs the authority of each run ([Options.Installed]) and permits the names of the user's
// worlds alone.
//
// # Not modelled
//
// RSA keys: a client without ECDSA cannot connect. Revocation and transparency
// logs. The limit of the real service's free certificates to one label below the
// zone: here a deeper name gets a leaf of its own.
package ca
