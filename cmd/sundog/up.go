package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/run"
)

func (p program) up() *cobra.Command {
	cmd := command("run", &cobra.Command{
		Use:   "up [flags] [DIR|FILE]",
		Short: "Run the edge until ^C",
		Long: `Run the edge of a world until ^C, and show its entrypoints, who guards each, and
how to reach them. A second ^C does not wait for requests under way.

DIR holds a sundog.yaml, or cloudflared's config.yml, there or in cloudflared/ or
.cloudflared/. Without DIR or FILE it is this folder. What no file says is
inferred where it can be, and marked so.

While it runs, one line tells of each PIN that the login page sends and of each
host that the edge refuses. The PINs are in an inbox here: no mail is sent. With
--quiet or --json no PIN is printed; sundog otp prints it.

Once it runs, it connects to the origin of each ingress rule, and tells which are
not there and how to mend that. With --echo, requests for those that refuse
connections are answered with a page, or JSON, of what the origin would have
received, marked as such; secrets are masked.

When one of its files changes, or is replaced, they are read again, and the
difference is told, with every entrypoint that became public. Sessions, keys and
PINs stay. Files with errors change nothing: the world from before serves on, each
answer has the header Sundog-Config, and the errors are told. A HUP signal, or
POST /v1/reload on the admin port, reads them too.

It also ends when nobody reads what it prints any more, as in sundog up | head,
but with --quiet.

--ready-file writes where the listeners are, as JSON, once every one of them
answers:
  {"https": "127.0.0.1:4443", "proxy": …, "dns": …, "tunnel": "", "admin": …,
   "ca": FILE, "bundle": FILE, "spki": DIGEST, "version": …}`,
		Example: `  sundog up testdata/dual-endpoint
  sundog up --ports 0 --ready-file ready.json --quiet`,
		Args: args(0, 1, "DIR|FILE"),
	})
	var where listenFlags
	f := cmd.Flags()
	f.SortFlags = false
	where.register(f)
	ready := f.String("ready-file", "", "write the listeners' addresses to `FILE` once they answer")
	egress := f.StringArray("egress", nil, "let `HOST:PORT` through, outside the world; may be repeated")
	echo := echoFlag(f)
	quiet := f.BoolP("quiet", "q", false, "print nothing but errors")
	asJSON := f.Bool("json", false, "print one JSON object a line: what is served, then what happens")
	beside := f.String("beside", "", "what else ends with the edge, for who starts both")
	f.MarkHidden("beside")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		collectLater()
		config, hosts, err := where.read()
		if err != nil {
			return err
		}
		o := run.Options{
			Path: first(args), Listen: config, Hosts: hosts, Egress: *egress, Echo: *echo, Announce: true, ReadyFile: *ready, Version: release(), Watch: true, CADir: caDir(), Cache: cacheDir(),
		}
		ctx, interrupt, stop := untilInterrupt(cmd.Context())
		defer stop()
		hup := catchHangups()
		defer hup.stop()
		p := p
		if *quiet { // prints nothing, so that it does not matter who reads
			defer failing()()
		} else {
			ctx, p.out, stop = untilUnread(ctx, p.out)
			defer stop()
		}
		var n *notices
		var lines io.Writer // of --json
		switch {
		case *quiet:
			o.Log = slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: slog.LevelError}))
			o.Reloaded = func(r run.Reloaded) { staleAlone(p.err, r) }
		case *asJSON:
			lines = &wholeLines{out: p.out}
			o.Log = slog.New(slog.NewJSONHandler(lines, nil))
			o.Reloaded = func(r run.Reloaded) { printReloaded(lines, r) }
		default:
			n = newNotices(p.out, "")
			o.Log, o.Mail = slog.New(n), func(m accessemu.Mail) { n.mail(p.self, m) }
			o.Reloaded = n.reloaded
		}
		s, err := run.Start(ctx, o)
		if err != nil {
			return listenFailure(err)
		}
		switch {
		case *quiet:
		case *asJSON:
			err = printJSONLine(lines, started{Event: "started", Ready: s.Ready(), ReadyMS: ms(p.sinceStart()), Summary: s.Edge.Summary(), Made: madePairs(s)})
		default:
			p.printStart(ctx, s, *beside)
		}
		if err == nil {
			tell := func([]edge.Probe) {}
			switch {
			case *asJSON:
				tell = func(list []edge.Probe) { printJSONLine(lines, probedOrigins{"origins", list}) }
			case !*quiet:
				tell = n.origins
			}
			ended := probe(ctx, s.Edge, tell)
			hup.until(ctx, interrupt, func() { s.Reload() })
			<-ended
			if !*quiet && !*asJSON {
				fmt.Fprintln(p.out, "\nending; ^C again ends at once")
			}
		}
		closed := s.Close()
		if context.Cause(ctx) == errUnread {
			return &exitError{exitUnread, closed}
		}
		return errors.Join(err, closed)
	}
	return cmd
}

// untilInterrupt is a context that ends at the first ^C or TERM, or when end is called. The
// second ^C ends the process, since it means that waiting takes too long.
func untilInterrupt(parent context.Context) (ctx context.Context, end, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	caught := make(chan os.Signal, 2)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		interrupts := 0
		for {
			select {
			case s := <-caught:
				cancel()
				if s != os.Interrupt {
					continue
				}
				if interrupts++; interrupts > 1 {
					os.Exit(128 + int(syscall.SIGINT))
				}
			case <-done:
				return
			}
		}
	}()
	return ctx, cancel, func() {
		signal.Stop(caught)
		close(done)
		cancel()
	}
}

// listenFailure makes a usage error of an address that no listener can have.
func listenFailure(err error) error {
	var bad *listen.AddrError
	if errors.As(err, &bad) {
		return usageError{err}
	}
	return err
}
