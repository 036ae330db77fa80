package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// newRoot is the command tree. self is how the program was called, for lines to paste.
func newRoot(self string, s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "sundog COMMAND",
		Short: "The Cloudflare edge on this machine: Access, Tunnel and DNS, offline",
		Long: `sundog is a lookalike of the Cloudflare edge that runs on this machine, in one
process, offline. Real origins, real clients and real config files run against
it unchanged.

What it reads is what you have: cloudflared's config.yml, and for what lives
only in the dashboard (zones, Access applications) one sundog.yaml. A folder
with either is a world.

Commands find a running edge by themselves: by SUNDOG_URL, or else by the run
file of the world in this folder or in one above it.

Exit codes: 0 done, 1 the thing asked for failed, 2 the command line is wrong.
exec has CMD's own.`,
		Example: `  sundog up testdata/dual-endpoint
  sundog exec -- curl -si https://myservice.example.com/
  sundog otp alice@example.com`,
		Version:       release(),
		SilenceUsage:  true,
		SilenceErrors: true,

		DisableFlagsInUseLine: true,
		Args:                  noSuchCommand,
		RunE:                  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.SetVersionTemplate(versionLine(readBuild()) + "\n")
	// Our own usage lines name the commands already.
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{if .HasAvailableSubCommands}}\n  {{.CommandPath}} [command]{{end}}", "", 1))
	root.SetCompletionCommandGroupID("more")
	for _, g := range []cobra.Group{
		{ID: "run", Title: "Run:"},
		{ID: "ask", Title: "Ask a running edge, or a world:"},
		{ID: "more", Title: "More:"},
	} {
		root.AddGroup(&g)
	}
	p := program{self: pasted(self), arg0: self, begun: time.Now(), streams: s}
	root.AddCommand(
		p.up(), p.exec(), p.open(), p.env(), p.wait(), p.init(),
		p.check(),
		p.explain(),
		p.why(),
		p.logs(),
		p.dig(),
		p.otp(),
		p.login(),
		p.token(),
		p.jwks(),
		p.attack(),
		p.audit(), p.protect(),
		p.clock(),
		p.expire(),
		p.quirks(),
		p.tunnel(),
		p.fault(),
		p.ca(),
		p.schema(), p.version(), p.shim(),
	)
	root.SetHelpCommand(p.help())
	refuseLater(root)
	root.InitDefaultVersionFlag()
	root.Flags().Lookup("version").Usage = "print the version"
	complete(root)
	return root
}

// program is what all commands share.
type program struct {
	self  string // how to call it again, in a line to paste
	arg0  string // as it was called
	begun time.Time
	streams
}

// pasted is how the program is called in a line to paste: its name when PATH
// finds it, else the path as it was typed.
func pasted(arg0 string) string {
	if !strings.ContainsRune(arg0, filepath.Separator) {
		return "sundog"
	}
	return arg0
}

// command fills in what all commands have in common.
func command(group string, c *cobra.Command) *cobra.Command {
	c.GroupID = group
	c.DisableFlagsInUseLine = true
	return c
}

// noSuchCommand is the Args of commands that only hold others.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("there is no command %q", args[0])
	cmd.SuggestionsMinimumDistance = 2 // cobra's own default, which it sets too late for us
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		// Of several that are near, the one that the word begins with is meant.
		best := near[0]
		for _, name := range near {
			if strings.HasPrefix(args[0], name) {
				best = name
			}
		}
		text += fmt.Sprintf("; did you mean %q?", best)
	}
	return usagef("%s", text)
}

// args wants between low and high arguments; names says what they are.
func args(low, high int, names string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < low:
			return usagef("%s is missing", names)
		case len(args) > high && high == 0:
			return usagef("there are no arguments, but %q was given", args[0])
		case len(args) > high:
			return usagef("%s is all there is, but %q was given too", names, args[high])
		}
		return nil
	}
}
