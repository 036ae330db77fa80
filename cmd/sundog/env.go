package main

import (
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/environ"
)

func (p program) env() *cobra.Command {
	names := make([]string, 0, 8)
	usage := ""
	for _, f := range environ.Formats() {
		names = append(names, f.Name)
		usage += "  " + f.Name + strings.Repeat(" ", max(0, 12-len(f.Name))) + f.Usage + "\n"
	}
	def := "sh"
	if runtime.GOOS == "windows" {
		def = "powershell"
	}
	cmd := command("run", &cobra.Command{
		Use:   "env [--format F] [--client NAME]",
		Short: "Print what exec would set, for a shell or a tool",
		Long: `Print the variables that exec would set and remove, for the running edge, in the
notation of a shell or a tool:

` + usage + `
They hold for as long as that edge runs.`,
		Example: `  eval "$(sundog env)"`,
		Args:    args(0, 0, ""),
	})
	f := cmd.Flags()
	format := f.String("format", def, "one of "+strings.Join(names, ", "))
	client := f.String("client", "", "who the requests come from: a `NAME` of clients:")
	asJSON := f.Bool("json", false, "the same as --format json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *asJSON {
			*format = "json"
		}
		write, err := environ.FormatNamed(*format)
		if err != nil {
			return usageError{err}
		}
		f, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		in, err := f.Inside()
		if err != nil {
			return err
		}
		plan, err := in.Plan(*client, os.Environ())
		if err != nil {
			return err
		}
		p.tell(plan)
		return write.Write(p.out, plan)
	}
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}
