package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/fault"
)

func (p program) fault() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "fault tunnel|list|clear",
		Short: "Make something of the running edge go wrong, on purpose",
		Long: `Make something of the running edge go wrong, on purpose, to see what your programs do
then. A fault ends after so many times, after some time, or by sundog fault clear.`,
		Example: `  sundog fault tunnel web slow --for 30s`,
		Args:    noSuchCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	})
	cmd.AddCommand(p.faultTunnel(), p.faultList(), p.faultClear())
	return cmd
}

func (p program) faultTunnel() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tunnel NAME refuse|retry|silent|drop-one|drop-all|slow|half-open [--match WHICH] [--for D] [--count N] [--delay D] [--chance P --seed N]",
		Short: "Make connectors of a tunnel fail",
		Long: `Make something go wrong between the edge and the real connectors of a tunnel:

  refuse     registrations are refused for good
  retry      registrations are refused, with the word to come back
  silent     registrations get no answer
  drop-one   the connection that the next request takes is dropped
  drop-all   all connections are dropped; with --for or --count, those that come back too
  slow       requests wait before they are sent, one second or --delay
  half-open  requests are never sent, although the connection seems to be there

--match takes only connections of a protocol (http2, quic), an index (0 to 3) or a
connector (its id). --chance takes that share of the occasions, and the same ones
each time for the same --seed.`,
		Example:               `  sundog fault tunnel web drop-all --for 10s`,
		DisableFlagsInUseLine: true,
		Args:                  args(2, 2, "NAME and a toxic"),
	}
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) (names []string, _ cobra.ShellCompDirective) {
		if len(args) == 0 {
			return completeTunnels(cmd, args, begun)
		}
		for _, t := range fault.Toxics() {
			names = append(names, string(t))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	f := cmd.Flags()
	lasts := f.Duration("for", 0, "how long; without it until sundog fault clear")
	count := f.Int("count", 0, "how often: `N` times; without it any number of times")
	match := f.String("match", "", "connections `WHICH` have that protocol, index or connector id, and no others")
	chance := f.Float64("chance", 0, "a share of the occasions, from 0 to 1; without it all of them")
	seed := f.Uint64("seed", 0, "which occasions --chance takes")
	delay := f.Duration("delay", 0, "how long slow makes a request wait")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		ask := admin.Fault{Tunnel: args[0], Toxic: args[1], Match: *match, Count: *count, For: text(*lasts), Delay: text(*delay), Chance: *chance, Seed: *seed}
		made, err := c.Client.AddFault(cmd.Context(), ask)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "fault %d: %s of tunnel %s%s\n", made.ID, made.Toxic, printable(made.Tunnel), extent(made))
		return nil
	}
	return cmd
}

// text is a duration as the admin port takes it; empty: none.
func text(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// extent is how long a fault lasts, in words.
func extent(f admin.Fault) (words string) {
	if f.Count > 0 {
		words += ", " + strconv.Itoa(f.Count) + " times"
	}
	if f.For != "" {
		words += ", for " + f.For
	}
	return words
}

func (p program) faultList() *cobra.Command {
	cmd := &cobra.Command{
		Use:                   "list [--json]",
		Short:                 "List the faults that have not ended",
		Long:                  `List the faults of the running edge that have not ended, and how often each was due.`,
		Example:               `  sundog fault list`,
		DisableFlagsInUseLine: true,
		Args:                  args(0, 0, ""),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		list, err := c.Client.Faults(cmd.Context())
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(p.out, list)
		}
		for _, f := range list {
			fmt.Fprintf(p.out, "fault %d: %s of tunnel %s%s; was due %d times\n", f.ID, f.Toxic, printable(f.Tunnel), extent(f), f.Hits)
		}
		return nil
	}
	return cmd
}

func (p program) faultClear() *cobra.Command {
	return &cobra.Command{
		Use:                   "clear [ID]",
		Short:                 "End a fault, or all of them",
		Long:                  `End the fault with that number, or all of them; what they hold up goes on.`,
		Example:               `  sundog fault clear`,
		DisableFlagsInUseLine: true,
		Args:                  args(0, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id := 0
			if len(args) > 0 {
				var err error
				if id, err = strconv.Atoi(args[0]); err != nil || id < 1 {
					return usagef("ID is the number of a fault, as sundog fault list has it, and not %q", args[0])
				}
			}
			c, err := p.running(cmd.Context())
			if err != nil {
				return err
			}
			n, err := c.Client.EndFaults(cmd.Context(), id)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.out, "ended: %d\n", n)
			return nil
		},
	}
}
