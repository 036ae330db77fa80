package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// help is cobra's command of that name, but what does not exist has no manual: that is said, with
// the exit code of a wrong command line.
func (p program) help() *cobra.Command {
	return command("more", &cobra.Command{
		Use:     "help [COMMAND]...",
		Short:   "Print the manual of a command",
		Long:    `Print the manual of a command, as its flag --help does. Without COMMAND it is that of all.`,
		Example: `  sundog help tunnel ingress`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, toComplete string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
			if about, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, sub := range about.Commands() {
					if sub.IsAvailableCommand() && strings.HasPrefix(sub.Name(), toComplete) {
						names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			switch {
			case err != nil: // of the root's Args
				return err
			case len(rest) > 0:
				return noSuchCommand(about, rest)
			case about.Hidden && about.RunE != nil:
				return about.RunE(about, nil)
			}
			about.InitDefaultHelpFlag()
			about.InitDefaultVersionFlag()
			return about.Help()
		},
	})
}
