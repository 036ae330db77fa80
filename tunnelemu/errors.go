package tunnelemu

import (
	"fmt"
	"strings"
)

// Class groups errors by the check that failed, so that callers and tests need not read the text.
type Class string

// The classes of configuration errors.
const (
	ClassSyntax      Class = "syntax"       // no YAML or JSON at all, or a key given twice
	ClassType        Class = "type"         // a value of the wrong type
	ClassNoRules     Class = "no_rules"     // the commands need at least one ingress rule
	ClassNoCatchAll  Class = "no_catch_all" // the last rule does not match everything
	ClassShadowing   Class = "shadowing"    // a catch-all stands before the last rule
	ClassWildcard    Class = "wildcard"     // "*" anywhere but at the start of a hostname
	ClassHostPort    Class = "host_port"    // a hostname with a port
	ClassRegexp      Class = "regexp"       // a path that is no RE2 expression
	ClassAddress     Class = "address"      // a service without scheme or host
	ClassServicePath Class = "service_path" // a service URL with a path
	ClassUnparsable  Class = "unparsable"   // a service that is no URL
	ClassStatus      Class = "status"       // http_status outside 100..999
	ClassIPRule      Class = "ip_rule"      // a socks-proxy rule with a bad prefix or port
	ClassAccess      Class = "access"       // access required with audiences but without a team
	ClassTag         Class = "tag"          // a tag that is not NAME=VALUE; `ingress validate` does not look
	ClassConflict    Class = "conflict"     // url beside ingress
	ClassProtocol    Class = "protocol"     // a transport that the run command does not know; `ingress validate` does not look
	ClassOption      Class = "option"       // a field of Options with a value that does not exist
	ClassFile        Class = "file"         // a file the configuration names cannot be used
	ClassNoConfig    Class = "no_config"    // the commands were given an empty file
	ClassURL         Class = "url"          // `ingress rule` was given no usable URL
)

// Error is one reason why a configuration cannot be used.
type Error struct {
	File         string // as given to ParseConfig; "" when there is none
	Line, Column int    // from 1; 0 when unknown
	Field        string // path inside the document: "ingress[0].originRequest.connectTimeout"; "" is the document
	Class        Class
	Found        string // what stands there
	Allowed      string // what may stand there
	Hint         string // the likely mend; may be empty
}

// Error says where, what was found, what is allowed and, when known, the mend, on one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(where(e.File, e.Line, e.Column))
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Found)
	if e.Allowed != "" {
		b.WriteString("; allowed: " + e.Allowed)
	}
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Errors are all errors of one configuration, in the order of the file.
type Errors []*Error

// Error joins the errors, one a line.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find a single *Error.
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// err is nil for an empty list, so that a nil error stays nil.
func (es Errors) err() error {
	if len(es) == 0 {
		return nil
	}
	return es
}

// Finding is something legal that is probably wrong: the connector starts, but does not do what was meant.
type Finding struct {
	File         string
	Line, Column int
	Field        string // as in Error
	Text         string // what is wrong
	Mend         string // what to write instead; may be empty
	Unknown      bool   // an unknown key inside a typed object, which `ingress validate` warns about
}

// String is the finding on one line.
func (f Finding) String() string {
	s := where(f.File, f.Line, f.Column)
	if s != "" {
		s += ": "
	}
	if f.Field != "" {
		s += f.Field + ": "
	}
	s += f.Text
	if f.Mend != "" {
		s += "; " + f.Mend
	}
	return s
}

func where(file string, line, column int) string {
	switch {
	case line == 0:
		return file
	case column == 0:
		return fmt.Sprintf("%s:%d", file, line)
	}
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}
