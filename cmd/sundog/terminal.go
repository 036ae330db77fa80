package main

import (
	"io"
	"os"
	"strings"
)

// isTerminal tells whether a person reads w as it is written.
func isTerminal(w io.Writer) bool {
	if inner, ok := w.(interface{ Unwrap() io.Writer }); ok {
		w = inner.Unwrap()
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// ink colours text for a terminal. The zero ink leaves it as it is.
type ink bool

// inkFor colours on a terminal, unless NO_COLOR is set or the terminal is dumb.
func inkFor(w io.Writer) ink {
	return ink(isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

func (k ink) paint(code, text string) string {
	if !k || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (k ink) bold(s string) string  { return k.paint("1", s) }
func (k ink) faint(s string) string { return k.paint("2", s) }
func (k ink) green(s string) string { return k.paint("32", s) }
func (k ink) amber(s string) string { return k.paint("33", s) }

// printable replaces what would move a terminal's cursor, change its state or turn the order of a
// line around: texts of clients and of files are shown as they are otherwise.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || reorders(r) {
			return '\ufffd'
		}
		return r
	}, s)
}

// reorders holds for what breaks a line or lets it read otherwise than it is: separators, marks of direction,
// embeddings, overrides and isolates.
func reorders(r rune) bool {
	return r == '\u061c' || r == '\u200e' || r == '\u200f' || '\u2028' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

// printableLines is printable for a text of several lines.
func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}
