#!/bin/sh
# Makes tunnel.capnp.go. Needs capnp (the Debian package is called capnproto); the rest is in the module.
set -eu
module=zombiezen.com/go/capnproto2
library=$(go list -m -f '{{.Dir}}' "$module")
plugin=$(mktemp -d)
trap 'rm -rf "$plugin"' EXIT
go build -mod=mod -o "$plugin/capnpc-go" "$module/capnpc-go"
capnp compile -I"$library/std" -o"$plugin/capnpc-go" tunnel.capnp
# The plugin imports the standard context by the name it had before there was one.
sed 's#golang.org/x/net/context#context#' tunnel.capnp.go > tunnel.capnp.go.tmp
mv tunnel.capnp.go.tmp tunnel.capnp.go
gofmt -w tunnel.capnp.go
