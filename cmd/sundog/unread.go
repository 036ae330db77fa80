package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// exitUnread is what a shell calls the end by SIGPIPE.
const exitUnread = 128 + 13

var errUnread = errors.New("nobody reads the output any more")

// failing makes a write that nobody reads fail, instead of ending the process before it has undone
// what it did. A handler is not inherited, so that commands which are started keep the default.
func failing() (stop func()) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGPIPE)
	return func() { signal.Stop(caught) }
}

// untilUnread is a context that also ends when nobody reads out any more, as in `sundog up | head`;
// its cause is errUnread then. What is to be read is written to the writer returned.
func untilUnread(parent context.Context, out io.Writer) (ctx context.Context, watched io.Writer, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	unread := func() { cancel(errUnread) }
	if f, ok := out.(*os.File); ok {
		watchReader(f, unread)
	}
	keep := failing()
	return ctx, &unreadWriter{out, unread}, func() { cancel(nil); keep() }
}

// unreadWriter tells when what it writes to is a pipe without a reader.
type unreadWriter struct {
	io.Writer
	unread func()
}

func (w *unreadWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if isBrokenPipe(err) {
		w.unread()
	}
	return n, err
}

// Unwrap is what is written to.
func (w *unreadWriter) Unwrap() io.Writer { return w.Writer }

func isBrokenPipe(err error) bool {
	if runtime.GOOS == "windows" { // ERROR_BROKEN_PIPE, ERROR_NO_DATA
		return errors.Is(err, syscall.Errno(109)) || errors.Is(err, syscall.Errno(232))
	}
	return errors.Is(err, syscall.EPIPE)
}
