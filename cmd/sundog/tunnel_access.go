package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/run"
	ownfile "github.com/sundog-edge/sundog/internal/private"
)

func (p program) tunnelToken() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token NAME",
		Short: "Print the token by which a connector dials in",
		Long: `Print what cloudflared tunnel run --token takes, for a tunnel of the running edge.
Where no file gives the tunnel's secret, it is made for each run, and the token
with it.`,
		Example:               `  sundog tunnel token web`,
		DisableFlagsInUseLine: true,
		Args:                  args(1, 1, "NAME"),
		ValidArgsFunction:     completeTunnels,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		a, _, err := p.tunnelAccess(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		fmt.Fprintln(p.out, a.Token)
		return nil
	}
	return cmd
}

func (p program) tunnelCredentials() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "credentials NAME [-o FILE]",
		Short: "Print or write the credentials file of a tunnel",
		Long: `Print what cloudflared's credentials-file holds, for a tunnel of the running edge,
or write it into FILE, readable by you alone.`,
		Example:               `  sundog tunnel credentials web -o web.json`,
		DisableFlagsInUseLine: true,
		Args:                  args(1, 1, "NAME"),
		ValidArgsFunction:     completeTunnels,
	}
	out := cmd.Flags().StringP("output", "o", "", "write into `FILE` instead")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		a, _, err := p.tunnelAccess(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if *out == "" {
			fmt.Fprintln(p.out, string(a.Credentials))
			return nil
		}
		return ownfile.Replace(*out, append(a.Credentials, '\n'), 0o600)
	}
	return cmd
}

func (p program) tunnelCert() *cobra.Command {
	return &cobra.Command{
		Use:   "cert",
		Short: "Print the cert.pem of the world's account",
		Long: `Print the account certificate that cloudflared's commands of the API want, of the
running edge: what cloudflared login would fetch. It holds the edge's API token.
Inside sundog exec it is in place already.`,
		Example:               `  sundog tunnel cert > cert.pem`,
		DisableFlagsInUseLine: true,
		Args:                  args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := p.running(cmd.Context())
			if err != nil {
				return err
			}
			in, err := f.Inside()
			if err != nil {
				return err
			}
			if in.Files.Cert == "" {
				return fmt.Errorf("the world at %s has no account, so it has no cert.pem", f.URL)
			}
			data, err := os.ReadFile(in.Files.Cert)
			if err != nil {
				return err
			}
			_, err = p.out.Write(data)
			return err
		},
	}
}

func (p program) tunnelRunCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run-command NAME",
		Short: "Print the cloudflared command that dials in for a tunnel",
		Long: `Print a whole command line that connects a real cloudflared, from any shell, to the
running edge: its address four times (one for each connection), its CA, and the
tunnel's token. Inside sundog exec, cloudflared tunnel run NAME needs none of it.`,
		Example:               `  sundog tunnel run-command web`,
		DisableFlagsInUseLine: true,
		Args:                  args(1, 1, "NAME"),
		ValidArgsFunction:     completeTunnels,
		RunE: func(cmd *cobra.Command, args []string) error {
			a, f, err := p.tunnelAccess(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if f.Run == nil || f.Run.Ready.Tunnel == "" {
				return fmt.Errorf("the edge at %s has no listener for connectors; start it with --tunnel 7844", f.URL)
			}
			fmt.Fprintln(p.out, runCommand(a, f.Run.Ready.Tunnel, f.Run.Ready.CA))
			return nil
		},
	}
}

// runCommand connects a cloudflared. The file of a tunnel that has one is its configuration.
func runCommand(a admin.TunnelAccess, edge, ca string) string {
	line := "cloudflared tunnel"
	if a.ConfigFile != "" {
		line += " --config " + quoted(a.ConfigFile)
	}
	return line + " --no-autoupdate --no-prechecks" + strings.Repeat(" --edge "+edge, 4) + " --cacert " + quoted(ca) + " run --token " + a.Token
}

// tunnelAccess is what a connector needs to dial into the running edge.
func (p program) tunnelAccess(ctx context.Context, name string) (admin.TunnelAccess, *run.Found, error) {
	f, err := p.running(ctx)
	if err != nil {
		return admin.TunnelAccess{}, nil, err
	}
	a, err := f.Client.TunnelAccess(ctx, name)
	return a, f, err
}
