package pages

import (
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
)

// HeaderRule is one rule of a _headers file. Of those with the same path the last counts.
type HeaderRule struct {
	Path  string   // "/static/*", "https://:project.pages.dev/*"
	Set   []Header // in the order of the file
	Unset []string // names, as written
	Line  int
}

// Header is one header that a rule sets; its value may have :placeholders.
type Header struct{ Name, Value string } // the name in small letters

// What a file of rules may have.
const (
	maxLine             = 2000
	maxHeaderRules      = 100
	maxStaticRedirects  = 2000
	maxDynamicRedirects = 100
)

// line is one that says something.
type line struct {
	number, at int // from 1; the offset of text
	text       string
}

// lines are those that are neither empty nor comments, without the spaces around them.
func (t text) lines() iter.Seq[line] {
	return func(yield func(line) bool) {
		number, start := 0, 0
		for raw := range strings.SplitSeq(string(t.data), "\n") {
			number++
			s := strings.TrimSpace(raw)
			at := start + strings.Index(raw, s)
			start += len(raw) + 1
			if s == "" || s[0] == '#' {
				continue
			}
			if !yield(line{number, at, s}) {
				return
			}
		}
	}
}

// ParseHeaders reads a _headers file as the platform does, which leaves out what it does not
// understand: that is what the problems are, one for each line.
func ParseHeaders(name string, data []byte) ([]HeaderRule, []bundle.Problem) {
	t := text{name: name, data: data}
	var rules []HeaderRule
	var skipped []bundle.Problem
	var open *HeaderRule
	var openLine line
	last := map[string]line{}
	skip := func(l line, what string) { skipped = append(skipped, t.problem(l.at, len(l.text), what, "")) }
	closeRule := func() {
		switch {
		case open == nil:
		case len(open.Set)+len(open.Unset) == 0:
			skip(openLine, "the path has no headers")
		default:
			rules = append(rules, *open)
			if before, ok := last[open.Path]; ok {
				skip(before, fmt.Sprintf("line %d has the same path, and its rule takes the place of this one", openLine.number))
			}
			last[open.Path] = openLine
		}
		open = nil
	}
	ignoring := false
	for l := range t.lines() {
		if utf8.RuneCountInString(l.text) > maxLine {
			skip(l, fmt.Sprintf("the line is longer than %d characters", maxLine))
			continue
		}
		if isPath(l.text) {
			closeRule()
			ignoring = false
			if len(rules) >= maxHeaderRules {
				skip(l, fmt.Sprintf("there are more than %d rules: the rest of the file counts for nothing", maxHeaderRules))
				break
			}
			if why := pathProblem(l.text); why != "" {
				skip(l, why)
				ignoring = true
				continue
			}
			open, openLine = &HeaderRule{Path: l.text, Line: l.number}, l
			continue
		}
		if ignoring {
			continue
		}
		if why := headerLine(open, l.text); why != "" {
			skip(l, why)
		}
	}
	closeRule()
	return rules, skipped
}

// headerLine adds a line to a rule; nil: no path came before. It says why it cannot.
func headerLine(rule *HeaderRule, text string) (why string) {
	name, value, ok := strings.Cut(text, ":")
	name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
	switch {
	case rule == nil:
		return "a path that begins with a slash has to come before"
	case !ok && strings.HasPrefix(text, "! "):
		rule.Unset = append(rule.Unset, strings.TrimPrefix(text, "! "))
	case !ok:
		return "this is neither name: value, nor ! name, nor a path"
	case strings.Contains(name, " "):
		return "the name of a header has no spaces"
	case name == "":
		return "the header has no name"
	case value == "":
		return "the header has no value"
	default:
		rule.Set = append(rule.Set, Header{name, value})
	}
	return ""
}

// isPath is whether a line of _headers begins a rule.
func isPath(s string) bool {
	if strings.HasPrefix(s, "/") {
		return true
	}
	scheme, _, ok := strings.Cut(s, "://")
	return ok && scheme != "" && !strings.ContainsAny(scheme, " \t")
}

func pathProblem(s string) string {
	if !strings.HasPrefix(s, "/") {
		host, ok := strings.CutPrefix(s, "https://")
		if !ok {
			return `the path has to begin with a slash, or with "https://"`
		}
		host, _, _ = strings.Cut(host, "/")
		if port(host) {
			return "the host may have no port"
		}
	}
	stars := strings.Count(s, "*")
	switch {
	case stars > 1:
		return "a path may have one *; name the others, as :project"
	case stars > 0 && hasPlaceholder(s, "splat"):
		return "a path with * may have no :splat, which is what the * is called"
	}
	return ""
}

func port(host string) bool {
	i := strings.LastIndexByte(host, ':')
	return i >= 0 && i+1 < len(host) && strings.Trim(host[i+1:], "0123456789") == ""
}
