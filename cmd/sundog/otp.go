package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func (p program) otp() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "otp EMAIL [--nonce N] [--wait 10s] [--json]",
		Short: "Print the one-time PIN that Access sent to an address",
		Long: `Print the newest one-time PIN that the login page sent to EMAIL: this edge sends
no mail, it keeps an inbox. An address that no policy allows gets no PIN, and
the page does not say so: then there is nothing to print and the exit code is 1.

--nonce chooses the mail of one login among several: it is the parameter nonce in
the URL of the page that asks for the PIN. --wait waits that long for a PIN to
be sent.`,
		Example: `  sundog otp alice@example.com --wait 1m`,
		Args:    args(1, 1, "EMAIL"),
	})
	cmd.ValidArgsFunction = completePeople
	nonce := cmd.Flags().String("nonce", "", "the mail of that login `N` only")
	wait := cmd.Flags().Duration("wait", 0, "wait that long for a PIN, 10m at most")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *wait < 0 || *wait > 10*time.Minute {
			return usagef("--wait is a duration from 0s to 10m, not %v", *wait)
		}
		c, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		mail, err := c.OTP(cmd.Context(), args[0], *nonce, *wait)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(p.out, mail)
		}
		fmt.Fprintln(p.out, mail.Code)
		return nil
	}
	return cmd
}
