package accessemu

import "strings"

// pathPattern is the path of a destination. Without "*" it covers itself and
// everything below, whole segments only. With "*", which stands for any text
// and spans segments, it covers exactly what it describes: "/alpha/*" covers
// "/alpha/one" but not "/alpha".
type pathPattern struct {
	text     string   // canonical form; "" covers everything
	parts    []string // text between the "*"
	literals int      // bytes that are no "*"
}

func (p *pathPattern) stars() int { return len(p.parts) - 1 }

// head is the literal text before the first "*".
func (p *pathPattern) head() string { return p.parts[0] }

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
	if !strings.Contains(text, "*") {
		text = strings.TrimSuffix(text, "/")
	}
	parts := strings.Split(text, "*")
	return pathPattern{text: text, parts: parts, literals: len(text) - len(parts) + 1}, ""
}

// match tells whether path, in canonical form, is covered.
func (p *pathPattern) match(path string) bool {
	rest, ok := strings.CutPrefix(path, p.parts[0])
	if !ok {
		return false
	}
	if len(p.parts) == 1 {
		return rest == "" || rest[0] == '/'
	}
	last := len(p.parts) - 1
	for _, part := range p.parts[1:last] {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, p.parts[last])
}
