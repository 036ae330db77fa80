package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/run"
)

func (p program) wait() *cobra.Command {
	cmd := command("run", &cobra.Command{
		Use:   "wait [--timeout 30s] [--json]",
		Short: "Wait until the edge answers",
		Long: `Wait until an edge answers that commands started here would find, so that a
script need not sleep. The address of its admin port is printed. After
--timeout the exit code is 1.`,
		Example: `  sundog up --quiet & sundog wait && sundog exec -- npm test`,
		Args:    args(0, 0, ""),
	})
	timeout := cmd.Flags().Duration("timeout", 30*time.Second, "give up after that long")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, cancel := context.WithTimeout(cmd.Context(), *timeout)
		defer cancel()
		c, err := run.Await(ctx, p.lookup())
		if err != nil {
			return fmt.Errorf("no edge within %v: %w", *timeout, err)
		}
		if *asJSON {
			return printJSON(p.out, struct {
				URL string `json:"url"`
			}{c.URL})
		}
		fmt.Fprintln(p.out, c.URL)
		return nil
	}
	return cmd
}
