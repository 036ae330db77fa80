package world

import (
	"errors"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/mark"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// fieldErrors takes an error of one of the fakes apart: one Error for each
// thing it names, its Field a path inside the document. Only those of tunnel
// configurations know their places.
func fieldErrors(err error) Errors {
	switch e := err.(type) {
	case nil:
		return nil
	case *Error:
		c := *e
		return Errors{&c}
	case *dnsemu.FieldError:
		return Errors{{Field: e.Field, Found: e.Found, Allowed: e.Allowed, Hint: e.Hint}}
	case *tunnelemu.Error:
		return Errors{{Mark: mark.At(e.File, e.Line, e.Column), Field: e.Field, Found: strings.TrimPrefix(e.Found, "found "), Allowed: e.Allowed, Hint: e.Hint}}
	case *accessemu.FieldError:
		hint := e.Hint
		if hint != "" {
			hint = "did you mean " + hint + "?"
		}
		return Errors{{Field: e.Field, Found: e.Found, Allowed: strings.TrimPrefix(e.Allowed, "must be "), Hint: hint}}
	case interface{ Unwrap() []error }:
		var es Errors
		for _, e := range e.Unwrap() {
			es = append(es, fieldErrors(e)...)
		}
		return es
	case interface{ Unwrap() error }:
		if es := fieldErrors(e.Unwrap()); len(es) > 1 || len(es) == 1 && es[0].Field != "" {
			return es
		}
	}
	return Errors{{Found: err.Error()}}
}

// Error is an error about a field of the document, with the place where the
// file says it. A nil document has no place.
func (d *Document) Error(field, found, allowed, hint string) *Error {
	if d == nil {
		return &Error{Field: field, Found: found, Allowed: allowed, Hint: hint}
	}
	m := d.At(field)
	shown := d.src.excerpt(m)
	if holdsSecret(field) || holdsSecret(shown.text) {
		shown = excerpt{}
	}
	return &Error{m, d.label(field), found, allowed, hint, shown}
}

// holdsSecret tells whether the line of a field, or the line itself, may hold a
// secret, and so is not shown.
func holdsSecret(field string) bool { return strings.Contains(field, "secret") }

// Errors are the errors that compiling the document gave, with the places in
// the file where the fields they name stand. A nil document has no places.
func (d *Document) Errors(err error) Errors {
	es := fieldErrors(err)
	for i, e := range es {
		field := e.Field
		if d != nil && d.Key.Kind == KindTunnel && field != "" {
			field = join("config", field)
		}
		es[i] = d.Error(field, e.Found, e.Allowed, e.Hint)
		if e.Mark.Line > 0 {
			es[i].Mark, es[i].source = e.Mark, excerpt{}
		}
	}
	return es
}

// Errors is [Document.Errors] for errors about documents that the error itself
// names by kind and id, as those of committing Access documents do.
func (l Layers) Errors(err error) Errors {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var es Errors
		for _, e := range many.Unwrap() {
			es = append(es, l.Errors(e)...)
		}
		return es
	}
	var doc *Document
	var e *accessemu.FieldError
	if errors.As(err, &e) {
		doc, _ = l.Get(Key{AccessKind(e.Kind), e.ID})
	}
	return doc.Errors(err)
}

// index reads a step of a path such as "[2]".
func index(step string) (int, bool) {
	if len(step) < 3 || step[0] != '[' || step[len(step)-1] != ']' {
		return 0, false
	}
	i, err := strconv.Atoi(step[1 : len(step)-1])
	return i, err == nil && i >= 0
}
