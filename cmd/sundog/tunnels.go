package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/run"
)

func (p program) tunnelList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list [-f DIR|FILE] [--json]",
		Short: "List the tunnels, who serves each, and the connectors that have dialled in",
		Long: `List the tunnels of the world: who answers for each (real connectors, the embedded
one, or nobody), where its rules come from, and how many connectors and
connections have dialled in.`,
		Example:               `  sundog tunnel list`,
		DisableFlagsInUseLine: true,
		Args:                  args(0, 0, ""),
	}
	path := cmd.Flags().StringP("file", "f", "", "the world of `DIR|FILE` instead of the running edge")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, done, err := p.asked(cmd.Context(), *path)
		if err != nil {
			return err
		}
		defer done()
		list, err := c.Tunnels(cmd.Context())
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(p.out, list)
		}
		k := inkFor(p.out)
		rows := [][]cell{{{"NAME", k.faint}, {"ID", k.faint}, {"SERVED BY", k.faint}, {"RULES", k.faint}, {"CONNECTIONS", k.faint}}}
		for _, t := range list {
			rows = append(rows, []cell{{t.Name, nil}, {t.ID, nil}, {servedBy(t), nil}, {rulesOf(t), nil}, {connections(t), nil}})
		}
		p.table(rows)
		return nil
	}
	return cmd
}

func servedBy(t admin.Tunnel) string {
	switch t.Status {
	case "connectors":
		return "a connector"
	case "embedded":
		return "the edge (embedded)"
	}
	return "nobody: error 1033"
}

func rulesOf(t admin.Tunnel) string {
	switch {
	case t.Managed:
		return fmt.Sprintf("the edge's, version %d", t.ConfigVersion)
	case t.ConfigFile != "":
		return t.ConfigFile
	}
	return "the connector's own"
}

// connections is "4 (2 × http2, 2 × quic) of 1 connector".
func connections(t admin.Tunnel) string {
	n := 0
	by := map[string]int{}
	for _, c := range t.Connectors {
		for _, one := range c.Connections {
			n++
			by[one.Protocol]++
		}
	}
	if n == 0 {
		return "none"
	}
	var kinds []string
	for _, protocol := range []string{"http2", "quic"} {
		if by[protocol] > 0 {
			kinds = append(kinds, fmt.Sprintf("%d × %s", by[protocol], protocol))
		}
	}
	word := "connectors"
	if len(t.Connectors) == 1 {
		word = "connector"
	}
	return fmt.Sprintf("%s of %d %s", strings.Join(kinds, ", "), len(t.Connectors), word)
}

func (p program) tunnelInfo() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "info NAME [-f DIR|FILE] [--json]",
		Short: "Show a tunnel and each of its connectors",
		Long: `Show who serves a tunnel, by its name or id, and of each connector that has
dialled in: version, transport, connections, and the configuration that it has
taken or reported.`,
		Example:               `  sundog tunnel info web`,
		DisableFlagsInUseLine: true,
		Args:                  args(1, 1, "NAME"),
	}
	path := cmd.Flags().StringP("file", "f", "", "the world of `DIR|FILE` instead of the running edge")
	asJSON := jsonFlag(cmd)
	cmd.ValidArgsFunction = completeTunnels
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, done, err := p.asked(cmd.Context(), *path)
		if err != nil {
			return err
		}
		defer done()
		t, err := c.Tunnel(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(p.out, t)
		}
		p.printTunnel(t)
		return nil
	}
	return cmd
}

// maxTunnels is how many tunnels up shows; sundog tunnel list shows all.
const maxTunnels = 12

// printTunnels shows which command connects a real cloudflared, of each tunnel.
func (p program) printTunnels(k ink, s *run.Session) {
	list := s.Edge.Tunnels()
	if len(list) == 0 || s.Ready().Tunnel == "" {
		return
	}
	p.heading(k, "Tunnels: who serves them, and what connects a real cloudflared")
	var rows [][]cell
	for _, t := range list[:min(len(list), maxTunnels)] {
		by := cell{"embedded, until a connector is there", k.faint}
		if !t.Embedded {
			by = cell{"waits for a connector: error 1033", k.amber}
		}
		rows = append(rows, []cell{{t.Name, nil}, by, {p.self + " exec -- cloudflared tunnel run " + quoted(t.Name), nil}})
	}
	p.table(rows)
	if n := len(list) - maxTunnels; n > 0 {
		fmt.Fprintf(p.out, "  and %d more: %s tunnel list\n", n, p.self)
	}
	fmt.Fprintf(p.out, "  from any other shell: %s tunnel run-command NAME prints the whole line\n", p.self)
}

func (p program) printTunnel(t admin.Tunnel) {
	k := inkFor(p.out)
	secret := "made for this run"
	if t.SecretGiven {
		secret = "as in the file"
	}
	p.table([][]cell{
		{{"name", k.faint}, {t.Name, nil}}, {{"id", k.faint}, {t.ID, nil}}, {{"served by", k.faint}, {servedBy(t), nil}},
		{{"rules", k.faint}, {rulesOf(t), nil}}, {{"secret", k.faint}, {secret, nil}}, {{"written at", k.faint}, {t.Where, nil}},
	})
	if len(t.Connectors) == 0 {
		fmt.Fprintf(p.out, "\n  No connector has dialled in; sundog tunnel run-command %s prints how.\n", printable(t.Name))
	}
	for _, c := range t.Connectors {
		fmt.Fprintf(p.out, "\n  %s\n", printable(fmt.Sprintf("connector %s, cloudflared %s, %s", c.ID, c.Version, c.Arch)))
		rows := [][]cell{}
		for _, n := range c.Connections {
			state := "ready"
			if n.Draining {
				state = "leaving"
			}
			rows = append(rows, []cell{
				{fmt.Sprintf("  connection %d", n.Index), nil}, {n.Protocol, nil}, {n.Remote, nil}, {n.Location, nil},
				{"since " + n.OpenedAt.Format(time.TimeOnly), nil}, {fmt.Sprintf("%d running", n.Running), nil}, {state, nil},
			})
		}
		p.table(rows)
		switch {
		case c.ConfigError != "":
			fmt.Fprintf(p.out, "    configuration: rejected, it keeps version %d: %s\n", c.ConfigVersion, printable(c.ConfigError))
		case c.ConfigVersion >= 0:
			fmt.Fprintf(p.out, "    configuration: version %d of the edge\n", c.ConfigVersion)
		case len(c.Reported) > 0:
			fmt.Fprintf(p.out, "    configuration of its own: %s\n", printable(string(c.Reported)))
		}
	}
}

// completeTunnels offers the tunnels of the running edge.
func completeTunnels(cmd *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx := cmd.Context()
	if ctx == nil {
		ctx = context.Background()
	}
	f, err := program{}.running(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	list, err := f.Client.Tunnels(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	for _, t := range list {
		names = append(names, t.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
