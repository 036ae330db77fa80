package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// hangups are closed console windows: nobody else sends such a signal here.
type hangups struct{ caught chan os.Signal }

func catchHangups() *hangups {
	h := &hangups{make(chan os.Signal, 1)}
	signal.Notify(h.caught, syscall.SIGHUP)
	return h
}

// until returns when ctx ends.
func (h *hangups) until(ctx context.Context, end, _ func()) {
	select {
	case <-ctx.Done():
	case <-h.caught:
		end()
	}
}

func (h *hangups) stop() { signal.Stop(h.caught) }
