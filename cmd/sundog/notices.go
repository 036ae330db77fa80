package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/sundog-edge/sundog/accessemu"
)

// notices shows, one line each, what happens while the edge runs. It is a
// slog.Handler.
type notices struct {
	ink    ink
	prefix string // of each line; empty: a coloured mark
	attrs  string

	mu  *sync.Mutex // guards out
	out io.Writer
}

func newNotices(out io.Writer, prefix string) *notices {
	return &notices{ink: inkFor(out), prefix: prefix, mu: new(sync.Mutex), out: out}
}

// mail tells of a PIN. The inbox is on this machine, so the line may show it.
func (n *notices) mail(self string, m accessemu.Mail) {
	n.print(fmt.Sprintf("%s PIN for %s: %s   (%s otp %s)",
		n.ink.green("•"), printable(m.To), n.ink.bold(m.Code), self, printable(m.To)))
}

func (n *notices) print(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	fmt.Fprintln(n.out, line)
}

func (n *notices) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

func (n *notices) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	mark := n.prefix
	switch {
	case mark != "":
	case r.Level >= slog.LevelWarn:
		mark = n.ink.amber("! ")
	default:
		mark = n.ink.faint("• ")
	}
	fmt.Fprintf(&b, "%s%s%s", mark, printable(r.Message), n.attrs)
	r.Attrs(func(a slog.Attr) bool {
		b.WriteString(pair(a))
		return true
	})
	n.print(b.String())
	return nil
}

func (n *notices) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *n
	for _, a := range attrs {
		c.attrs += pair(a)
	}
	return &c
}

// WithGroup drops the group's name: a line for a person has no use for it.
func (n *notices) WithGroup(string) slog.Handler { return n }

func pair(a slog.Attr) string {
	return ", " + printable(a.Key) + " " + printable(a.Value.Resolve().String())
}
