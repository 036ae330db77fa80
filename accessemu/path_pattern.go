package accessemu

import (
	"bytes"
	"strings"
)

// pathPattern is the path of a destination. It covers what it describes and
// everything below, whole segments only. "*" stands for any text and spans
// segments: "/alpha/*" covers "/alpha/one" but not "/alpha".
type pathPattern struct {
	text     string   // canonical form; "" covers everything
	parts    [][]byte // text between the "*"
	literals int      // bytes that are no "*"
}

func newPathPattern(text string) pathPattern {
	parts := bytes.Split([]byte(text), []byte("*"))
	return pathPattern{text: text, parts: parts, literals: len(text) - len(parts) + 1}
}

func (p *pathPattern) stars() int { return len(p.parts) - 1 }

// head is the literal text before the first "*".
func (p *pathPattern) head() string { return string(p.parts[0]) }

// parsePath answers what is wrong in words, or "".
func parsePath(s string) (pathPattern, string) {
	if strings.ContainsAny(s, "?#") {
		return pathPattern{}, "neither a query nor a fragment can be protected, only a path"
	}
	for segment := range strings.SplitSeq(s, "/") {
		if strings.Count(segment, "*") > 1 {
			return pathPattern{}, `at most one "*" may stand between two slashes`
		}
	}
	text := canonicalPath(s)
	if resolved := removeDots(mergeSlashes(text)); resolved != text {
		return pathPattern{}, `a path has neither empty segments nor "." or ".."`
	}
	if text == "/*" {
		text = ""
	}
	if !strings.HasSuffix(text, "*/") {
		text = strings.TrimSuffix(text, "/")
	}
	return newPathPattern(text), ""
}

// match tells whether path, in canonical form, is covered.
func (p *pathPattern) match(path []byte) bool {
	rest, ok := bytes.CutPrefix(path, p.parts[0])
	if !ok {
		return false
	}
	last := len(p.parts) - 1
	if last == 0 {
		return len(rest) == 0 || rest[0] == '/'
	}
	for _, part := range p.parts[1:last] {
		if _, rest, ok = bytes.Cut(rest, part); !ok {
			return false
		}
	}
	return endsSegment(rest, p.parts[last])
}

// endsSegment tells whether part stands anywhere in s so that a segment ends
// with it.
func endsSegment(s, part []byte) bool {
	if len(part) == 0 || part[len(part)-1] == '/' {
		return bytes.Contains(s, part)
	}
	for {
		i := bytes.Index(s, part)
		if i < 0 {
			return false
		}
		if after := s[i+len(part):]; len(after) == 0 || after[0] == '/' {
			return true
		}
		s = s[i+1:]
	}
}
