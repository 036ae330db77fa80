package accessemu

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sundog-edge/sundog/internal/nearest"
)

// FieldError is one mistake in one document.
type FieldError struct {
	Kind    string // "organization", "app", "policy", "identity_provider", "person", …
	ID      string // of the document; the organization has none
	Field   string // path inside the document: "policies[0].include[1].ip.ip"; empty: the document itself
	Found   string // what stands there, quoted when it is text, and what is wrong with it where that is not plain
	Allowed string // what may stand there; empty when Found says it all
	Hint    string // a likely correction; may be empty
}

// Error is the mistake in one line.
func (e *FieldError) Error() string {
	var b strings.Builder
	if e.Field != "" {
		b.WriteString(e.Field)
		b.WriteString(": ")
	}
	b.WriteString(e.Found)
	if e.Allowed != "" {
		if e.Found != "" {
			b.WriteString("; allowed: ")
		}
		b.WriteString(e.Allowed)
	}
	if e.Hint != "" {
		b.WriteString(" (did you mean ")
		b.WriteString(e.Hint)
		b.WriteString("?)")
	}
	return b.String()
}

// FieldErrors lists every FieldError inside err, which may be one, or many
// joined.
func FieldErrors(err error) []*FieldError {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var list []*FieldError
		for _, e := range many.Unwrap() {
			list = append(list, FieldErrors(e)...)
		}
		return list
	}
	var one *FieldError
	if errors.As(err, &one) {
		return []*FieldError{one}
	}
	return nil
}

// faults collects the mistakes of one document.
type faults struct {
	kind, id string
	list     []error
}

func (f *faults) add(field, found, allowed, hint string) {
	f.list = append(f.list, &FieldError{Kind: f.kind, ID: f.id, Field: field, Found: found, Allowed: allowed, Hint: hint})
}

func (f *faults) err() error { return errors.Join(f.list...) }

func quote(s string) string { return fmt.Sprintf("%q", s) }

// join makes the path of a field inside another.
func join(parent, field string) string {
	if parent == "" || field == "" {
		return parent + field
	}
	return parent + "." + field
}

// suggest is the candidate nearest to got, quoted; empty when none is near.
func suggest(got string, candidates []string) string {
	if word := nearest.Word(got, candidates); word != "" {
		return quote(word)
	}
	return ""
}
