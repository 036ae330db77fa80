// Package schema is the Cap'n Proto schema of the tunnel protocol, and the Go code that its compiler makes of it. To make
// it anew, the capnp command and the Go plugin of the library are needed; generate.sh finds the latter in the module.
package schema

//go:generate sh generate.sh
