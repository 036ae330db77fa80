package accessemu

import "strings"

// plainPath holds for paths that every reader understands alike.
func plainPath(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	for i := 0; i < len(path); i++ {
		c := path[i]
		if !pathByte[c] || c == ';' {
			return false
		}
		if c == '/' && i+1 < len(path) {
			switch path[i+1] {
			case '/':
				return false
			case '.':
				if rest := strings.TrimPrefix(path[i+2:], "."); rest == "" || rest[0] == '/' {
					return false
				}
			}
		}
	}
	return true
}

// pathByte holds for bytes that stand for themselves in a path.
var pathByte = func() (table [256]bool) {
	for c := range 256 {
		table[c] = unreserved(byte(c)) || strings.IndexByte("/!$&'()*+,;=:@", byte(c)) >= 0
	}
	return table
}()

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

const upperHex = "0123456789ABCDEF"

// canonicalPath encodes what must be encoded, decodes what need not be, and
// writes encodings with upper-case digits. It begins with a slash.
func canonicalPath(path string) string {
	if path == "" || path == "*" { // "*" is the target of OPTIONS for the whole server
		return "/"
	}
	var b strings.Builder
	b.Grow(len(path) + 1)
	if path[0] != '/' {
		b.WriteByte('/')
	}
	for i := 0; i < len(path); i++ {
		c := path[i]
		if code, ok := escape(path[i:]); ok {
			i += 2
			if unreserved(code) {
				b.WriteByte(code)
			} else {
				writeEscape(&b, code)
			}
		} else if pathByte[c] {
			b.WriteByte(c)
		} else {
			writeEscape(&b, c)
		}
	}
	return b.String()
}

// decodeOnce decodes every escape of a canonical path, and brings the result
// to the canonical form again.
func decodeOnce(path string) string {
	if strings.IndexByte(path, '%') < 0 {
		return path
	}
	b := make([]byte, 0, len(path))
	for i := 0; i < len(path); i++ {
		if code, ok := escape(path[i:]); ok {
			b = append(b, code)
			i += 2
		} else {
			b = append(b, path[i])
		}
	}
	return canonicalPath(string(b))
}

func escape(s string) (byte, bool) {
	if len(s) < 3 || s[0] != '%' {
		return 0, false
	}
	hi, lo := unhex(s[1]), unhex(s[2])
	return hi<<4 | lo&15, hi < 16 && lo < 16
}

func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

func writeEscape(b *strings.Builder, c byte) {
	b.WriteByte('%')
	b.WriteByte(upperHex[c>>4])
	b.WriteByte(upperHex[c&15])
}
