// Package js holds the small scripts that stand around the user's Workers in the runtime.
package js

import "embed"

// Scripts are files by name; each says in its first lines what it does. engine.js is the engine's own Worker,
// golang.js one that is written in Go; missing.js is no Worker but what a binding that leads nowhere is made of.
//
//go:embed *.js
var Scripts embed.FS

// Content is a script; there is none of a name that is not above.
func Content(name string) []byte {
	b, err := Scripts.ReadFile(name)
	if err != nil {
		panic(err) // the names are constants
	}
	return b
}
