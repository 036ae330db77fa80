package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/worker"
)

func (p program) logs() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "logs [--follow] [--json] [WORKER]",
		Short: "Show what Workers logged and threw",
		Long: `Print what the Workers of the running edge logged and threw lately, and what became of
the processes that run them: of one Worker, or of all. Stacks name the lines of your own
files, where a source map leads there.

A Pages project is called NAME.pages.dev. The edge remembers 1000 entries.`,
		Example: `  sundog logs api
  sundog logs --follow`,
		Args:              args(0, 1, "WORKER"),
		ValidArgsFunction: cobra.NoFileCompletions,
	})
	asJSON := jsonFlag(cmd)
	follow := cmd.Flags().BoolP("follow", "f", false, "go on with what happens, until ^C")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		name := ""
		if len(args) > 0 {
			name = args[0]
		}
		c, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		return c.Logs(cmd.Context(), name, *follow, func(ev worker.Event) {
			if *asJSON {
				line, err := json.Marshal(ev)
				if err == nil {
					fmt.Fprintf(p.out, "%s\n", line)
				}
				return
			}
			fmt.Fprint(p.out, printableLines(eventText(ev)))
		})
	}
	return cmd
}

// eventText is one event as a person reads it.
func eventText(ev worker.Event) string {
	var b strings.Builder
	b.WriteString(ev.Time.Local().Format("15:04:05.000"))
	if ev.Worker != "" {
		b.WriteString(" " + ev.Worker)
	}
	if ev.Version != "" {
		b.WriteString("@" + ev.Version[:min(8, len(ev.Version))])
	}
	word := ev.Level
	if ev.Kind != worker.Log {
		word = string(ev.Kind)
	}
	fmt.Fprintf(&b, " [%s] %s\n", word, ev.Message)
	for _, f := range ev.Stack {
		fmt.Fprintf(&b, "    at %s (%s:%d:%d)\n", f.Function, f.File, f.Line, f.Column)
	}
	if ev.URL != "" {
		fmt.Fprintf(&b, "    in %s %s", ev.Method, ev.URL)
		if ev.Ray != "" {
			b.WriteString(", ray " + ev.Ray)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
