package wrangler

import (
	"strings"

	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

// Bounds of what variables may make of each other.
const (
	maxExpansions = 200
	maxExpanded   = 64 << 10
)

var (
	reference = lazyregexp.New(`\\?\$(\{[^{}]+\}|[A-Za-z_][A-Za-z0-9_]*)`)
	operator  = lazyregexp.New(`:\+|\+|:-|-`)
)

// expand replaces $NAME and ${NAME} by what lookup has, also in what came in by that; ${NAME:-text} has
// a default, ${NAME:+text} an alternative, and a backslash keeps the dollar sign. ok is false when there
// is no end to it.
func expand(s string, lookup func(string) string) (expanded string, ok bool) {
	seen := map[string]bool{}
	for range maxExpansions {
		m := unescapedReference(s)
		if m == nil {
			return strings.ReplaceAll(s, `\$`, "$"), true
		}
		seen[s] = true
		name, other, op := strings.Trim(s[m[0]+1:m[1]], "{}"), "", ""
		if o := operator.FindStringIndex(name); o != nil {
			name, op, other = name[:o[0]], name[o[0]:o[1]], name[o[1]:]
		}
		value := lookup(name)
		if strings.HasSuffix(op, "+") {
			if value == "" {
				other = ""
			}
			value = ""
		}
		if value == "" || seen[value] {
			value = other
		}
		s = s[:m[0]] + value + s[m[1]:]
		if len(s) > maxExpanded {
			return "", false
		}
	}
	return "", false
}

func unescapedReference(s string) []int {
	for from := 0; ; {
		m := reference.FindStringIndex(s[from:])
		if m == nil {
			return nil
		}
		if s[from+m[0]] != '\\' {
			return []int{from + m[0], from + m[1]}
		}
		from += m[1]
	}
}
