package main

import (
	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/world"
)

func (p program) schema() *cobra.Command {
	return command("more", &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of sundog.yaml",
		Long: `Print the JSON Schema of sundog.yaml, for editors that complete and check while
you write.`,
		Example: `  sundog schema > sundog.schema.json
  # then, as the first line of sundog.yaml:
  # yaml-language-server: $schema=sundog.schema.json`,
		Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := p.out.Write(world.Schema())
			return err
		},
	})
}
