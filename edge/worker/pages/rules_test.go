package pages_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/pages"
)

func lines(ps []bundle.Problem) string {
	var all []string
	for _, p := range ps {
		all = append(all, p.String())
	}
	return strings.Join(all, "\n")
}

func TestRoutesRunsWorker(t *testing.T) {
	for _, c := range []struct {
		rule string
		yes  string
		no   string
	}{
		{"/", "/", "/a //"},
		{"/*", "/ /a /a/b", ""},
		{"/foo", "/foo /foo/", "/foo/bar /foobar /"},
		{"/foo/", "/foo /foo/", "/foo/bar"},
		{"/foo*", "/foo /foo-bar /foo/bar", "/fo"},
		{"/foo/*", "/foo /foo/ /foo/bar/x", "/foobar"},
		{"/*.txt", "/a.txt /b/a.txt /a.txt/", "/atxt"},
		{"/a(b)", "/a(b)", "/ab"},
	} {
		r, errs := pages.ParseRoutes("_routes.json", fmt.Appendf(nil, `{"version": 1, "include": [%q], "exclude": []}`, c.rule))
		if errs != nil {
			t.Fatal(errs)
		}
		for path := range strings.FieldsSeq(c.yes) {
			if !r.RunsWorker(path) {
				t.Errorf("%s has not %s", c.rule, path)
			}
		}
		for path := range strings.FieldsSeq(c.no) {
			if r.RunsWorker(path) {
				t.Errorf("%s has %s", c.rule, path)
			}
		}
	}
	var none *pages.Routes
	if !none.RunsWorker("/x") {
		t.Error("without rules every request runs code")
	}
}

func TestParseRoutesErrors(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`"/x",`, 101), ",")
	for _, c := range []struct{ name, file, want string }{
		{"no JSON", "{\n  \"version\": 1,\n}", "_routes.json:3:1: this is not JSON"},
		{"no object", `[]`, `_routes.json:1:1: this is not an object`},
		{"version", `{"version": 2, "include": ["/*"], "exclude": []}`, `_routes.json:1:13: "version" has to be 1`},
		{"no include", `{"version": 1, "exclude": []}`, `_routes.json:1:1: "include" is missing`},
		{"no rule", "{\"version\": 1,\n\"include\": [], \"exclude\": []}", `_routes.json:2:12: "include" has to have a rule`},
		{"no list", `{"version": 1, "include": "/*", "exclude": []}`, `_routes.json:1:27: "include" has to be a list of rules`},
		{"no string", `{"version": 1, "include": ["/*"], "exclude": [null]}`, `_routes.json:1:47: a rule has to be a string`},
		{"no slash", "{\"version\": 1, \"include\": [\n  \"/a\",\n  \"é\", \"b\"], \"exclude\": []}", "_routes.json:3:3: the rule \"é\" has to begin with a slash\n_routes.json:3:8: the rule \"b\" has to begin with a slash"},
		{"long", `{"version": 1, "include": ["/` + strings.Repeat("a", 100) + `"], "exclude": []}`, `_routes.json:1:28: the rule has 101 characters; 100 are allowed`},
		{"many", `{"version": 1, "include": [` + many + `], "exclude": []}`, `there are 101 rules in include and exclude; 100 are allowed`},
		{"overlap", `{"version": 1, "include": ["/a/*", "/a/b"], "exclude": []}`, `_routes.json:1:36: "/a/*" has what the rule "/a/b" has, which the platform refuses (take this one out)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, errs := pages.ParseRoutes("_routes.json", []byte(c.file))
			if r != nil {
				t.Error("there are rules beside errors")
			}
			contains(t, lines(errs), c.want)
		})
	}
}

func TestParseHeaders(t *testing.T) {
	long := "  X: " + strings.Repeat("x", 2000)
	rules, skipped := pages.ParseHeaders("_headers", []byte(`# comment
  X-Early: 1
/a
  X-A: 1
  x-a: two: parts
  ! Old
https://:project.pages.dev/*
  X-P: :project
/none
/two/*/stars/*
  X-Skipped: 1
/*/:splat
http://insecure/
https://host:8080/
/last
  no colon
  two words: x
  : x
  x:
`+long+"\n"))
	want := []pages.HeaderRule{
		{Path: "/a", Set: []pages.Header{{Name: "x-a", Value: "1"}, {Name: "x-a", Value: "two: parts"}}, Unset: []string{"Old"}, Line: 3},
		{Path: "https://:project.pages.dev/*", Set: []pages.Header{{Name: "x-p", Value: ":project"}}, Line: 7},
	}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(`_headers:2:3: a path that begins with a slash has to come before
_headers:9:1: the path has no headers
_headers:10:1: a path may have one *; name the others, as :project
_headers:12:1: a path with * may have no :splat, which is what the * is called
_headers:13:1: the path has to begin with a slash, or with "https://"
_headers:14:1: the host may have no port
_headers:16:3: this is neither name: value, nor ! name, nor a path
_headers:17:3: the name of a header has no spaces
_headers:18:3: the header has no name
_headers:19:3: the header has no value
_headers:20:3: the line is longer than 2000 characters
_headers:15:1: the path has no headers`, lines(skipped)); diff != "" {
		t.Error(diff)
	}
	_, skipped = pages.ParseHeaders("_headers", []byte("/a\n  x: y\n/b\n  x: y\n/a\n  z: y\n"))
	if got := lines(skipped); got != "_headers:1:1: line 5 has the same path, and its rule takes the place of this one" {
		t.Error(got)
	}
	many := ""
	for i := range 102 {
		many += fmt.Sprintf("/%d\n  x: y\n", i)
	}
	rules, skipped = pages.ParseHeaders("_headers", []byte(many))
	if len(rules) != 100 || len(skipped) != 1 || skipped[0].Line != 201 {
		t.Errorf("%d rules, skipped %v", len(rules), skipped)
	}
}

func TestParseRedirects(t *testing.T) {
	rules, skipped := pages.ParseRedirects("_redirects", []byte(`/a /b
/a/ https://x.test/b 301 # moved
old /new 308
/blog/* /news/:splat 307
/p/:id /q?id=:id#x 303
/r /s 200
/one
/one two three four
/a /c
/x b
/x /y 404
/x /y abc
https://h/x /y
/x https://y 200
/* /index.html 200
/sub/ /sub/index
`))
	want := []pages.Redirect{
		{From: "/a", To: "/b", Status: 302, Line: 1}, {From: "/a/", To: "https://x.test/b", Status: 301, Line: 2},
		{From: "/old", To: "/new", Status: 308, Line: 3}, {From: "/blog/*", To: "/news/:splat", Status: 307, Line: 4},
		{From: "/p/:id", To: "/q?id=:id#x", Status: 303, Line: 5}, {From: "/r", To: "/s", Status: 200, Line: 6},
	}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(`_redirects:7:1: a rule is: from, to and perhaps a status; here are 1 words
_redirects:8:1: a rule is: from, to and perhaps a status; here are 4 words
_redirects:9:1: /a has a rule already, in line 1
_redirects:10:1: the target has to begin with a slash, or with "https://"
_redirects:11:1: the status is 200, 301, 302, 303, 307 or 308; here it is 404
_redirects:12:1: the status is 200, 301, 302, 303, 307 or 308; here it is abc
_redirects:13:1: a redirect is from a path; https://h/x is a URL
_redirects:14:1: with status 200 the target has to be a path of the same site
_redirects:15:1: this would never end: /index and .html are taken off a name by a redirect, and the rule takes it again
_redirects:16:1: this would never end: /index and .html are taken off a name by a redirect, and the rule takes it again`, lines(skipped)); diff != "" {
		t.Error(diff)
	}
	var many strings.Builder
	for i := range 103 {
		fmt.Fprintf(&many, "/%d/* /x\n", i)
	}
	rules, skipped = pages.ParseRedirects("_redirects", []byte(many.String()))
	if len(rules) != 100 || len(skipped) != 1 || skipped[0].Line != 101 {
		t.Errorf("%d rules, skipped %v", len(rules), skipped)
	}
	many.Reset()
	for i := range 2002 {
		fmt.Fprintf(&many, "/%d /x\n", i)
	}
	rules, skipped = pages.ParseRedirects("_redirects", []byte(many.String()))
	if len(rules) != 2000 || len(skipped) != 2 {
		t.Errorf("%d rules, %d skipped", len(rules), len(skipped))
	}
}
