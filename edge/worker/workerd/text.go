package workerd

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// Quote is a Cap'n Proto text literal. Bytes that are no UTF-8 become U+FFFD, as text has none.
func Quote(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2 + len(s)/16)
	quote(&b, s)
	return b.String()
}

const digits = "0123456789abcdef"

func quote(b *strings.Builder, s string) {
	b.WriteByte('"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b.WriteString(s[start:i])
				b.WriteString("\uFFFD")
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			i++
			continue
		}
		b.WriteString(s[start:i])
		switch c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		default:
			b.WriteString(`\x`)
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
		i++
		start = i
	}
	b.WriteString(s[start:])
	b.WriteByte('"')
}

// data is a Cap'n Proto data literal; one of hex digits has one byte at least.
func data(b *strings.Builder, content []byte) {
	if len(content) == 0 {
		b.WriteString(`""`)
		return
	}
	b.WriteString(`0x"`)
	b.WriteString(hex.EncodeToString(content))
	b.WriteByte('"')
}
