package accessemu

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func letterOrDigit(c byte) bool {
	c = lowerByte(c)
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
}

// lowerASCII folds A to Z and nothing else. Unicode folding would let a
// different letter (the Kelvin sign, say) pass for an ASCII one.
func lowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lowerByte(b[i])
			}
			return string(b)
		}
	}
	return s
}

// canonicalEmail is the address in the form in which addresses are compared.
func canonicalEmail(s string) (string, bool) {
	s = lowerASCII(strings.TrimSpace(s))
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || len(s) > 254 || !validDomain(s[at+1:]) {
		return "", false
	}
	for _, c := range s[:at] {
		if c <= ' ' || c == 0x7f || c == 0xfffd || strings.ContainsRune(`@()<>[]:;,\"`, c) || c >= 0x80 && c < 0xa0 {
			return "", false
		}
	}
	return s, true
}

// validDomain holds for lower-case names of letters, digits, hyphens and dots.
func validDomain(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if !validLabel(label) {
			return false
		}
	}
	return true
}

func validLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for i := 0; i < len(label); i++ {
		if !labelByte(label[i]) {
			return false
		}
	}
	return true
}

func labelByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

func known[T any](m map[string]T) []string { return sorted(maps.Keys(m)) }

func sorted(names iter.Seq[string]) []string { return slices.Sorted(names) }

// either writes "a, b or c".
func either(names []string) string {
	switch len(names) {
	case 0:
		return "none"
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
