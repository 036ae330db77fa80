package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/environ"
	"github.com/sundog-edge/sundog/edge/run"
)

func (p program) tunnelQuick() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "quick URL [-f DIR|FILE]",
		Short: "Give an origin a name below trycloudflare.com, by a real cloudflared",
		Long: `Run cloudflared's quick tunnel inside the lookalike internet: it gives the origin at
URL a random name below trycloudflare.com, which the edge serves until cloudflared
ends. Nothing leaves this machine. The exit code is cloudflared's.`,
		Example:               `  sundog tunnel quick http://localhost:8080`,
		DisableFlagsInUseLine: true,
		Args:                  args(1, 1, "URL"),
	}
	path := cmd.Flags().StringP("file", "f", "", "a private edge of the world in `DIR|FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		to, err := url.Parse(args[0])
		if err != nil || to.Host == "" {
			return usagef("URL is that of an origin, as http://localhost:8080, and not %q", args[0])
		}
		code, err := p.quick(cmd.Context(), *path, args[0])
		if code == 0 && err == nil {
			return nil
		}
		return &exitError{code, err}
	}
	return cmd
}

// endLimit bounds how long the edge may take to forget a quick tunnel.
const endLimit = 5 * time.Second

func (p program) quick(ctx context.Context, path, to string) (code int, err error) {
	defer failing()()
	in, watch, done, err := p.inside(ctx, private{path: path})
	if err != nil {
		return environ.ExitSundog, err
	}
	defer func() { err = errors.Join(err, done()) }()
	if in.Ready.Tunnel == "" || in.Ready.Admin == "" {
		return environ.ExitSundog, errors.New("the edge has no listener for connectors; start it with --tunnel 7844")
	}
	q, err := watch.Quick(ctx)
	if err != nil {
		return environ.ExitSundog, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endLimit)
		defer cancel()
		var gone *run.UnreachableError
		if e := watch.EndQuick(ctx, q.ID); e != nil && !errors.As(e, &gone) { // an edge that has ended has forgotten it
			err = errors.Join(err, e)
		}
	}()
	self, err := p.ownPath()
	if err != nil {
		return environ.ExitSundog, err
	}
	tools, dir, remove, err := in.Tools(self, false)
	if err != nil {
		return environ.ExitSundog, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	plan, err := in.PlanWith(dir, "", os.Environ())
	if err != nil {
		return environ.ExitSundog, err
	}
	argv := []string{"cloudflared", "tunnel", "--quick-service", httpURL(in.Ready.Admin) + q.Service, "--url", to}
	launch, err := tools.Launch(dir, argv[0], argv[1:], "", plan.Environ())
	if err != nil {
		var missing *environ.MissingError
		if errors.As(err, &missing) {
			return environ.ExitNotFound, err
		}
		return environ.ExitSundog, err
	}
	fmt.Fprintf(p.err, "sundog: %s leads to %s while cloudflared runs\n", q.URL, to)
	return environ.Run(ctx, append([]string{launch.Path}, launch.Argv[1:]...), launch.Env, environ.Stdio{In: p.in, Out: p.out, Err: p.err})
}
