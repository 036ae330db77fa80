// Package js holds the small scripts that stand around the user's Workers in the runtime.
package js

import _ "embed"

// The scripts, by what they do; each file says it in its first lines.
var (
	//go:embed front.js
	Front []byte
	//go:embed tail.js
	Tail []byte
	//go:embed identity.js
	Identity []byte
	//go:embed missing.js
	Missing string
	//go:embed vpc.js
	VPC []byte
	//go:embed codec.js
	Codec []byte
	//go:embed golang.js
	Golang []byte
	//go:embed call.js
	Call []byte
	//go:embed probe.js
	Probe []byte
)
