package main

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/ca"
	"github.com/sundog-edge/sundog/edge/run"
	"github.com/sundog-edge/sundog/edge/trust"
	"github.com/sundog-edge/sundog/edge/world"
)

func (p program) caInstall() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "install [--yes] [--dry-run] [DIR|FILE]",
		Short: "Make this system trust an authority for the names of a world",
		Long: `Make an authority of this machine alone, and put it into the certificate stores of the
system and of its browsers, after a yes. It is for programs that take neither a
variable nor a flag; what runs under exec and open needs none.

It permits the zones of the world in DIR or FILE (without, of the one found from here
upward), its team's host and its own workers.dev names, and those of earlier
installations; and nothing else: no other host, no address, no e-mail, no URI. It
lives a year, and its key is a file that only this user can read. It signs the
authority of each run, so that edges that start from now on are trusted.

--dry-run prints the constraints and the commands, and does nothing.`,
		Example:               `  sundog ca install --dry-run`,
		DisableFlagsInUseLine: true,
		Args:                  args(0, 1, "DIR|FILE"),
	}
	yes := cmd.Flags().Bool("yes", false, "do not ask")
	dry := cmd.Flags().Bool("dry-run", false, "print what would be done")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.installCA(cmd.Context(), first(args), *yes, *dry)
	}
	return cmd
}

func (p program) caUninstall() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "uninstall [--dry-run]",
		Short: "Undo ca install, and remove the key",
		Long: `Take the installed authority out of the certificate stores that ca install puts it into, and
remove its key. What fails is told; the key is gone all the same, so that nothing
can be signed any more.`,
		Example:               `  sundog ca uninstall`,
		DisableFlagsInUseLine: true,
		Args:                  args(0, 0, ""),
	}
	dry := cmd.Flags().Bool("dry-run", false, "print what would be done")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return p.uninstallCA(cmd.Context(), *dry) }
	return cmd
}

// caDir is where the installed authority lies.
func caDir() string { return trust.Here().Dir() }

// installedCA is the one that is there; nil: none.
func installedCA() (*ca.Installed, error) {
	dir := caDir()
	if dir == "" {
		return nil, errors.New("no home folder is known to keep an authority in; set HOME or XDG_DATA_HOME")
	}
	i, err := ca.OpenInstalled(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return i, err
}

func (p program) installCA(ctx context.Context, path string, yes, dry bool) error {
	if path == "" {
		var err error
		if path, err = run.Nearest(""); err != nil {
			return err
		}
	}
	w, err := world.Load(path)
	if err != nil {
		return err
	}
	old, err := installedCA()
	if err != nil {
		return err
	}
	names := run.InstallNames(w)
	if err := ca.CheckInstallable(names); err != nil {
		return err
	}
	next := old
	if old == nil || len(old.Missing(names)) > 0 {
		if old != nil {
			names = append(names, old.Names()...)
		}
		if next, err = ca.NewInstalled(names, ca.Options{}); err != nil {
			return err
		}
	}
	here := trust.Here()
	steps, err := here.Install(authorityOf(next))
	if err != nil {
		return err
	}
	var undo []trust.Step
	if next != old && old != nil {
		if undo, err = here.Uninstall(authorityOf(old)); err != nil {
			return err
		}
	}
	p.describeCA(next, append(undo, steps...))
	if dry {
		return nil
	}
	if !yes && !p.said("yes", "Type yes to install it: ") {
		return errors.New("nothing was installed: the answer was not yes (--yes answers for scripts)")
	}
	if next != old {
		// First what reads the old one's file. That it has been taken out by hand is no failure.
		if err := p.takeSteps(ctx, undo); err != nil {
			fmt.Fprintf(p.err, "sundog: %s is not taken out whole, and its key is gone: %v\n", old.Name(), err)
		}
		if err := next.Save(caDir()); err != nil {
			return err
		}
	}
	if err := p.takeSteps(ctx, steps); err != nil {
		return fmt.Errorf("%w\nrun sundog ca install again when that is mended, or sundog ca uninstall", err)
	}
	fmt.Fprintf(p.out, "installed; it ends on %s. Edges that start from now on are trusted.\n", next.Expires().Format("2006-01-02"))
	return nil
}

func authorityOf(i *ca.Installed) trust.Authority {
	sum := sha1.Sum(i.Certificate().Raw) // by which macOS and Windows call a certificate
	return trust.Authority{File: filepath.Join(caDir(), ca.InstalledCert), Name: i.Name(), SHA1: strings.ToUpper(hex.EncodeToString(sum[:]))}
}

// describeCA says what an authority may do and how it is installed.
func (p program) describeCA(i *ca.Installed, steps []trust.Step) {
	fmt.Fprintf(p.out, "%s\n  permits     %s, and what is below them\n  excludes    every other host, and every address, e-mail and URI\n  signs       servers only, by authorities of single runs\n  key         %s\n  fingerprint %s\n\nCommands:\n",
		i.Name(), strings.Join(i.Names(), ", "), filepath.Join(caDir(), ca.InstalledKey), i.Fingerprint())
	for _, s := range steps {
		fmt.Fprintf(p.out, "  %s\n", shellLine(s.Argv))
	}
}

// said asks, and tells whether the line that comes is the word.
func (p program) said(word, question string) bool {
	fmt.Fprint(p.err, question)
	line, _ := bufio.NewReader(p.in).ReadString('\n') // an end without a line is no answer
	return strings.TrimSpace(line) == word
}

// takeSteps takes them all, and tells of each that fails.
func (p program) takeSteps(ctx context.Context, steps []trust.Step) error {
	var errs []error
	for _, s := range steps {
		if err := trust.Run(ctx, s); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.Store, err))
		}
	}
	return errors.Join(errs...)
}

func (p program) uninstallCA(ctx context.Context, dry bool) error {
	i, err := installedCA()
	if err != nil {
		return err
	}
	if i == nil {
		fmt.Fprintln(p.out, "there is no installed authority")
		return nil
	}
	steps, err := trust.Here().Uninstall(authorityOf(i))
	var none *trust.NoStoreError
	if err != nil && !errors.As(err, &none) {
		return err
	}
	if dry {
		p.describeCA(i, steps)
		return nil
	}
	err = p.takeSteps(ctx, steps)
	err = errors.Join(err, os.Remove(filepath.Join(caDir(), ca.InstalledKey)), os.Remove(filepath.Join(caDir(), ca.InstalledCert)))
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s is uninstalled, and its key removed\n", i.Name())
	return nil
}

// tellDue says, at the start of up, that the installed authority does not know all of the world.
func (p program) tellDue(k ink, s *run.Session) {
	missing := s.Uninstalled()
	if len(missing) == 0 {
		return
	}
	slices.Sort(missing)
	p.heading(k, "Certificates")
	fmt.Fprintf(p.out, "  %s the installed authority does not permit %s; sundog ca install is due\n", k.amber("!"), strings.Join(missing, ", "))
}

func (p program) printInstalled(asJSON bool) error {
	i, err := installedCA()
	switch {
	case err != nil:
		return err
	case i == nil:
		return errors.New("there is no installed authority; sundog ca install makes one")
	case asJSON:
		return printJSON(p.out, struct {
			CA      string   `json:"ca"`
			Permits []string `json:"permits"`
			Expires string   `json:"expires"`
		}{string(i.CertPEM()), i.Names(), i.Expires().Format("2006-01-02")})
	}
	_, err = p.out.Write(i.CertPEM())
	return err
}
