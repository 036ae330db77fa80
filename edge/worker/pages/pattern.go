package pages

import (
	"fmt"
	"regexp"
	"strings"
)

// part is a piece of a route: text, or a parameter.
type part struct {
	text string // of text
	name string // of a parameter
	rest bool   // a parameter of any number of segments, none too
}

var (
	catchAll  = regexp.MustCompile(`\[\[([^\]]+)\]\]`)
	single    = regexp.MustCompile(`\[([^\]]+)\]`)
	paramName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
	params    = regexp.MustCompile(`:([A-Za-z0-9_]+)(\*?)`)
)

// routePath makes "/api/:id" of "/api/[id]", and "/:path*" of "/[[path]]".
func routePath(file string) (string, error) {
	if strings.ContainsAny(file, ":*") {
		return "", fmt.Errorf("a function's name may have no %q", file[strings.IndexAny(file, ":*")])
	}
	var bad string
	to := func(e *regexp.Regexp, s, star string) string {
		return e.ReplaceAllStringFunc(s, func(m string) string {
			name := e.FindStringSubmatch(m)[1]
			if !paramName.MatchString(name) && bad == "" {
				bad = m
			}
			return ":" + name + star
		})
	}
	path := to(single, to(catchAll, file, "*"), "")
	if bad != "" {
		return "", fmt.Errorf("the parameter %s has to be letters, digits and underscores", bad)
	}
	_, err := parts(path)
	return path, err
}

// parts takes a route apart.
func parts(route string) (ps []part, err error) {
	at := 0
	for _, m := range params.FindAllStringSubmatchIndex(route, -1) {
		if m[0] > at {
			ps = append(ps, part{text: route[at:m[0]]})
		} else if at > 0 {
			return nil, fmt.Errorf("between the parameters of %q there has to be text", route)
		}
		p := part{name: route[m[2]:m[3]], rest: m[4] < m[5]}
		if p.rest && !strings.HasSuffix(route[:m[0]], "/") {
			return nil, fmt.Errorf("a parameter of any number of segments (%s) has to be a whole name", route[m[0]:m[1]])
		}
		ps = append(ps, p)
		at = m[1]
	}
	if at < len(route) {
		ps = append(ps, part{text: route[at:]})
	}
	return ps, nil
}

// expression is a regular expression, of JavaScript and of Go but for a lookahead, that matches the
// paths of a route: whole ones, or those that begin with it. Case does not count, and neither does a
// slash at the end. Names are those of its groups; a parameter of many segments is in a list.
func expression(ps []part, whole bool) (source string, names []any) {
	const segment = `[^/#?]+?`
	var b strings.Builder
	b.WriteString("^")
	for i, p := range ps {
		if p.name == "" {
			text := p.text
			if i+1 < len(ps) {
				text = strings.TrimSuffix(text, "/") // it belongs to the parameter
			}
			b.WriteString(quote(text))
			continue
		}
		before := ""
		if i > 0 {
			before = ps[i-1].text
		}
		one := segment
		if before != "" && !strings.ContainsAny(before, "/#?") {
			one = `(?:(?!` + quote(before) + `)[^/#?])+?`
		}
		switch {
		case p.rest:
			b.WriteString(`(?:/((?:` + one + `)(?:/(?:` + one + `))*))?`)
			names = append(names, []string{p.name})
		case strings.HasSuffix(before, "/"):
			b.WriteString(`(?:/(` + one + `))`)
			names = append(names, p.name)
		default:
			b.WriteString(`(` + one + `)`)
			names = append(names, p.name)
		}
	}
	if whole {
		b.WriteString(`[/#?]?$`)
		return b.String(), names
	}
	b.WriteString(`(?:[/#?](?=$))?`)
	if n := len(ps); n == 0 || !strings.HasSuffix(ps[n-1].text, "/") {
		b.WriteString(`(?=[/#?]|$)`)
	}
	return b.String(), names
}

// quote is text as a part of a regular expression of JavaScript.
func quote(text string) string { return regexp.QuoteMeta(text) }
