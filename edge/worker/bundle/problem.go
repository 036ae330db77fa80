package bundle

import (
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/sundog-edge/sundog/edge/mark"
)

// Problem is one error or warning, with its place.
type Problem struct {
	// File is relative to the project's folder, with slashes; empty: the problem has no place.
	File string
	Path string // the same file, absolute; empty: no file of the disk
	Line int    // from 1; 0: unknown
	// Column counts characters from 1; 0: unknown.
	Column int
	Length int    // characters that are meant; may be 0
	Source string // the line of code
	Text   string // what is wrong
	Hint   string // what mends it, or explains it; may have several lines
}

// At is "src/index.ts:3:15", or what of it is known.
func (p Problem) At() string { return mark.At(p.File, p.Line, p.Column).String() }

// String is the place, the text and the hint in one line.
func (p Problem) String() string {
	s := p.Text
	if at := p.At(); at != "" {
		s = at + ": " + s
	}
	if p.Hint != "" {
		s += " (" + strings.Join(strings.Fields(p.Hint), " ") + ")"
	}
	return s
}

// Detail is String in several lines: the line of code with a mark below it, then the hint.
func (p Problem) Detail() string {
	var b strings.Builder
	if at := p.At(); at != "" {
		b.WriteString(at + ": ")
	}
	b.WriteString(p.Text)
	if p.Source != "" && p.Column > 0 {
		b.WriteString("\n    " + strings.ReplaceAll(p.Source, "\t", " "))
		b.WriteString("\n    " + strings.Repeat(" ", p.Column-1) + "^" + strings.Repeat("~", max(p.Length-1, 0)))
	}
	for line := range strings.Lines(p.Hint) {
		b.WriteString("\n  " + strings.TrimRight(line, "\n"))
	}
	return b.String()
}

// Errors are why a project does not build; never empty.
type Errors []Problem

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// problem makes ours of esbuild's. Its columns count bytes, from 0.
func (j *job) problem(m api.Message) Problem {
	p := Problem{Text: m.Text}
	var hints []string
	for _, note := range m.Notes {
		if strings.Contains(note.Text, "as external to exclude it from the bundle") {
			continue // the platform has no packages that a bundle could leave out
		}
		text := note.Text
		if l := note.Location; l != nil {
			text = j.place(l.File) + ":" + strconv.Itoa(l.Line) + ":" + strconv.Itoa(characters(l.LineText, l.Column)+1) + ": " + text
		}
		hints = append(hints, text)
	}
	if l := m.Location; l != nil {
		p.File, p.Line, p.Source = j.place(l.File), l.Line, l.LineText
		p.Column = characters(l.LineText, l.Column) + 1
		if end := l.Column + l.Length; end <= len(l.LineText) {
			p.Length = utf8.RuneCountInString(l.LineText[min(l.Column, len(l.LineText)):end])
		}
		if l.Namespace == "" || l.Namespace == "file" {
			p.Path = j.absolute(l.File)
		}
		if l.Suggestion != "" {
			hints = append(hints, "write "+l.Suggestion)
		}
	}
	if mend := j.mend(m.Text, p.Path); mend != "" {
		hints = []string{mend}
	}
	p.Hint = strings.Join(hints, "\n")
	return p
}

func (j *job) problems(ms []api.Message) (ps []Problem) {
	for _, m := range ms {
		ps = append(ps, j.problem(m))
	}
	return ps
}

// characters counts those in the first n bytes of s.
func characters(s string, n int) int { return utf8.RuneCountInString(s[:min(max(n, 0), len(s))]) }

func (j *job) absolute(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(j.dir, filepath.FromSlash(file))
}

// place is how a file is shown.
func (j *job) place(file string) string {
	abs := j.absolute(file)
	if rel, err := filepath.Rel(j.dir, abs); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(abs)
}
