// Package origins holds origins that exist for a test only: handlers that answer, in
// process, for the addresses that a world names, and that can be taken down and brought
// back while the edge runs.
//
// A [Set] is given to an edge as edge.WithDial(set.Dial). Addresses that the set does
// not have stay the edge's own business.
package origins
