// Package wire is what passes between a connector and the edge: the heads of QUIC streams, the serialised headers of
// HTTP/2 responses, and the RPC of control streams and configuration streams. It holds both sides, since a test needs the
// other one. The Cap'n Proto library shows nowhere in its API.
//
// Everything read here comes from outside. Sizes are checked before anything is allocated for them, and messages are
// looked through before the library sees them; see the limits beside each reader.
package wire

import "errors"

// ErrMalformed is wrapped by the errors of everything that is not as the protocol has it.
var ErrMalformed = errors.New("malformed")

// ALPN is what both sides of a QUIC connection speak.
const ALPN = "argotunnel"
