package workerd

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// unquote reads a Cap'n Proto text literal as the schema language's lexer does, and says whether all of s is one.
func unquote(s string) (string, bool) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", false
	}
	s = s[1 : len(s)-1]
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\n' || c < ' ':
			return "", false
		case c != '\\':
			b.WriteByte(c)
		case i+1 >= len(s):
			return "", false
		default:
			i++
			switch s[i] {
			case '"', '\\':
				b.WriteByte(s[i])
			case 'n':
				b.WriteByte('\n')
			case 'x':
				if i+2 >= len(s) {
					return "", false
				}
				hi, lo := strings.IndexByte(digits, s[i+1]), strings.IndexByte(digits, s[i+2])
				if hi < 0 || lo < 0 {
					return "", false
				}
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
			default:
				return "", false
			}
		}
	}
	return b.String(), true
}

// bytewise replaces every byte that is no UTF-8, one by one.
func bytewise(s string) string {
	var b strings.Builder
	for _, r := range s { // a range gives U+FFFD for each such byte
		b.WriteRune(r)
	}
	return b.String()
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "plain", `"`, `\`, "\n", "\r\t\x00\x7f", "ä☃\U0001F600", "\xff\xfe", `\x41`, "a\xc3", "export default {\n}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := Quote(s)
		got, ok := unquote(q)
		if want := bytewise(s); !ok || got != want {
			t.Errorf("%q is written %s and read %q, %v", s, q, got, ok)
		}
		if !utf8.ValidString(q) {
			t.Errorf("%q is written with bytes that are no UTF-8: %q", s, q)
		}
	})
}
