package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p program) caSSH() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ssh HOST [--json]",
		Short: "Print an application's certificate authority for SSH",
		Long: `Print the public key that signs the short-lived certificates of cloudflared access
ssh-gen for the application at HOST, as a line for the file that sshd's
TrustedUserCAKeys names. It is another one in every run. The principal of a
certificate is the person's address before the @.`,
		Example:               `  sundog ca ssh ssh.example.com > ca.pub`,
		DisableFlagsInUseLine: true,
		Args:                  args(1, 1, "HOST"),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		ca, err := c.SSHCA(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(p.out, ca)
		}
		fmt.Fprintln(p.out, ca.PublicKey)
		return nil
	}
	return cmd
}
