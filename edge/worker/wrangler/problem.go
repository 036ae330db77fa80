package wrangler

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/internal/nearest"
)

// String is one line: place, field, what was found, what is allowed, hint.
func (p Problem) String() string {
	var b strings.Builder
	for _, part := range []string{p.At.String(), p.Field} {
		if part != "" {
			b.WriteString(part + ": ")
		}
	}
	b.WriteString(p.Found)
	if p.Allowed != "" {
		b.WriteString("; allowed: " + p.Allowed)
	}
	if p.Hint != "" {
		b.WriteString(" (" + p.Hint + ")")
	}
	return b.String()
}

// Errors are all things wrong with a project's files, in the order of their places.
type Errors []Problem

// Error lists them, a line each.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.String()
	}
	return strings.Join(lines, "\n")
}

// maxProblems bounds how much is said about one project.
const maxProblems = 100

type problems struct {
	errs, findings []Problem
	dropped        int
}

func (p *problems) fail(e Problem) {
	if len(p.errs) >= maxProblems {
		p.dropped++
		return
	}
	p.errs = append(p.errs, e)
}

func (p *problems) find(at Mark, field, text, mend string) {
	if len(p.findings) < maxProblems {
		p.findings = append(p.findings, Problem{At: at, Field: field, Found: text, Hint: mend})
	}
}

func ordered(list []Problem) []Problem {
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Found, b.Found))
	})
	return slices.Compact(list)
}

// err is all errors in order, or nil.
func (p *problems) err() error {
	if len(p.errs) == 0 {
		return nil
	}
	es := ordered(p.errs)
	if p.dropped > 0 {
		es = append(es, Problem{Found: fmt.Sprintf("%d more errors are not listed", p.dropped)})
	}
	return Errors(es)
}

func quote(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		s = string(runes[:60]) + "…"
	}
	return strconv.Quote(s)
}

func oneOf(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return "one of " + strings.Join(words, ", ")
}

func didYouMean(word string, candidates []string) string {
	if near := nearest.Word(word, candidates); near != "" {
		return `did you mean "` + near + `"?`
	}
	return ""
}
