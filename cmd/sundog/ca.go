package main

import (
	"os"

	"github.com/spf13/cobra"
)

func (p program) ca() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "ca print",
		Short: "The certificate authority of the running edge",
		Long: `The edge signs the certificates of its hosts with an authority that it makes at
its start and keeps in memory: it is another one in every run. Commands under
sundog exec trust it already.`,
		Example: `  sundog ca print > ca.pem`,
		Args:    noSuchCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	})
	show := &cobra.Command{
		Use:   "print [--json]",
		Short: "Print the authority's certificate as PEM",
		Long: `Print the certificate of the running edge's authority as PEM, for a client that
shall trust it. --json adds the digest of its key, which Chromium takes with
--ignore-certificate-errors-spki-list.`,
		Example:               `  curl --cacert <(sundog ca print) --proxy http://127.0.0.1:4380 https://myservice.example.com/`,
		DisableFlagsInUseLine: true,
		Args:                  args(0, 0, ""),
	}
	asJSON := jsonFlag(show)
	show.RunE = func(cmd *cobra.Command, _ []string) error {
		f, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		in, err := f.Inside()
		if err != nil {
			return err
		}
		pem, err := os.ReadFile(in.Ready.CA)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(p.out, struct {
				CA   string `json:"ca"`
				SPKI string `json:"spki"`
			}{string(pem), in.Ready.SPKI})
		}
		_, err = p.out.Write(pem)
		return err
	}
	cmd.AddCommand(show)
	return cmd
}
