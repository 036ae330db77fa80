package world

import (
	"errors"
	"slices"
	"strings"
)

// template replaces variables in a text the way compose does, which is richer than
// what sundog.yaml knows.
type template struct {
	lookup func(string) (string, bool)
	unset  []string // variables that were asked for without a default and are not set
	depth  int
}

// maxTemplate is how deep defaults may lie inside defaults.
const maxTemplate = 20

var errTemplate = errors.New("a $ that begins no variable")

// expand is text with its variables replaced. One that is not set is empty, unless the
// text says otherwise.
func (t *template) expand(text string) (string, error) {
	if t.depth++; t.depth > maxTemplate {
		return "", errors.New("variables inside each other, too deep,")
	}
	defer func() { t.depth-- }()
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		switch {
		case strings.HasPrefix(rest, "$"):
			b.WriteByte('$')
			text = rest[1:]
		case strings.HasPrefix(rest, "{"):
			end := closing(rest)
			if end < 0 {
				return "", errTemplate
			}
			value, err := t.braced(rest[1:end])
			if err != nil {
				return "", err
			}
			b.WriteString(value)
			text = rest[end+1:]
		default:
			name := rest[:nameLength(rest)]
			if name == "" {
				return "", errTemplate
			}
			b.WriteString(t.get(name))
			text = rest[len(name):]
		}
	}
}

// braced is the value of what stands between ${ and }.
func (t *template) braced(inside string) (string, error) {
	name := inside[:nameLength(inside)]
	op := inside[len(name):]
	if name == "" {
		return "", errTemplate
	}
	if op == "" {
		return t.get(name), nil
	}
	value, set := t.lookup(name)
	if rest, ok := strings.CutPrefix(op, ":"); ok {
		op, set = rest, set && value != ""
	}
	if op == "" {
		return "", errTemplate
	}
	word := op[1:]
	switch op[0] {
	case '-':
		if set {
			return value, nil
		}
		return t.expand(word)
	case '+':
		if set {
			return t.expand(word)
		}
		return "", nil
	case '?':
		if set {
			return value, nil
		}
		return "", errors.New("the variable " + name + ", which must be set,")
	}
	return "", errTemplate
}

func (t *template) get(name string) string {
	value, ok := t.lookup(name)
	if !ok && !slices.Contains(t.unset, name) {
		t.unset = append(t.unset, name)
	}
	return value
}

// closing is where the brace that s begins with is closed; -1: nowhere.
func closing(s string) int {
	depth := 0
	for i := range len(s) {
		switch {
		case s[i] == '{' && (i == 0 || s[i-1] == '$'):
			depth++
		case s[i] == '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func nameLength(s string) int {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return i
		}
	}
	return len(s)
}

// dotenv reads the variables of a .env file. Lines that are none are passed over:
// compose will say so itself, and the file may hold secrets.
func dotenv(data string, lookup func(string) (string, bool)) map[string]string {
	vars := map[string]string{}
	t := &template{lookup: func(name string) (string, bool) {
		if v, ok := lookup(name); ok {
			return v, true
		}
		v, ok := vars[name]
		return v, ok
	}}
	for line := range strings.Lines(data) {
		line = strings.TrimSpace(line)
		line = strings.TrimSpace(strings.TrimPrefix(line, "export "))
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || nameLength(name) != len(name) {
			continue
		}
		value = strings.TrimSpace(value)
		switch {
		case len(value) > 1 && value[0] == '\'' && strings.IndexByte(value[1:], '\'') >= 0:
			value = value[1 : 1+strings.IndexByte(value[1:], '\'')]
		case len(value) > 1 && value[0] == '"' && strings.IndexByte(value[1:], '"') >= 0:
			value = t.orAsIs(value[1 : 1+strings.IndexByte(value[1:], '"')])
		default:
			if i := strings.Index(value, " #"); i >= 0 {
				value = strings.TrimSpace(value[:i])
			}
			value = t.orAsIs(value)
		}
		vars[name] = value
	}
	return vars
}

func (t *template) orAsIs(s string) string {
	if expanded, err := t.expand(s); err == nil {
		return expanded
	}
	return s
}
