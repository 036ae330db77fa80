// A project of somebody else's, whose tests try its validators with accesstest.
module example.com/outsider-validator

go 1.26.0

require (
	github.com/coreos/go-oidc/v3 v3.21.0
	github.com/sundog-edge/sundog v0.0.0
)

require (
	github.com/go-jose/go-jose/v4 v4.1.8 // indirect
	github.com/hashicorp/go-immutable-radix/v2 v2.1.0 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/oauth2 v0.36.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/sundog-edge/sundog => ../..
