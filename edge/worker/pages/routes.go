package pages

import (
	"regexp"
	"strings"
)

// Routes are the rules that decide which requests run code: those of _routes.json, or those that
// follow from functions/. Nil: all do.
type Routes struct {
	Include, Exclude []string // "/api/*"; what excludes wins

	include, exclude []*regexp.Regexp
}

func newRoutes(include, exclude []string) *Routes {
	r := &Routes{Include: include, Exclude: exclude}
	for _, rule := range include {
		r.include = append(r.include, regexp.MustCompile(ruleExpression(rule)))
	}
	for _, rule := range exclude {
		r.exclude = append(r.exclude, regexp.MustCompile(ruleExpression(rule)))
	}
	return r
}

// RunsWorker is whether a request for the path, without a query, runs code; otherwise a static file
// answers.
func (r *Routes) RunsWorker(path string) bool {
	if r == nil {
		return true
	}
	return !anyMatches(r.exclude, path) && anyMatches(r.include, path)
}

func anyMatches(rules []*regexp.Regexp, path string) bool {
	for _, rule := range rules {
		if rule.MatchString(path) {
			return true
		}
	}
	return false
}

// all is whether the rules need not be asked.
func (r *Routes) all() bool {
	return r == nil || len(r.Exclude) == 0 && len(r.Include) == 1 && r.Include[0] == "/*"
}

// ruleExpression is a regular expression, of Go and of JavaScript. A star is anything; "/a/*" means
// "/a", too, and a slash at the end is there or not.
func ruleExpression(rule string) string {
	tail := ""
	switch {
	case rule == "/" || rule == "/*":
	case strings.HasSuffix(rule, "/*"):
		rule, tail = strings.TrimSuffix(rule, "/*"), "(/.*)?"
	case strings.HasSuffix(rule, "*"):
	default:
		rule, tail = strings.TrimSuffix(rule, "/"), "(/)?"
	}
	texts := strings.Split(rule, "*")
	for i, text := range texts {
		texts[i] = regexp.QuoteMeta(text)
	}
	return "^" + strings.Join(texts, ".*") + tail + "$"
}

// most is how many rules there may be, and how long each may be.
const most = 100

// routesOf are the rules that follow from a route table.
func routesOf(table []Function) *Routes {
	var include []string
	seen := map[string]bool{}
	for _, f := range table {
		rule := shorten(f.glob())
		if !seen[rule] {
			seen[rule] = true
			include = append(include, rule)
		}
	}
	var kept []string
	for _, rule := range include {
		if !covered(rule, include) {
			kept = append(kept, rule)
		}
	}
	if len(kept) > most {
		kept = []string{"/*"}
	}
	return newRoutes(kept, nil)
}

var fromParam = regexp.MustCompile(`:[A-Za-z0-9_]+\*?.*`)

// glob is the rule for the entry: everything from its first parameter on, and of middleware all that
// is below it.
func (f Function) glob() string {
	rule := fromParam.ReplaceAllString(f.Route, "*")
	if f.Middleware != "" && !strings.HasSuffix(rule, "*") {
		rule = strings.TrimSuffix(rule, "/") + "/*"
	}
	return rule
}

// shorten takes folders off a rule that is too long.
func shorten(rule string) string {
	for len(rule) > most {
		cut := strings.LastIndexByte(strings.TrimSuffix(rule, "/*"), '/')
		if cut <= 0 {
			return "/*"
		}
		rule = rule[:cut] + "/*"
	}
	return rule
}

// covered is whether another rule that ends in a star has what this one has.
func covered(rule string, rules []string) bool {
	for _, other := range rules {
		if other != rule && strings.HasSuffix(other, "/*") && strings.HasPrefix(rule, strings.TrimSuffix(other, "*")) {
			return true
		}
	}
	return false
}
