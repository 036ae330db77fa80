package main

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/pflag"

	"github.com/sundog-edge/sundog/edge"
)

// echoFlag adds --echo.
func echoFlag(f *pflag.FlagSet) *bool {
	return f.Bool("echo", false, "answer in place of origins that refuse connections, with what they would have received")
}

// probe connects to the world's origins in the background and tells what came of it, once.
// ended is closed when that is done, which is soon after ctx ends at the latest.
func probe(ctx context.Context, e *edge.Edge, tell func([]edge.Probe)) (ended <-chan struct{}) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if list := e.Probe(ctx); len(list) > 0 {
			tell(list)
		}
	}()
	return done
}

// probedOrigins is the line of up --json that follows the first.
type probedOrigins struct {
	Event   string       `json:"event"`
	Origins []edge.Probe `json:"origins"`
}

// origins shows which origins are not there, a line each, and how many are.
func (n *notices) origins(list []edge.Probe) {
	up := 0
	for _, p := range list {
		if p.Up {
			up++
			continue
		}
		where := ""
		if p.Where != "" {
			where = " (" + p.Where + ")"
		}
		n.print(n.ink.amber("! ") + printable(p.Why+where+"; "+p.Mend))
	}
	count := plural(len(list), "origin")
	if up < len(list) {
		count = fmt.Sprintf("%d of %s", up, count)
	}
	verb := "take"
	if len(list) == 1 {
		verb = "takes"
	}
	n.print(n.ink.faint("• ") + count + " " + verb + " connections")
}

// wholeLines lets several writers share one, a line of each at a time.
type wholeLines struct {
	mu  sync.Mutex // guards out
	out io.Writer
}

func (w *wholeLines) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(line)
}
