// Command sundog runs a lookalike of the Cloudflare edge on this machine, and commands
// inside it. `sundog help` is its manual.
package main

import (
	"io"
	"os"
)

func main() { os.Exit(sundog(os.Args, streams{os.Stdin, os.Stdout, os.Stderr})) }

// streams are what a command reads and writes.
type streams struct {
	in       *os.File
	out, err io.Writer
}

// sundog runs one command line and returns its exit code.
func sundog(args []string, s streams) int {
	root := newRoot(args[0], s)
	root.SetArgs(args[1:])
	cmd, err := root.ExecuteC()
	return report(s.err, cmd, err)
}
