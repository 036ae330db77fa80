package pages

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
)

// text is a file whose places are told.
type text struct {
	name string
	path string // on the disk; empty: on none
	data []byte
}

// problem is one at an offset.
func (t text) problem(at, length int, what, hint string) bundle.Problem {
	at = min(max(at, 0), len(t.data))
	start := bytes.LastIndexByte(t.data[:at], '\n') + 1
	end := len(t.data)
	if i := bytes.IndexByte(t.data[at:], '\n'); i >= 0 {
		end = at + i
	}
	return bundle.Problem{
		File: t.name, Path: t.path, Text: what, Hint: hint,
		Line: bytes.Count(t.data[:at], []byte("\n")) + 1, Column: utf8.RuneCount(t.data[start:at]) + 1,
		Length: utf8.RuneCount(t.data[at:min(at+max(length, 0), end)]),
		Source: strings.TrimRight(string(t.data[start:end]), "\r"),
	}
}
