package world

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// excerpt is a line of a file, cut to what a terminal shows, and where in it
// the mark stands.
type excerpt struct {
	text  string
	caret int // bytes before the caret; -1: none
}

// A file of one long line must not fill the terminal: this much of it is
// shown, and at most half of that before the caret.
const maxExcerpt = 120

func cut(line string, column int) excerpt {
	x := excerpt{line, -1}
	for i := range line {
		if column--; column == 0 {
			x.caret = i
			break
		}
	}
	if column == 1 {
		x.caret = len(line)
	}
	if len(x.text) > maxExcerpt && x.caret > maxExcerpt/2 {
		from := x.caret - maxExcerpt/2
		for from > 0 && !utf8.RuneStart(x.text[from]) {
			from--
		}
		x.text, x.caret = "…"+x.text[from:], x.caret-from+len("…")
	}
	if len(x.text) > maxExcerpt {
		end := maxExcerpt
		for end > 0 && !utf8.RuneStart(x.text[end]) {
			end--
		}
		x.text = x.text[:end] + "…"
	}
	return x
}

// below is the excerpt as the lines that follow a message.
func (x excerpt) below(line int) string {
	if x.text == "" {
		return ""
	}
	s := fmt.Sprintf("\n%5d | %s", line, x.text)
	if x.caret < 0 {
		return s
	}
	return s + "\n      | " + blank(x.text[:x.caret]) + "^"
}

// blank is as wide on a terminal as s: tabs stay tabs.
func blank(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, s)
}
