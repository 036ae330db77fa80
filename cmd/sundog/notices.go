package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/sundog-edge/sundog/accessemu"
)

// notices shows, one line each, what happens while the edge runs. It is a
// slog.Handler.
type notices struct {
	ink    ink
	prefix string // of each line; empty: a coloured mark
	attrs  []slog.Attr

	mu  *sync.Mutex // guards out
	out io.Writer
}

func newNotices(out io.Writer, prefix string) *notices {
	return &notices{ink: inkFor(out), prefix: prefix, mu: new(sync.Mutex), out: out}
}

// mail tells of a PIN. The inbox is on this machine, so the line may show it.
func (n *notices) mail(self string, m accessemu.Mail) {
	n.print(fmt.Sprintf("%s PIN for %s: %s   (%s otp %s)",
		n.ink.green("•"), printable(m.To), n.ink.bold(m.Code), self, printable(quoted(m.To))))
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
	attrs := slices.Clip(n.attrs)
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	b.WriteString(mark + printable(r.Message))
	b.WriteString(sentence(attrs))
	n.print(b.String())
	return nil
}

// mend is the attribute that says what to do about it.
const mend = "mend"

// sentence continues a message: what is known beside it in parentheses, and what to do about it as a
// clause of its own.
func sentence(attrs []slog.Attr) string {
	aside, end := "", ""
	for _, a := range attrs {
		value := printable(a.Value.Resolve().String())
		switch {
		case a.Key == mend && value == "":
		case a.Key == mend:
			end += "; " + value
		case aside == "":
			aside = printable(a.Key) + " " + value
		default:
			aside += ", " + printable(a.Key) + " " + value
		}
	}
	if aside != "" {
		aside = " (" + aside + ")"
	}
	return aside + end
}

func (n *notices) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *n
	c.attrs = append(slices.Clip(c.attrs), attrs...)
	return &c
}

// WithGroup drops the group's name: a line for a person has no use for it.
func (n *notices) WithGroup(string) slog.Handler { return n }
