package world

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/internal/nearest"
)

// Error is one thing that keeps a world from loading.
type Error struct {
	Mark    Mark
	Field   string // path from the top of the file: "zones[0].records[2].ttl"; empty: the file as a whole
	Found   string // what is there: `the text "abc"`; when Allowed is empty, what is wrong
	Allowed string // what may stand there: "a whole number"; when Found is empty, a whole sentence
	Hint    string // how to mend it: `did you mean "records"?`

	source excerpt // for Pretty
}

// Error is one line: position, field, what was found, what is allowed, hint.
func (e *Error) Error() string {
	var b strings.Builder
	for _, part := range []string{e.Mark.String(), e.Field} {
		if part != "" {
			b.WriteString(part + ": ")
		}
	}
	switch {
	case e.Allowed == "":
		b.WriteString(e.Found)
	case e.Found == "":
		b.WriteString(e.Allowed)
	default:
		b.WriteString(e.Found + "; allowed: " + e.Allowed)
	}
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return b.String()
}

// Pretty is Error, and below it the source line with a caret under the column.
func (e *Error) Pretty() string { return e.Error() + e.source.below(e.Mark.Line) }

// Errors are all things wrong with a world, in the order of their positions.
type Errors []*Error

// Error lists the errors, a line each.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// String is the same as Error.
func (es Errors) String() string { return es.Error() }

// Pretty is Error with source lines and carets, for terminals.
func (es Errors) Pretty() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Pretty()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single errors to errors.As.
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// Finding is something legal that is probably a mistake.
type Finding struct {
	Mark Mark
	Text string // what is odd
	Mend string // what would change it; may be empty

	source excerpt
}

// String is one line: position, text, mend.
func (f Finding) String() string {
	s := f.Text
	if m := f.Mark.String(); m != "" {
		s = m + ": " + s
	}
	if f.Mend != "" {
		s += " (" + f.Mend + ")"
	}
	return s
}

// Pretty is String, and below it the source line with a caret under the column.
func (f Finding) Pretty() string { return f.String() + f.source.below(f.Mark.Line) }

// maxErrors is how many errors a load lists; a file of another kind would
// otherwise yield one for each of its lines.
const maxErrors = 100

// problems collects what a load finds wrong and odd.
type problems struct {
	errs     Errors
	findings []Finding
	dropped  int
}

func (p *problems) add(src *source, e Error) {
	if len(p.errs) >= maxErrors {
		p.dropped++
		return
	}
	e.source = src.excerpt(e.Mark)
	p.errs = append(p.errs, &e)
}

func (p *problems) find(src *source, m Mark, text, mend string) {
	p.findings = append(p.findings, Finding{Mark: m, Text: text, Mend: mend, source: src.excerpt(m)})
}

// err is all errors in order, or nil.
func (p *problems) err() error {
	if len(p.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(p.errs, func(a, b *Error) int {
		return cmp.Or(a.Mark.Compare(b.Mark), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Found, b.Found))
	})
	p.errs = slices.CompactFunc(p.errs, func(a, b *Error) bool { return *a == *b })
	if p.dropped > 0 {
		p.errs = append(p.errs, &Error{Found: fmt.Sprintf("%d more errors are not listed", p.dropped)})
		p.dropped = 0
	}
	return p.errs
}

func (p *problems) sortedFindings() []Finding {
	slices.SortStableFunc(p.findings, func(a, b Finding) int {
		return cmp.Or(a.Mark.Compare(b.Mark), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(p.findings)
}

func didYouMean(name string, candidates []string) string {
	if word := nearest.Word(name, candidates); word != "" {
		return `did you mean "` + word + `"?`
	}
	return ""
}
