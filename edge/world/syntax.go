package world

import (
	"bytes"
	"errors"
	"io"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sundog-edge/sundog/edge/mark"
	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

// parse reads the one YAML or JSON document of a file and returns its top
// node. Nothing but comments in it is an error.
func parse(s *source) (*yaml.Node, *Error) {
	s = &source{s.name, joinSurrogates(s.data)}
	dec := yaml.NewDecoder(bytes.NewReader(s.data))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF) || err == nil && empty(&doc):
		return nil, &Error{Mark: mark.At(s.name, 1, 1), Found: "an empty file", Allowed: "a mapping of keys", Hint: "{} is an empty one"}
	case err != nil:
		return nil, syntaxError(s, err)
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		return nil, &Error{Mark: s.mark(&second), Found: "a second document", Allowed: "one document per file", Hint: "remove the line ---"}
	case !errors.Is(err, io.EOF):
		return nil, syntaxError(s, err)
	}
	return doc.Content[0], nil
}

func empty(doc *yaml.Node) bool {
	if len(doc.Content) == 0 {
		return true
	}
	n := doc.Content[0]
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Value == ""
}

var surrogates = lazyregexp.New(`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`)

// joinSurrogates rewrites the pairs of \u escapes that JSON uses beyond the
// basic plane as the one escape that YAML has for it.
func joinSurrogates(data []byte) []byte {
	if !bytes.Contains(data, []byte(`\ud`)) && !bytes.Contains(data, []byte(`\uD`)) {
		return data
	}
	return surrogates.ReplaceAllFunc(data, func(pair []byte) []byte {
		high, _ := strconv.ParseUint(string(pair[2:6]), 16, 32)
		low, _ := strconv.ParseUint(string(pair[8:12]), 16, 32)
		hex := strconv.FormatUint((high-0xd800)<<10+low-0xdc00+0x10000, 16)
		return []byte(`\U` + strings.Repeat("0", 8-len(hex)) + hex)
	})
}

// syntaxError finds the place of an error of the YAML parser. The parser says
// a line that may be where the enclosing collection starts, or none; the line
// at fault is the first after which the text fails in the same way.
func syntaxError(s *source, err error) *Error {
	lines := bytes.SplitAfter(s.data, []byte("\n"))
	text := parserText(err)
	line := 1
	if len(s.data) <= maxLocate {
		line += sort.Search(len(lines)-1, func(i int) bool {
			return parserText(parseAll(bytes.Join(lines[:i+1], nil))) == text
		})
	} else if m := parserLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
	}
	at := s.lineAt(line)
	column := 1 + len(at) - len(bytes.TrimLeft(at, " "))
	e := &Error{Mark: mark.At(s.name, line, column), Found: parserLine.ReplaceAllString(text, "")}
	switch {
	case bytes.HasPrefix(at[column-1:], []byte("\t")):
		e.Found, e.Allowed, e.Hint = "a tab", "spaces", "YAML is indented with spaces only"
	case strings.Contains(text, "anchor"):
		e.Hint = "a value that starts with * must be quoted"
	case strings.Contains(text, "alphabetic or numeric"), bytes.Contains(at, []byte(": *.")), bytes.Contains(at, []byte("- *.")):
		e.Hint = "a name that starts with * must be quoted"
	case bytes.Contains(at, []byte("${")):
		e.Hint = "between braces or brackets, a value with ${NAME} must be quoted"
	case strings.Contains(text, "mapping values are not allowed"):
		e.Hint = "check the indentation, and quote a value that contains a colon and a space"
	}
	return e
}

// parseAll reads all documents of a text and returns the first error.
func parseAll(data []byte) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		switch err := dec.Decode(new(yaml.Node)); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// maxLocate is the size up to which the line at fault is searched for.
const maxLocate = 1 << 18

var parserLine = lazyregexp.New(`^line (\d+): `)

func parserText(err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(err.Error(), "yaml: ")
}
