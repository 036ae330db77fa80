package accessemu

import (
	"slices"
	"strings"
)

// readings are all the ways in which software behind the edge may understand
// a path: its canonical form, and what becomes of that by decoding it once,
// reading backslashes as slashes, merging slashes and removing dot segments,
// in any order. A plain path has one reading, and costs no allocation.
//
// It answers nil for a plain path; the path is then its only reading.
func readings(path string) []string {
	if plainPath(path) {
		return nil
	}
	list := []string{canonicalPath(path)}
	if once := decodeOnce(list[0]); once != list[0] {
		list = append(list, once)
	}
	for i := 0; i < len(list) && len(list) < maxReadings; i++ {
		for _, read := range []func(string) string{slashBackslashes, mergeSlashes, removeDots} {
			if other := read(list[i]); !slices.Contains(list, other) {
				list = append(list, other)
			}
		}
	}
	return list
}

// maxReadings is far above what the four operations can make of one path; it
// bounds the work, not the answer.
const maxReadings = 64

// plainPath holds for paths that every reader understands alike.
func plainPath(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	for i := 0; i < len(path); i++ {
		c := path[i]
		if !pathByte[c] {
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

// slashBackslashes reads backslashes, which a canonical path has encoded, as
// slashes.
func slashBackslashes(path string) string { return strings.ReplaceAll(path, "%5C", "/") }

func mergeSlashes(path string) string {
	if !strings.Contains(path, "//") {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] != '/' || i == 0 || path[i-1] != '/' {
			b.WriteByte(path[i])
		}
	}
	return b.String()
}

// removeDots removes "." and ".." segments as RFC 3986 section 5.2.4 says;
// empty segments count as segments there.
func removeDots(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	segments := strings.Split(path[1:], "/")
	kept := segments[:0]
	for i, segment := range segments {
		last := i == len(segments)-1
		switch segment {
		case ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, segment)
			continue
		}
		if last {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}
