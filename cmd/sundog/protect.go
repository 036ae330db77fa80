package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/run"
)

func (p program) protect() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "protect HOST [--allow EMAIL]... [--service-token NAME]... [--dir DIR|FILE] [--json]",
		Short: "Ask for a login at a host, as the dashboard's Enable Cloudflare Access does",
		Long: `Put an Access application in front of a host of the world: a host of a tunnel, a
Worker's workers.dev host or Custom Domain, with quotes a wildcard that the world
serves ('*-my-api.acme.workers.dev' are the Preview URLs of my-api). HOST/PATH
guards a path alone.

It is written into the world's sundog.yaml, whose comments and layout stay as they
are, or into a new one beside cloudflared's file. An application that is there
gets who is missing; said twice, it changes nothing. What is written is compiled
before it is. An edge that runs reads it by itself.

--allow names who may log in: an address, or @example.com for all of a domain.
--service-token lets a program in; one that the world does not have is made. Both
may be repeated.

It prints TEAM_DOMAIN and AUD, which whatever checks the token itself needs, and
other ways to the same target that anyone enters still.`,
		Example: `  sundog protect my-api.acme.workers.dev --allow alice@example.com
  sundog protect app.example.com/admin --allow @example.com --service-token ci`,
		Args: args(1, 1, "HOST"),
	})
	f := cmd.Flags()
	f.SortFlags = false
	allow := f.StringArray("allow", nil, "let `EMAIL` in, or @DOMAIN; may be repeated")
	tokens := f.StringArray("service-token", nil, "let the service token `NAME` in; may be repeated")
	dir := f.String("dir", "", "the world of `DIR|FILE` instead of the nearest one")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if len(*allow)+len(*tokens) == 0 {
			return usagef("nothing says who may enter; add --allow EMAIL or --service-token NAME")
		}
		done, err := run.Protect(run.ProtectOptions{Path: *dir, Host: args[0], Allow: *allow, ServiceTokens: *tokens})
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(p.out, done)
		}
		p.printProtected(done, *dir)
		return nil
	}
	return cmd
}

func (p program) printProtected(d run.Protected, dir string) {
	switch {
	case d.Created:
		fmt.Fprintf(p.out, "made %s: %s\n", printable(d.File), printable(strings.Join(d.Written, ", ")))
	case len(d.Written) > 0:
		fmt.Fprintf(p.out, "wrote %s: %s\n", printable(d.File), printable(strings.Join(d.Written, ", ")))
	default:
		fmt.Fprintf(p.out, "nothing to write: %s says so already\n", printable(d.File))
	}
	fmt.Fprintf(p.out, "protected: %s, by application %q (%s)\n", printable(d.Host), printable(d.App), printable(d.Where))
	for _, line := range d.Kept {
		fmt.Fprintf(p.out, "still kept out: %s\n", printable(line))
	}
	for _, f := range d.Open {
		fmt.Fprintf(p.out, "still open: %s\n  to mend: %s\n", failureLine(f), printable(f.Mend))
	}
	if d.Worker {
		fmt.Fprintf(p.out, "\nfor wrangler.jsonc, when the Worker checks the token itself:\n  \"vars\": {\n    \"TEAM_DOMAIN\": %q,\n    \"POLICY_AUD\": %q\n  }\n", d.TeamDomain, d.AUD)
	} else {
		fmt.Fprintf(p.out, "\nfor what checks the token itself:\n  TEAM_DOMAIN=%s\n  AUD=%s\n", d.TeamDomain, d.AUD)
	}
	fmt.Fprintf(p.out, "\nnext: %s up%s; an edge that runs reads it by itself\n", p.self, argument(dir))
}
