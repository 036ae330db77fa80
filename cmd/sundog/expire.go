package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/admin"
)

func (p program) expire() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "expire session|token|otp|key|seat",
		Short: "End a session, a token, a PIN, a key or a seat before its time",
		Long: `End what Access of the running edge granted, and nothing else: the next request
meets it. sundog clock makes everything older instead.`,
		Example: `  sundog expire session alice@example.com
  sundog expire token --for https://myservice.example.com/
  sundog expire key`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	})
	for _, what := range []struct{ name, use, short, long string }{
		{"session", "session EMAIL", "Log somebody out, in all applications",
			`End every session of EMAIL, as the logout page does: the sign-in at the team
domain, and the tokens of all applications. access.logout_latency delays the
latter, as the real network does by 20 to 30 seconds. Signing in again is possible
at once.`},
		{"token", "token [EMAIL] --for URL", "End an application's tokens, and leave the sign-in",
			`End the tokens of the application that guards URL, of EMAIL or of everybody: what
the dashboard calls to revoke existing tokens. Who is signed in at the team domain
gets a new one by two redirects; a service token buys another.

An origin that looks at the token alone still takes it, until it expires.`},
		{"otp", "otp EMAIL [--nonce N]", "Make one-time PINs too old",
			`Make the PINs that were sent to EMAIL and not used yet count as older than ten
minutes; --nonce chooses that of one login.`},
		{"key", "key", "Rotate the signing key",
			`Make a new key sign tokens. The one before still verifies for seven days, and is
in the key set for as long; a second rotation removes it. An origin that keeps the
keys of /cdn-cgi/access/certs and does not ask again for a kid that it does not
know refuses everybody from now on, as it will in production.`},
		{"seat", "seat EMAIL", "Free somebody's seat",
			`Free the seat that the first sign-in of EMAIL took. It ends no session and bars
nobody. access.seats says how many there are.`},
	} {
		cmd.AddCommand(p.expireOne(what.name, what.use, what.short, what.long))
	}
	return cmd
}

func (p program) expireOne(what, use, short, long string) *cobra.Command {
	low, high := 1, 1
	switch what {
	case "token":
		low = 0
	case "key":
		low, high = 0, 0
	}
	cmd := &cobra.Command{Use: use + " [--json]", Short: short, Long: long, DisableFlagsInUseLine: true, Args: args(low, high, "EMAIL")}
	cmd.Example = "  sundog expire " + strings.NewReplacer("[EMAIL]", "alice@example.com", "EMAIL", "alice@example.com", " [--nonce N]", "",
		"URL", "https://myservice.example.com/").Replace(use)
	x := admin.Expiry{What: what}
	switch what {
	case "token":
		cmd.Flags().StringVar(&x.URL, "for", "", "a `URL` that the application guards")
	case "otp":
		cmd.Flags().StringVar(&x.Nonce, "nonce", "", "the PIN of that login `N` only")
	}
	if high > 0 {
		cmd.ValidArgsFunction = completeSeated
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if what == "token" && x.URL == "" {
			return usagef("--for is missing: a URL that the application guards, as https://HOST/PATH")
		}
		if len(args) > 0 {
			x.Email = args[0]
		}
		c, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		done, err := c.Expire(cmd.Context(), x)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(p.out, done)
		}
		fmt.Fprintln(p.out, printable(done.Did))
		return nil
	}
	return cmd
}

// completeSeated completes to who has signed in, and to the people of the world.
func completeSeated(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	list, directive := completePeople(cmd, args, typed)
	if len(args) > 0 {
		return list, directive
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), completing)
	defer cancel()
	f, err := (program{}).running(ctx)
	if err != nil {
		return list, directive
	}
	users, err := f.Users(ctx)
	if err != nil {
		return list, directive
	}
	there := map[string]bool{}
	for _, one := range list {
		email, _, _ := strings.Cut(one, "\t")
		there[email] = true
	}
	for _, u := range users {
		if !there[u.Email] && strings.HasPrefix(u.Email, strings.ToLower(typed)) {
			list = append(list, cobra.CompletionWithDesc(printable(u.Email), "has signed in"))
		}
	}
	return list, directive
}
