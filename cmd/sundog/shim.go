package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/environ"
)

// shim is what the programs of exec's folder of tools call. People have no use for it.
func (p program) shim() *cobra.Command {
	return &cobra.Command{
		Use: "shim DIR NAME [ARG]...", Short: "Stand in front of a program that exec watches",
		Hidden: true, DisableFlagParsing: true, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return &exitError{environ.ExitSundog, errors.New("only sundog exec calls this")}
			}
			code, err := p.stand(args[0], args[1], args[2:])
			if err != nil { // the person has not called shim, and need not know of it
				fmt.Fprintf(p.err, "sundog: %s\n", printable(err.Error()))
			}
			return &exitError{code, nil}
		},
	}
}

// stand runs what is behind a shim; where that takes this process's place it does not return.
func (p program) stand(dir, name string, args []string) (code int, err error) {
	tools, err := environ.ReadTools(dir)
	if err != nil {
		return environ.ExitSundog, err
	}
	cwd, err := os.Getwd()
	if err != nil {
		return environ.ExitSundog, err
	}
	launch, err := tools.Launch(dir, name, args, cwd, os.Environ())
	var missing *environ.MissingError
	switch {
	case errors.As(err, &missing):
		return environ.ExitNotFound, err
	case err != nil:
		return environ.ExitSundog, err
	case launch.Approve:
		return p.approve(tools, launch.URL)
	case launch.URL != "":
		return sundog([]string{tools.Sundog, "open", launch.URL}, p.streams), nil
	}
	return launch.Become()
}

// approve grants in the name of --as what cloudflared asks a browser for.
func (p program) approve(tools environ.Tools, address string) (code int, err error) {
	ctx := context.Background()
	c, err := p.running(ctx)
	if err != nil {
		return exitFailed, err
	}
	if _, err := c.Approve(ctx, admin.Approval{As: tools.As, URL: address, Client: tools.Client}); err != nil {
		return exitFailed, fmt.Errorf("cloudflared asks for access as %s: %w", tools.As, err)
	}
	return 0, nil
}

// ownPath is where this program is, for others to call it. Where it was called by another name than its
// file has, as busybox is, that name says what it is.
func (p program) ownPath() (string, error) {
	if found, err := osexec.LookPath(p.arg0); err == nil {
		return filepath.Abs(found)
	}
	return os.Executable()
}
