package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/run"
)

func (p program) clock() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "clock [--json] [+DURATION]",
		Short: "Make what was granted older",
		Long: `Make everything that the edge granted older by DURATION: sessions, PINs, tokens
and keys. What it grants from then on carries the real time, so that origins,
workers and connectors agree with it. Without DURATION it prints how much older
things are by now.

A token that is too old now is refused by the edge only: its own claims do not
change, and an origin that looks at it alone still takes it.

DURATION is written as 24h, 90m, 1h30m, 3d or 1w. There is no way back but a new
edge.`,
		Example: `  sundog clock +24h`,
		Args:    args(0, 1, "DURATION"),
	})
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var by time.Duration
		if len(args) > 0 {
			d, err := run.ParseDuration(args[0])
			if err != nil {
				return usagef("%q: %w", args[0], err)
			}
			by = d
		}
		c, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		aged, err := c.Age(cmd.Context(), by)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(p.out, struct {
				Aged string `json:"aged"`
			}{aged.String()})
		}
		fmt.Fprintf(p.out, "what was granted counts as %s older\n", run.FormatDuration(aged))
		return nil
	}
	return cmd
}
