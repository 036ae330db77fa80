package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/run"
)

func (p program) init() *cobra.Command {
	cmd := command("run", &cobra.Command{
		Use:   "init [--protect HOST --allow EMAIL] [--dry-run] [--force] [DIR|FILE]",
		Short: "Write a sundog.yaml of what cloudflared's and wrangler's files say",
		Long: `Write down, as a sundog.yaml, what sundog infers of cloudflared's config.yml and of
wrangler's files: the team, the zones, their records, the tunnels, the Workers. What
lives only in the dashboard can then be added to it. It is the same world as before.

--protect guards a host with an Access application, and --allow says who may log
in. Both may be repeated; everyone allowed may enter every host named. @example.com
allows every address of a domain.

DIR is the project's folder, without it this one; config.yml is looked for there,
in cloudflared/ and in .cloudflared/, and wrangler's files there or one level down.
With FILE, which may lie anywhere, sundog.yaml is written here.

A sundog.yaml that is there is not overwritten: what to add to it is printed
instead. --force writes it anew, and keeps the old one as sundog.yaml.bak.`,
		Example: `  sundog init --protect app.example.com --allow alice@example.com
  sundog init --dry-run ~/.cloudflared/config.yml`,
		Args: args(0, 1, "DIR|FILE"),
	})
	f := cmd.Flags()
	f.SortFlags = false
	protect := f.StringArray("protect", nil, "ask for a login at `HOST`; may be repeated")
	allow := f.StringArray("allow", nil, "let `EMAIL` in, or @DOMAIN; may be repeated")
	dry := f.Bool("dry-run", false, "print it and write nothing")
	force := f.Bool("force", false, "write it though there is one, which is kept as sundog.yaml.bak")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		switch {
		case len(*protect) > 0 && len(*allow) == 0:
			return usagef("--protect says nothing of who may enter; add --allow EMAIL")
		case len(*protect) == 0 && len(*allow) > 0:
			return usagef("--allow says nothing of where; add --protect HOST")
		}
		done, err := run.Init(run.InitOptions{Path: first(args), Protect: *protect, Allow: *allow, Force: *force, DryRun: *dry})
		var there *run.ExistsError
		if errors.As(err, &there) {
			return p.alreadyThere(there, err)
		}
		if err != nil {
			return err
		}
		if *dry {
			fmt.Fprint(p.out, done.Text)
			return nil
		}
		p.printInit(done, first(args))
		return nil
	}
	return cmd
}

// alreadyThere shows what to add to the file that there is.
func (p program) alreadyThere(there *run.ExistsError, err error) error {
	if there.Add != "" {
		fmt.Fprint(p.out, there.Add)
		return fmt.Errorf("%w; edit it: the lines above, under access: and apps:, ask for that login", err)
	}
	return fmt.Errorf("%w; edit it, or write it anew with --force, which keeps the old one", err)
}

func (p program) printInit(done run.Initialized, path string) {
	fmt.Fprintf(p.out, "wrote %s, from %s: %s\n", printable(done.File), printable(done.From), counts(done.World))
	if done.Kept != "" {
		fmt.Fprintf(p.out, "the one before is %s\n", printable(done.Kept))
	}
	for _, g := range done.Guards {
		fmt.Fprintf(p.out, "protected: %s\n", g.Host)
	}
	if len(done.Guards) == 0 {
		fmt.Fprintln(p.out, "nothing is protected: anyone enters, without a login; the file's last lines say how to ask for one")
	}
	if len(path) == 0 || done.From == path {
		path = ""
	} else {
		path = argument(path)
	}
	fmt.Fprintf(p.out, "next: %s up%s\n", p.self, path)
}
