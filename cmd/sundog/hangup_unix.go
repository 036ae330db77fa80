//go:build unix

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// hangups are HUP signals. One that somebody sends means that the files are to be read again;
// one that comes because the terminal went away means the end, unless nohup says otherwise.
type hangups struct {
	caught   chan os.Signal
	terminal bool // there was one, whose end counts
}

func catchHangups() *hangups {
	h := &hangups{caught: make(chan os.Signal, 1), terminal: terminal() && !signal.Ignored(syscall.SIGHUP)}
	signal.Notify(h.caught, syscall.SIGHUP)
	return h
}

// until returns when ctx ends.
func (h *hangups) until(ctx context.Context, end, reload func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.caught:
			if h.terminal && !terminal() {
				end()
				continue
			}
			reload()
		}
	}
}

func (h *hangups) stop() { signal.Stop(h.caught) }

// terminal tells whether the process belongs to one.
func terminal() bool {
	f, err := os.OpenFile("/dev/tty", os.O_RDONLY|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	return f.Close() == nil
}
