package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/accessemu/forge"
	"github.com/sundog-edge/sundog/edge/admin"
)

func (p program) token() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "token URL --as EMAIL [--expired] [--aud X] [--forge NAME] [--json]",
		Short: "Print an Access token, genuine or forged, for a program that tests an origin",
		Long: `Print the token with which EMAIL is signed in to the application that guards URL
in the running edge. Nobody logs in for it, and no policy is asked: where none
would admit EMAIL, stderr says so.

Through the edge it goes into the header cf-access-token, and straight to an
origin into Cf-Access-Jwt-Assertion, where Access puts it.

--expired makes one that was good until an hour ago, so that an origin that
looks at its claims refuses it; sundog clock ages tokens for the edge alone.
--aud makes one for another audience. --forge makes one that a sound validator
refuses; --list-forgeries lists them, and --json prints the headers of those
that are more than a token.

The keys live as long as their edge. A private edge would be gone with its keys
before anybody could verify the token, so that there is no -f.`,
		Example: `  sundog token https://myservice.example.com/ --as alice@example.com
  sundog token https://myservice.example.com/ --as alice@example.com --expired
  sundog token --list-forgeries`,
		Args: args(0, 1, "URL"),
	})
	var x admin.TokenRequest
	f := cmd.Flags()
	f.StringVar(&x.Email, "as", "", "who is signed in: an `EMAIL`")
	f.BoolVar(&x.Expired, "expired", false, "good until an hour ago")
	f.StringVar(&x.AUD, "aud", "", "for audience `X` instead of the application's")
	f.StringVar(&x.Forge, "forge", "", "the forgery `NAME`")
	list := f.Bool("list-forgeries", false, "list what --forge can make")
	asJSON := jsonFlag(cmd)
	complete := cobra.FixedCompletions(forge.Names(), cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc("forge", complete); err != nil {
		panic(err)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case *list:
			return p.listForgeries(*asJSON)
		case len(args) == 0:
			return usagef("URL is missing")
		case x.Email == "":
			return usagef("--as is missing: say whose token it is")
		case x.Forge != "" && (x.Expired || x.AUD != ""):
			return usagef("--forge makes a token that is wrong in one way; leave out --expired and --aud")
		}
		x.URL = args[0]
		c, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		t, err := c.MakeToken(cmd.Context(), x)
		if err != nil {
			return err
		}
		if t.Note != "" {
			fmt.Fprintf(p.err, "sundog: %s\n", printable(t.Note))
		}
		if *asJSON {
			return printJSON(p.out, t)
		}
		if t.Token == "" {
			return fmt.Errorf("%s has no token; --json prints its headers", x.Forge)
		}
		fmt.Fprintln(p.out, t.Token)
		return nil
	}
	return cmd
}

func (p program) listForgeries(asJSON bool) error {
	if asJSON {
		return printJSON(p.out, forge.All())
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, f := range forge.All() {
		fmt.Fprintf(w, "%s\t%s\n", f.Name, f.What)
	}
	return w.Flush()
}
