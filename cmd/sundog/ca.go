package main

import (
	"os"

	"github.com/spf13/cobra"
)

func (p program) ca() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "ca print|ssh|install|uninstall",
		Short: "The certificate authorities: of the running edge, and an installed one",
		Long: `The edge signs the certificates of its hosts with an authority that it makes at
its start and keeps in memory: it is another one in every run. Commands under
sundog exec and browsers of sundog open trust it already.

For what can be told nothing, ca install makes this system trust an authority for
the names of your worlds, which then signs that of each run; ca uninstall takes it back.`,
		Example: `  sundog ca print > ca.pem`,
		Args:    noSuchCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	})
	show := &cobra.Command{
		Use:   "print [--installed] [--json]",
		Short: "Print the authority's certificate as PEM",
		Long: `Print the certificate of the running edge's authority as PEM, for a client that
shall trust it. --json adds the digest of its key, which Chromium takes with
--ignore-certificate-errors-spki-list.`,
		Example:               `  curl --cacert <(sundog ca print) --proxy http://127.0.0.1:4380 https://myservice.example.com/`,
		DisableFlagsInUseLine: true,
		Args:                  args(0, 0, ""),
	}
	installed := show.Flags().Bool("installed", false, "that which ca install has made, instead")
	asJSON := jsonFlag(show)
	show.RunE = func(cmd *cobra.Command, _ []string) error {
		if *installed {
			return p.printInstalled(*asJSON)
		}
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
	cmd.AddCommand(show, p.caSSH(), p.caInstall(), p.caUninstall())
	return cmd
}
