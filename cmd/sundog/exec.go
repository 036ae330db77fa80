package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/environ"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/run"
	"github.com/sundog-edge/sundog/edge/runfile"
)

func (p program) exec() *cobra.Command {
	cmd := command("run", &cobra.Command{
		Use:   "exec [-f DIR|FILE] [--as EMAIL] [--client NAME] [--egress HOST:PORT]... [--echo] [--any-state] [-q] -- CMD [ARG]...",
		Short: "Run a command inside the lookalike internet",
		Long: `Run CMD so that its requests for the world's hosts reach the edge, and those for
the rest of the internet are refused: by proxy variables, by variables that name
the run's certificate authority, and by variables that lead Cloudflare's own
tools to the edge's API. Variables that hold credentials of a real account are
removed, and each removal is told in a line on stderr.

Some programs are caught by name, wherever below CMD they are called: cloudflared
has a home that holds this world's files alone, browsers are those of sundog
open, and terraform and tofu are refused beside a state of another account, but
for --any-state. Node.js obeys the proxy, whatever its version.

The edge is the running one; -f starts a private one for this command, on free
ports, and so does a world found in this folder or above when none runs.
--as makes the proxy sign EMAIL in: requests for protected hosts that carry no
credential of their own get that person's, wherever policies admit the person.
--client chooses who the requests come from, an entry of clients:. --egress lets
a host outside the world through, and --echo answers in place of origins that
refuse connections; both need a private edge.

Hosts that were refused are told on stderr, each with what would let it through,
and at the end what the edge itself answered and why, or that it saw nothing of
CMD and what may be the cause; --quiet leaves the end out.

CMD has stdin and stdout to itself; sundog writes to stderr only. Signals reach
CMD's process group. The exit code is CMD's, or 128+n when signal n ended it; 125
when sundog failed, 126 when CMD cannot be executed, 127 when there is no CMD.`,
		Example: `  sundog exec -- curl -si https://myservice.example.com/
  sundog exec --as alice@example.com -- curl -s https://myservice.example.com/
  sundog exec -f testdata/dual-endpoint --client default -- npm test`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &exitError{environ.ExitSundog, usagef("CMD is missing; write it behind --")}
			}
			return nil
		},
	})
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return &exitError{environ.ExitSundog, usageError{err}}
	})
	f := cmd.Flags()
	f.SetInterspersed(false)
	path := f.StringP("file", "f", "", "a private edge for this command, of the world in `DIR|FILE`")
	client := f.String("client", "", "who the requests come from: a `NAME` of clients:")
	as := asFlag(cmd, "requests for protected hosts are those of the person with that address, `EMAIL`")
	service := f.String("service-token", "", "give CMD the client id and secret of a service token, by its `NAME` in access.service_tokens")
	egress := f.StringArray("egress", nil, "let `HOST:PORT` through, outside the world; may be repeated")
	echo := echoFlag(f)
	anyState := f.Bool("any-state", false, "let terraform and tofu work on a state of another account")
	quiet := f.BoolP("quiet", "q", false, "tell nothing when CMD has ended")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		how := asked{visitor{*as, *client, *service}, *anyState, *quiet}
		code, err := p.execute(cmd.Context(), private{*path, *egress, *echo}, how, args)
		if code == 0 && err == nil {
			return nil
		}
		return &exitError{code, err}
	}
	return cmd
}

// execute runs CMD and returns its exit code. err is of sundog, and not yet printed.
func (p program) execute(ctx context.Context, own private, how asked, argv []string) (code int, err error) {
	if reason, refused := environ.Refuse(argv); refused {
		return environ.ExitSundog, errors.New(reason)
	}
	defer failing()()
	// Until CMD runs, and takes signals itself, one of them must not leave files behind.
	starting, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	in, watch, done, err := p.inside(starting, own)
	if err != nil {
		return environ.ExitSundog, err
	}
	defer func() { err = errors.Join(err, done()) }()
	if starting.Err() != nil {
		return environ.ExitSundog, errors.New("interrupted before CMD was started")
	}
	stop()
	over, err := p.lend(ctx, &in, how.visitor)
	if err != nil {
		return environ.ExitSundog, err
	}
	defer over()
	if how.service != "" {
		if in, err = in.WithServiceToken(how.service); err != nil {
			return environ.ExitSundog, err
		}
	}
	self, err := p.ownPath()
	if err != nil {
		return environ.ExitSundog, err
	}
	tools, dir, remove, err := in.Tools(self, how.anyState)
	if err != nil {
		return environ.ExitSundog, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	plan, err := in.PlanWith(dir, how.client, os.Environ())
	if err != nil {
		return environ.ExitSundog, err
	}
	if cwd, err := os.Getwd(); err == nil && !how.anyState {
		if reason, refused := environ.RefuseState(argv, cwd, plan.Environ(), in.AccountID); refused {
			return environ.ExitSundog, errors.New(reason)
		}
	}
	argv, env, err := tools.Given(dir, argv, plan.Environ())
	if err != nil {
		return environ.ExitSundog, err
	}
	p.tell(plan)
	if hint := environ.Hint(argv, in.Ready.DNS); hint != "" {
		fmt.Fprintf(p.err, "sundog: %s\n", hint)
	}
	tell := p.watch(ctx, watch)
	code, err = environ.Run(ctx, argv, env, environ.Stdio{In: p.in, Out: p.out, Err: p.err})
	if err == nil && !how.quiet {
		var causes []string
		if code != environ.ExitCannotRun && code != environ.ExitNotFound {
			causes = environ.WhyNothing(argv, plan)
		}
		tell(causes)
	}
	return code, err
}

// asked is what the flags say of CMD.
type asked struct {
	visitor
	anyState bool
	quiet    bool
}

// tell prints what a command does not see of this environment.
func (p program) tell(plan *environ.Plan) {
	for _, r := range plan.Removed {
		fmt.Fprintf(p.err, "sundog: %s\n", r)
	}
	for _, r := range plan.Dropped {
		fmt.Fprintf(p.err, "sundog: %s\n", r)
	}
}

// private is what the flags say of an edge for one command.
type private struct {
	path   string // of the world; empty: the running edge, if there is one
	egress []string
	echo   bool
}

// inside is the running edge, or a private one that done ends; watch is whom to ask what it saw.
func (p program) inside(ctx context.Context, own private) (in run.Inside, watch watched, done func() error, err error) {
	path := own.path
	if path == "" {
		f, err := p.running(ctx)
		switch {
		case err == nil && own.echo:
			return in, watch, nil, fmt.Errorf("--echo changes what answers, and the edge at %s is not this command's alone: start that one with --echo, or add -f for a private one", f.URL)
		case err == nil && len(own.egress) > 0:
			return in, watch, nil, fmt.Errorf("--egress changes the world, and the edge at %s is not this command's alone: start that one with --egress, or add -f for a private one", f.URL)
		case err == nil:
			in, err := f.Inside()
			if err != nil {
				return in, watch, nil, err
			}
			return in, watched{f.Client, true}, p.refusals(ctx, f.Client), nil
		}
		if path, err = p.fallback(err); err != nil {
			return in, watch, nil, err
		}
		fmt.Fprintf(p.err, "sundog: no edge runs here; this command has a private one, of the world in %s\n", path)
	}
	s, err := run.Start(ctx, run.Options{
		Path: path, Listen: listen.Ports0(), Egress: own.egress, Echo: own.echo, CADir: caDir(), Cache: cacheDir(), Version: release(), Log: slog.New(newNotices(p.err, "sundog: ")),
	})
	if err != nil {
		return in, watch, nil, err
	}
	return s.Inside(), watched{run.Asked(s.Edge, release()), false}, s.Close, nil
}

// fallback is the world found from here upward, for when no edge runs; other reasons why
// none was found stay errors.
func (p program) fallback(why error) (path string, err error) {
	var missing *runfile.NotFoundError
	if p.lookup().URL != "" || !errors.As(why, &missing) {
		return "", why
	}
	path, err = run.Nearest("")
	var none *run.NoWorldError
	if errors.As(err, &none) {
		err = fmt.Errorf("%w; and no edge runs: name a world with -f DIR", err)
	}
	return path, err
}
