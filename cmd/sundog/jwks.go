package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

func (p program) jwks() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "jwks [--pem]",
		Short: "Print the keys that verify Access tokens",
		Long: `Print the keys of the running edge's team, as
https://TEAM.cloudflareaccess.com/cdn-cgi/access/certs answers: keys are JSON
Web Keys, public_certs the same as certificates, the previous key first.

--pem prints the certificates alone, for code that takes a file.`,
		Example: `  sundog jwks > jwks.json`,
		Args:    args(0, 0, ""),
	})
	asPEM := cmd.Flags().Bool("pem", false, "print the certificates")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		set, err := c.KeySet(cmd.Context())
		if err != nil {
			return err
		}
		if !*asPEM {
			return printJSON(p.out, set)
		}
		var certs struct {
			Public []struct {
				Cert string `json:"cert"`
			} `json:"public_certs"`
		}
		if err := json.Unmarshal(set, &certs); err != nil {
			return err
		}
		for _, c := range certs.Public {
			fmt.Fprint(p.out, c.Cert)
		}
		return nil
	}
	return cmd
}
