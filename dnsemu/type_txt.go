package dnsemu

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// maxString is the longest character-string of RFC 1035.
const maxString = 255

var kindTXT = recordKind{name: "TXT", rrtype: dns.TypeTXT, parse: func(r *record) *FieldError {
	parts, problem := textStrings(r.doc.Content)
	if problem != "" {
		return &FieldError{Field: "content", Found: quote(r.doc.Content), Allowed: `text, or strings in double quotes with blanks between them`, Hint: problem}
	}
	var d txtData
	for _, part := range parts {
		for chunk := range slices.Chunk([]byte(part), maxString) {
			d = append(d, escapeText(chunk))
		}
		if part == "" {
			d = append(d, "")
		}
	}
	r.canonical, r.data = strings.Join(d, "\x00"), d
	return nil
}}

// txtData holds strings in the escaped form that miekg/dns keeps them in.
type txtData []string

func (d txtData) rr(h dns.RR_Header) dns.RR { return &dns.TXT{Hdr: h, Txt: slices.Clone(d)} }

// textStrings reads the content of a TXT record: quoted strings with the escapes
// of RFC 1035 section 5.1, or else the text itself as one string. problem is ""
// when it could be read.
func textStrings(content string) (parts []string, problem string) {
	if content == "" {
		return nil, "the content is empty"
	}
	if content[0] != '"' {
		return []string{content}, ""
	}
	for rest := content; rest != ""; {
		if rest[0] != '"' {
			return nil, fmt.Sprintf("after a closing quote comes %q", rest[0])
		}
		b, end, problem := quoted(rest)
		if problem != "" {
			return nil, problem
		}
		parts = append(parts, string(b))
		rest = strings.TrimLeft(rest[end:], " \t")
	}
	return parts, ""
}

// quoted reads a string that begins with a double quote; end is behind the closing one.
func quoted(s string) (b []byte, end int, problem string) {
	i := 1
	for ; i < len(s) && s[i] != '"'; i++ {
		if s[i] != '\\' {
			b = append(b, s[i])
			continue
		}
		c, used := unescape(s[i:])
		if used == 0 {
			return nil, 0, `a backslash stands before three digits up to 255, or before the character it protects`
		}
		b = append(b, c)
		i += used - 1
	}
	if i >= len(s) {
		return nil, 0, "the closing quote is missing"
	}
	return b, i + 1, ""
}

// unescape reads one escape; used is 0 when it is none.
func unescape(s string) (c byte, used int) {
	if len(s) < 2 {
		return 0, 0
	}
	if !isDigit(s[1]) {
		return s[1], 2
	}
	if len(s) < 4 || !isDigit(s[2]) || !isDigit(s[3]) {
		return 0, 0
	}
	n := int(s[1]-'0')*100 + int(s[2]-'0')*10 + int(s[3]-'0')
	if n > 255 {
		return 0, 0
	}
	return byte(n), 4
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func escapeText(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		switch {
		case c == '"', c == '\\':
			s.WriteByte('\\')
			s.WriteByte(c)
		case c < ' ', c > '~':
			fmt.Fprintf(&s, "\\%03d", c)
		default:
			s.WriteByte(c)
		}
	}
	return s.String()
}
