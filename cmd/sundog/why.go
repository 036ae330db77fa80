package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p program) why() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "why [--json] [RAY|last]",
		Short: "Say why the edge answered a request as it did",
		Long: `Print the decisions of a request that was sent: which record, which application
and policy, which ingress rule, with their places in your files, and what would
change the answer.

RAY is the value of the Cf-Ray header of the answer. Without it, or with the
word last, it is the newest request of a client; what Workers ask for on the
way has rays of its own. The edge remembers 1024.`,
		Example: `  sundog why last
  sundog why 9a1b2c3d4e5f6071-FRA`,
		Args: args(0, 1, "RAY"),
	})
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ray := "last"
		if len(args) > 0 {
			ray = args[0]
		}
		c, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		t, err := c.Trace(cmd.Context(), ray)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(p.out, t)
		}
		fmt.Fprint(p.out, printableLines(t.String()))
		return nil
	}
	return cmd
}
