package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/run"
	"github.com/sundog-edge/sundog/edge/world"
)

func (p program) quirks() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "quirks [--json] [DIR|FILE]",
		Short: "List where the real thing surprises, and this one with it",
		Long: `List the surprises of the real thing that this one has as well: the name of
each, on which transport between edge and connector it shows, what happens, and
where that is known from; and whether it shows in the world of DIR or FILE, or of
this folder or one above.

A tunnel shows those of its transport: tunnels[].transport in sundog.yaml, else
protocol in config.yml, else quic. quirks: in sundog.yaml turns single ones off or
on:

  quirks: {quic-drops-trailers: false}

Exit code 1 when the world that is named has errors.`,
		Example: `  sundog quirks
  sundog quirks --json testdata/dual-endpoint`,
		Args: args(0, 1, "DIR|FILE"),
	})
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		path := first(args)
		if path == "" {
			found, err := run.Nearest("")
			var none *run.NoWorldError
			if err != nil && !errors.As(err, &none) {
				return err
			}
			path = found
		}
		if path == "" {
			return p.printQuirks(nil, *asJSON)
		}
		w, err := world.Load(path)
		if err != nil {
			return err
		}
		return p.printQuirks(w, *asJSON)
	}
	return cmd
}

// printQuirks prints them as the world has them; without one, as they are.
func (p program) printQuirks(w *world.World, asJSON bool) error {
	switch {
	case asJSON && w == nil:
		return printJSON(p.out, world.KnownQuirks())
	case asJSON:
		return printJSON(p.out, w.Quirks())
	}
	k := inkFor(p.out)
	for _, q := range w.Quirks() {
		transport := q.Transport
		if transport == "" {
			transport = "every transport"
		}
		line := fmt.Sprintf("%s  %s", k.bold(q.Name), k.faint("("+transport+")"))
		if w != nil {
			line += "  " + stateOf(k, q)
		}
		fmt.Fprintf(p.out, "%s\n    %s\n    %s\n", line, q.What, k.faint("known from "+q.Source))
	}
	return nil
}

func stateOf(k ink, q world.WorldQuirk) string {
	said := ""
	if q.Said {
		said = " by quirks:"
		if q.Where != "" {
			said += " at " + q.Where
		}
	}
	switch {
	case q.On:
		return k.amber("on") + printable(said+" for "+strings.Join(q.Tunnels, ", "))
	case q.Said:
		return k.green("off") + printable(said)
	}
	return "off: no tunnel of this world has it"
}
