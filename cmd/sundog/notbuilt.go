package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// later are commands that people look for and that are not built. Each says what to use instead.
var later = []struct{ path, instead string }{
	{"test", "in Go, edgetest.Run runs the same scenarios"},
	{"export", "sundog env --format compose or playwright writes what such tools need"},
	{"tunnel run", "the connector is cloudflared itself: sundog exec -- cloudflared tunnel run NAME, or what sundog tunnel run-command NAME prints"},
}

// refuseLater adds them, hidden: whoever types one is answered by its name, and help does not
// promise it.
func refuseLater(root *cobra.Command) {
	for _, l := range later {
		parent, name := root, l.path
		if group, rest, ok := strings.Cut(l.path, " "); ok {
			for _, c := range root.Commands() {
				if c.Name() == group {
					parent, name = c, rest
				}
			}
		}
		parent.AddCommand(&cobra.Command{
			Use: name, Hidden: true, DisableFlagParsing: true,
			ValidArgsFunction: cobra.NoFileCompletions,
			RunE: func(*cobra.Command, []string) error {
				return &exitError{exitUsage, fmt.Errorf("not built yet; %s", l.instead)}
			},
		})
	}
}
