package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/environ"
)

// later are commands that people look for and that are not built. Each says what to use instead.
var later = []struct{ path, instead string }{
	{"audit", "sundog up lists every entrypoint and who guards it, and sundog check what is probably a mistake"},
	{"protect", "add an application under access: in sundog.yaml; sundog init --protect HOST --allow EMAIL writes one where there is no sundog.yaml"},
	{"logs", "sundog up prints what happens, with --json one object a line; sundog why tells of one request"},
	{"test", "in Go, edgetest.Run runs the same scenarios"},
	{"fault", "end the origin to see a 502, or remove the tunnel from sundog.yaml to see a 1033"},
	{"export", "sundog env --format compose or playwright writes what such tools need"},
	{"tunnel list", "sundog up lists the tunnels behind its entrypoints"},
	{"tunnel info", "sundog up lists the tunnels behind its entrypoints"},
	{"tunnel cert", "sundog exec and sundog env set TUNNEL_ORIGIN_CERT to the world's certificate"},
	{"tunnel run", environ.NoConnector},
	{"tunnel token", environ.NoConnector},
	{"tunnel credentials", environ.NoConnector},
	{"tunnel run-command", environ.NoConnector},
	{"tunnel quick", environ.NoConnector},
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
