package pages

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
)

// Redirect is one rule of a _redirects file.
type Redirect struct {
	From, To string // "/blog/*", "/news/:splat"
	Status   int    // 301, 302, 303, 307, 308; 200: To answers in place of From
	Line     int
}

var (
	placeholder = regexp.MustCompile(`:[A-Za-z][A-Za-z0-9_]*`)
	comment     = regexp.MustCompile(`\s+#.*$`)
	toIndex     = regexp.MustCompile(`/index(\.html)?$`)
)

func hasPlaceholder(s, name string) bool {
	for _, p := range placeholder.FindAllString(s, -1) {
		if p == ":"+name {
			return true
		}
	}
	return false
}

// ParseRedirects reads a _redirects file as the platform does, which leaves out what it does not
// understand: that is what the problems are, one for each line.
func ParseRedirects(name string, data []byte) (rules []Redirect, skipped []bundle.Problem) {
	t := text{name: name, data: data}
	seen := map[string]int{}
	static, dynamic := 0, 0
	for l := range t.lines() {
		skip := func(what string) { skipped = append(skipped, t.problem(l.at, len(l.text), what, "")) }
		if utf8.RuneCountInString(l.text) > maxLine {
			skip(fmt.Sprintf("the line is longer than %d characters", maxLine))
			continue
		}
		words := strings.Fields(comment.ReplaceAllString(l.text, ""))
		if len(words) < 2 || len(words) > 3 {
			skip(fmt.Sprintf("a rule is: from, to and perhaps a status; here are %d words", len(words)))
			continue
		}
		r := Redirect{From: words[0], To: words[1], Status: 302, Line: l.number}
		if !strings.HasPrefix(r.From, "/") && !strings.HasPrefix(r.From, "https://") {
			r.From = "/" + r.From
		}
		if strings.HasPrefix(r.From, "https://") {
			skip("a redirect is from a path; " + r.From + " is a URL")
			continue
		}
		if dynamic == 0 && !strings.Contains(r.From, "*") && !placeholder.MatchString(r.From) {
			if static++; static > maxStaticRedirects {
				skip(fmt.Sprintf("there are more than %d rules without * or placeholders", maxStaticRedirects))
				continue
			}
		} else if dynamic++; dynamic > maxDynamicRedirects {
			skip(fmt.Sprintf("there are more than %d rules from the first on that has * or a placeholder: the rest of the file counts for nothing", maxDynamicRedirects))
			break
		}
		status := ""
		if len(words) == 3 {
			status = words[2]
		}
		if why := r.check(status, seen); why != "" {
			skip(why)
			continue
		}
		seen[r.From] = l.number
		rules = append(rules, r)
	}
	return rules, skipped
}

// check says why a rule counts for nothing; empty: it counts.
func (r *Redirect) check(status string, seen map[string]int) string {
	absolute := strings.HasPrefix(r.To, "https://")
	if !absolute && !strings.HasPrefix(r.To, "/") {
		return `the target has to begin with a slash, or with "https://"`
	}
	if status != "" {
		n, err := strconv.Atoi(status)
		switch {
		case err != nil, n != 200 && n != 301 && n != 302 && n != 303 && n != 307 && n != 308:
			return "the status is 200, 301, 302, 303, 307 or 308; here it is " + status
		}
		r.Status = n
	}
	if !absolute && toIndex.MatchString(r.To) && (strings.HasSuffix(r.From, "/*") || strings.HasSuffix(r.From, "/")) {
		return "this would never end: /index and .html are taken off a name by a redirect, and the rule takes it again"
	}
	if line, ok := seen[r.From]; ok {
		return fmt.Sprintf("%s has a rule already, in line %d", r.From, line)
	}
	if r.Status == 200 && absolute {
		return "with status 200 the target has to be a path of the same site"
	}
	return ""
}
