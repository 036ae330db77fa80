package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/browser"
	"github.com/sundog-edge/sundog/edge/environ"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/run"
	"github.com/sundog-edge/sundog/edge/runfile"
)

func (p program) open() *cobra.Command {
	cmd := command("run", &cobra.Command{
		Use:   "open [-f DIR|FILE] [--browser NAME|PATH] [--print] [URL] [-- ARG...]",
		Short: "Open a browser that lives inside the lookalike internet",
		Long: `Open URL in a browser with a profile of its own, which is removed when the browser
is closed. It reaches the world's hosts by the edge's proxy, nothing else outside
this machine, and trusts the run's certificate authority; nothing is installed, and
your own profile is not touched. Without URL it opens the first entrypoint that
asks for a login, or else the first.

The edge is the running one; -f starts a private one that lives as long as the
browser.

The browser is the first that is found of Chromium, Chrome, Edge, Brave and Firefox,
or the one that $SUNDOG_CHROMIUM or --browser names. On WSL it is that of Windows.
Firefox needs certutil of NSS, or an authority that sundog ca install has installed.

ARGs are handed to the browser, as in -- --headless=new --dump-dom. --print prints the
command line instead of running it.`,
		Example: `  sundog open
  sundog open myservice.example.com/reports
  sundog open -f testdata/dual-endpoint --browser firefox`,
		Args: func(cmd *cobra.Command, args []string) error {
			urls, _ := atDash(cmd, args)
			return positional(urls, 1, "URL")
		},
	})
	f := cmd.Flags()
	path := f.StringP("file", "f", "", "a private edge for this browser, of the world in `DIR|FILE`")
	which := f.String("browser", "", strings.Join(browser.Names(), ", ")+", or the `PATH` of one")
	show := f.Bool("print", false, "print the command line, and run nothing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		urls, more := atDash(cmd, args)
		b, err := browser.Here().Find(*which)
		if err != nil {
			return err
		}
		if *show && *path != "" {
			return usagef("--print prints how to reach an edge that goes on, and that of -f ends with this command; start it with sundog up")
		}
		defer failing()()
		// Until the browser runs, and takes signals itself, one of them must not leave files behind.
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		defer stop()
		in, c, done, err := p.around(ctx, *path)
		if err != nil {
			return err
		}
		err = p.browse(ctx, b, in, c, first(urls), more, *show)
		return errors.Join(err, done())
	}
	cmd.RegisterFlagCompletionFunc("browser", cobra.FixedCompletions(browser.Names(), cobra.ShellCompDirectiveDefault))
	return cmd
}

// atDash parts arguments at the --.
func atDash(cmd *cobra.Command, all []string) (before, after []string) {
	if n := cmd.ArgsLenAtDash(); n >= 0 {
		return all[:n], all[n:]
	}
	return all, nil
}

func positional(list []string, high int, names string) error {
	return args(0, high, names)(nil, list)
}

// around is the running edge, or a private one of the world at path, which done ends.
func (p program) around(ctx context.Context, path string) (in run.Inside, c *run.Client, done func() error, err error) {
	if path == "" {
		f, err := p.running(ctx)
		if err != nil {
			return in, nil, nil, err
		}
		in, err = f.Inside()
		return in, f.Client, func() error { return nil }, err
	}
	s, err := run.Start(ctx, run.Options{
		Path: path, Listen: listen.Ports0(), CADir: caDir(), Cache: cacheDir(), Version: release(), Log: slog.New(newNotices(p.err, "sundog: ")),
	})
	if err != nil {
		return in, nil, nil, err
	}
	return s.Inside(), run.Asked(s.Edge, release()), s.Close, nil
}

// browse opens target, or what a person most likely wants to see when it is empty, and waits until
// the browser is closed.
func (p program) browse(ctx context.Context, b browser.Browser, in run.Inside, c *run.Client, target string, more []string, show bool) (err error) {
	if target == "" {
		sum, err := c.World(ctx)
		if err != nil {
			return err
		}
		if target = firstPage(sum); target == "" {
			return errors.New("this world has no entrypoint to open; name a URL")
		}
		fmt.Fprintf(p.err, "sundog: opening %s; give a URL for another page\n", target)
	} else if target, err = pageURL(target); err != nil {
		return err
	}
	plan, err := in.Plan("", os.Environ())
	if err != nil {
		return err
	}
	inside := browser.Inside{Proxy: in.Ready.Proxy, NoProxy: strings.Split(plan.NoProxy, ","), SPKI: in.Ready.SPKI, CA: in.Ready.CA}
	if i, err := installedCA(); err == nil && i != nil {
		inside.Installed = len(i.Missing([]string{hostOf(target)})) == 0
	}
	if show {
		argv, err := b.Command(ctx, inside, browser.Profile{Path: browserDir(in.Ready)}, target, more)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.out, shellLine(argv))
		return err
	}
	profile, err := b.Profile(ctx)
	if err != nil {
		return err
	}
	// Signals have ended ctx, and the profile is to go all the same.
	defer func() { err = errors.Join(err, profile.Remove(context.WithoutCancel(ctx))) }()
	argv, err := b.Command(ctx, inside, profile, target, more)
	if err != nil {
		return err
	}
	if in.Password != "" {
		fmt.Fprintln(p.err, "sundog: the browser will ask for the proxy's password; any user name will do")
	}
	for _, note := range b.Notes() {
		fmt.Fprintf(p.err, "sundog: %s\n", note)
	}
	code, err := environ.Run(ctx, argv, os.Environ(), environ.Stdio{In: p.in, Out: p.out, Err: p.err})
	switch {
	case err != nil:
		return err
	case code != 0 && ctx.Err() == nil:
		return fmt.Errorf("%s ended with exit code %d", argv[0], code)
	}
	return nil
}

// firstPage is the first entrypoint that asks for a login, or else the first; "" when there is none that
// has a URL of its own.
func firstPage(sum edge.Summary) string {
	page := ""
	for _, e := range sum.Entrypoints {
		switch {
		case strings.Contains(e.URL, "*"):
		case !e.Public:
			return e.URL
		case page == "":
			page = e.URL
		}
	}
	return page
}

// pageURL is what was typed as a URL: a bare host is by HTTPS. A port stays when it was typed.
func pageURL(typed string) (string, error) {
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", usagef("%q is no page to open: want HOST/PATH, or https://HOST/PATH", typed)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String(), nil
}

// browserDir is a profile for a browser. Its name cannot be known beforehand by another user of the
// machine, who would own what is in it: it has the random part of the run's own folder.
func browserDir(r runfile.Ready) string {
	run := filepath.Base(filepath.Dir(r.CA))
	return filepath.Join(os.TempDir(), "sundog-browser-"+run[strings.LastIndexByte(run, '-')+1:])
}

// shellLine is a command line to paste.
func shellLine(argv []string) string {
	words := make([]string, len(argv))
	for i, word := range argv {
		words[i] = quoted(word)
	}
	return strings.Join(words, " ")
}
