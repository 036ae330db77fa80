// Package attack tries an origin with every forgery of package forge and says which it let
// in. It knows nothing of edges: what carries a request is a function (Way).
//
// # How it is decided
//
// Origins refuse in many ways: 401, 403, a redirect to a login, or 200 with a page that says
// no. So three answers are compared: that to a genuine token (asked twice, with two
// tokens), that to a request without any (twice), and that to the forgery. Where the
// genuine and the anonymous answer differ in status or in where they redirect to, the forged
// one is let in when it is like the genuine one in both. Where they do not, the words
// decide: those that both genuine answers have and no anonymous one, against those that both
// anonymous answers have and no genuine one. Words of the request itself, which an origin may
// repeat, count for neither.
//
// Before that the baseline must hold. An origin that answers alike with and without a token
// does not check at all, and one that refuses the genuine token, or is not there, cannot be
// judged: Baseline says which.
//
// A forgery beside a genuine token (forge.Believe) is let in when the answer names the
// person whom it claims.
package attack
