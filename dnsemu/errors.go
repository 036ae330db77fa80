package dnsemu

import (
	"errors"
	"fmt"
	"strings"
)

// FieldError is one fault of a document given to a [Txn].
type FieldError struct {
	Field   string // the REST API's field: "content", "name", "name_servers[1]", "zone_id"
	Found   string // what stands there, quoted when it is the document's own text
	Allowed string // what may stand there
	Hint    string // how to mend it; "": none
}

func (e *FieldError) Error() string {
	s := fmt.Sprintf("%s: found %s, allowed: %s", e.Field, e.Found, e.Allowed)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// FieldErrors lists the faults that err carries, joined or wrapped; nil when it
// carries none.
func FieldErrors(err error) []*FieldError {
	switch e := err.(type) {
	case nil:
		return nil
	case *FieldError:
		return []*FieldError{e}
	case interface{ Unwrap() []error }:
		var all []*FieldError
		for _, one := range e.Unwrap() {
			all = append(all, FieldErrors(one)...)
		}
		return all
	default:
		return FieldErrors(errors.Unwrap(err))
	}
}

// faults gathers everything wrong with one document.
type faults []error

func (f *faults) add(e *FieldError) {
	if e != nil {
		*f = append(*f, e)
	}
}

func (f faults) err() error { return errors.Join(f...) }

// quote shows document text in a message without letting it flood a terminal.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		return fmt.Sprintf("%q… (%d bytes)", strings.ToValidUTF8(s[:most], ""), len(s))
	}
	return fmt.Sprintf("%q", s)
}
