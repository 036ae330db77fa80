package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/world"
)

// Exit codes. exec has its own beside them.
const (
	exitFailed = 1 // the thing checked, or the work, failed
	exitUsage  = 2
)

// usageError is a command line that means nothing.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitError ends a command with a code. A nil err prints nothing more.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// report prints what went wrong, if anything, and is the exit code.
func report(w io.Writer, cmd *cobra.Command, err error) int {
	if err == nil {
		return 0
	}
	code := exitFailed
	var (
		exit  *exitError
		usage usageError
		bad   world.Errors
	)
	if errors.As(err, &exit) {
		if code, err = exit.code, exit.err; err == nil {
			return code
		}
	}
	switch {
	case errors.As(err, &usage):
		printLines(w, cmd, err)
		fmt.Fprintf(w, "help: %s --help\n", cmd.CommandPath())
		if exit == nil {
			code = exitUsage
		}
	case errors.As(err, &bad):
		text := bad.Error()
		if isTerminal(w) {
			text = bad.Pretty()
		}
		fmt.Fprintln(w, printableLines(text))
		fmt.Fprintf(w, "%s: the world has %s\n", cmd.CommandPath(), plural(len(bad), "error"))
	default:
		printLines(w, cmd, err)
	}
	return code
}

// printLines prints an error, each of several joined ones on its line. It may quote a world's file.
func printLines(w io.Writer, cmd *cobra.Command, err error) {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(w, "%s: %s\n", cmd.CommandPath(), printable(strings.TrimSuffix(line, "\n")))
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
