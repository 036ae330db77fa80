package routes

import (
	"fmt"
	"strings"
)

// Pattern is one route pattern, as "*.example.com/images/*".
type Pattern struct {
	text   string
	scheme string // "http", "https"; empty: both
	host   string // lower case, without the wildcard
	any    bool   // the host began with a wildcard: anything may come before host
	path   string // without the wildcard; begins with a slash
	rest   bool   // the path ended with a wildcard: anything may follow
	score  int
}

// Error is why a text is no route pattern.
type Error struct {
	Pattern string
	Why     string
	Mend    string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%q is no route pattern: %s; %s", e.Pattern, e.Why, e.Mend)
}

// Parse reads a pattern. An error is *Error.
func Parse(text string) (*Pattern, error) {
	fail := func(why, mend string) (*Pattern, error) { return nil, &Error{text, why, mend} }
	p := &Pattern{text: text}
	rest := text
	if scheme, after, ok := strings.Cut(text, "://"); ok {
		p.scheme, rest = strings.ToLower(scheme), after
		if p.scheme != "http" && p.scheme != "https" {
			return fail("its scheme is "+scheme, "write http:// or https://, or none for both")
		}
	}
	host, path, deep := strings.Cut(rest, "/")
	path = "/" + path
	switch {
	case host == "":
		return fail("it names no host", "write HOST/PATH, as example.com/api/*")
	case strings.Contains(rest, "?"):
		return fail("it has a query string", "leave it out: a pattern that ends in * takes any")
	case strings.Contains(host, ":"):
		return fail("its host has a port", "leave the port out: routes take every port of the edge")
	}
	host = strings.ToLower(host)
	p.host, p.any = strings.CutPrefix(host, "*")
	if strings.Contains(p.host, "*") {
		return fail("a wildcard stands inside the host", "a host may begin with *, and have no other")
	}
	if p.host == "" || strings.Trim(p.host, ".") == "" {
		return fail("its host is a wildcard alone", "name the zone, as *.example.com/*")
	}
	if !deep {
		path = "/"
	}
	p.path, p.rest = strings.CutSuffix(path, "*")
	if strings.Contains(p.path, "*") {
		return fail("a wildcard stands inside the path", "a path may end with *, and have no other")
	}
	p.score = score(host, path)
	return p, nil
}

// score orders patterns as the platform's configuration service does, by what workers-sdk has of it: labels of the host
// first, then segments of the path; a wildcard that is a whole label or segment counts two less.
func score(host, path string) int {
	return parts(strings.Split(host, "."), 0)*26 + parts(strings.Split(path, "/"), -1)
}

// parts counts, with the wildcard at the beginning (0) or the end (-1).
func parts(list []string, wild int) int {
	n := len(list)
	if wild < 0 {
		wild = n - 1
	}
	if list[wild] == "*" {
		return n - 2
	}
	return n
}

// String is the pattern as it was written.
func (p *Pattern) String() string { return p.text }

// Host is what hosts have to be, or with a wildcard, what they have to end in; any tells which.
func (p *Pattern) Host() (host string, any bool) { return p.host, p.any }

// Matches tells whether a request is the pattern's. host is in lower case without a port; uri is path and query.
func (p *Pattern) Matches(scheme, host, uri string) bool {
	if p.scheme != "" && p.scheme != scheme {
		return false
	}
	if !p.onHost(host) {
		return false
	}
	if p.rest {
		return strings.HasPrefix(uri, p.path)
	}
	return uri == p.path
}

func (p *Pattern) onHost(host string) bool {
	if p.any {
		return strings.HasSuffix(host, p.host)
	}
	return host == p.host
}

// before orders the more specific pattern first; of equals, the longer, and then by text so that there is one order.
func (p *Pattern) before(o *Pattern) bool {
	if p.score != o.score {
		return p.score > o.score
	}
	if len(p.text) != len(o.text) {
		return len(p.text) > len(o.text)
	}
	return p.text < o.text
}
