package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/tunnelemu"
)

func (p program) tunnel() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "tunnel list|info|token|credentials|cert|run-command|quick|ingress",
		Short: "Tunnels: who serves them, how a real cloudflared dials in, and checks of a config.yml",
		Long: `Who serves the tunnels of the running edge, and what a real cloudflared needs to dial
in for one. While a connector is there, it answers in place of the embedded one.

ingress says what cloudflared's command of the same name says about a config.yml, with
its output and its exit codes. Without --config the file is searched where
cloudflared searches it: config.yml, then config.yaml, in ~/.cloudflared,
~/.cloudflare-warp, ~/cloudflare-warp, /etc/cloudflared and
/usr/local/etc/cloudflared.`,
		Example: `  sundog tunnel list
  sundog exec -- cloudflared tunnel run web
  sundog tunnel --config cloudflared/config.yml ingress validate
  sundog tunnel --config cloudflared/config.yml ingress rule https://myservice.example.com/a`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	})
	config := cmd.PersistentFlags().String("config", "", "the `FILE` to read instead of the one that is searched")
	ingress := &cobra.Command{
		Use:                   "ingress validate|rule",
		Short:                 "Validate ingress rules, or test which one a URL matches",
		Long:                  `Validate the ingress rules of a config.yml, or say which of them takes a URL.`,
		Example:               `  sundog tunnel --config cloudflared/config.yml ingress validate`,
		DisableFlagsInUseLine: true,
		Args:                  noSuchCommand,
		RunE:                  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	ingress.AddCommand(p.ingressValidate(config), p.ingressRule(config))
	cmd.AddCommand(ingress, p.tunnelList(), p.tunnelInfo(), p.tunnelToken(), p.tunnelCredentials(), p.tunnelCert(), p.tunnelRunCommand(), p.tunnelQuick())
	return cmd
}

func (p program) ingressValidate(config *string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate [--json DOC]",
		Short: "Say whether cloudflared would take the rules",
		Long: `Say whether cloudflared would take the ingress rules. OK, or a list of keys that
nothing reads, and exit code 0; exit code 1 and every reason otherwise.

--json takes the whole configuration as the API's JSON object instead of a file.`,
		Example:               `  sundog tunnel --config cloudflared/config.yml ingress validate`,
		DisableFlagsInUseLine: true,
	}
	doc := cmd.Flags().String("json", os.Getenv("TUNNEL_INGRESS_VALIDATE_JSON"), "the configuration as JSON `DOC`")
	cmd.RunE = func(*cobra.Command, []string) error {
		if *doc != "" {
			return p.printReport(tunnelemu.ValidateJSONReport([]byte(*doc)))
		}
		path, data, err := readConfig(*config)
		if err != nil {
			return err
		}
		return p.printReport(tunnelemu.ValidateReport(path, data))
	}
	return cmd
}

func (p program) ingressRule(config *string) *cobra.Command {
	return &cobra.Command{
		Use:   "rule URL",
		Short: "Say which rule takes a URL",
		Long: `Say which ingress rule takes a URL: its number, counted from 0, and what it
says. Exit code 1 when the rules are not valid or the URL has no host.`,
		Example:               `  sundog tunnel --config cloudflared/config.yml ingress rule https://myservice.example.com/a`,
		DisableFlagsInUseLine: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				// The real command calls this a failure, not a usage error.
				return errors.New("the URL to test is missing; name one, as https://app.example.com/path")
			}
			path, data, err := readConfig(*config)
			if err != nil {
				return err
			}
			return p.printReport(tunnelemu.RuleReport(path, data, args[0]))
		},
	}
}

func (p program) printReport(r tunnelemu.Report) error {
	if _, err := io.WriteString(p.out, r.Stdout); err != nil {
		return err
	}
	io.WriteString(p.err, r.Stderr)
	if r.Code != 0 {
		return &exitError{code: r.Code}
	}
	return nil
}

// readConfig reads the file named, or the first that cloudflared would find.
func readConfig(path string) (string, []byte, error) {
	if path == "" {
		for _, candidate := range configPaths() {
			if info, err := os.Stat(candidate); err == nil && !info.IsDir() {
				path = candidate
				break
			}
		}
	}
	if path == "" {
		return "", nil, errors.New("no configuration file was found where cloudflared looks for one; name it with --config FILE")
	}
	data, err := os.ReadFile(path)
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return "", nil, fmt.Errorf("%s %s: %w", pe.Op, path, pe.Err)
	}
	return path, data, err
}

func configPaths() []string {
	var paths []string
	add := func(dir string) {
		paths = append(paths, filepath.Join(dir, "config.yml"), filepath.Join(dir, "config.yaml"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		for _, name := range []string{".cloudflared", ".cloudflare-warp", "cloudflare-warp"} {
			add(filepath.Join(home, name))
		}
	}
	if runtime.GOOS != "windows" {
		add("/etc/cloudflared")
		add("/usr/local/etc/cloudflared")
	}
	return paths
}
