package pages

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// assetConfig is the runtime's, as far as it is said here.
type assetConfig struct {
	HTML      string `json:"html_handling"`
	NotFound  string `json:"not_found_handling"`
	Headers   string `json:"headers,omitempty"`   // the text of _headers
	Redirects string `json:"redirects,omitempty"` // the text of _redirects
	Ignore    string `json:"ignore"`              // the text of a .assetsignore
	First     bool   `json:"run_worker_first,omitempty"`
}

// ignored are the files that wrangler does not upload.
const ignored = `/_worker.js
/_redirects
/_headers
/_routes.json
/functions
/.wrangler
.DS_Store
node_modules
.git
`

// usual are the headers of every static file.
var usual = []Header{
	{"Access-Control-Allow-Origin", "*"},
	{"Referrer-Policy", "strict-origin-when-cross-origin"},
	{"X-Content-Type-Options", "nosniff"},
}

// withUsual adds the usual headers to a _headers file, as a first rule for every path. The last rule of
// a path takes the place of those before, at the place of the first, so a rule of the file's own for
// every path gets them, too. A rule that sets one of them adds its value to ours unless it takes that
// away first, so this is written into it. Where several rules set one, their values have to come
// together, and ours is left out; a file with as many rules as there may be stays as it is.
func withUsual(headers string, rules []HeaderRule) string {
	if len(rules) >= maxHeaderRules {
		return headers
	}
	var all *HeaderRule
	var others []HeaderRule
	for i := range rules {
		if rules[i].Path == "/*" {
			all = &rules[i]
		} else {
			others = append(others, rules[i])
		}
	}
	lines := strings.SplitAfter(headers, "\n")
	first := ""
	for _, h := range usual {
		setters := slices.DeleteFunc(slices.Clone(others), func(r HeaderRule) bool { return !r.sets(h.Name) })
		if len(setters) > 1 || all != nil && (all.sets(h.Name) || all.unsets(h.Name)) {
			continue
		}
		first += "  " + h.Name + ": " + h.Value + "\n"
		for _, r := range setters {
			lines[r.Line-1] += "  ! " + h.Name + "\n"
		}
	}
	if first == "" {
		return headers
	}
	if all != nil {
		lines[all.Line-1] += first
	}
	return "/*\n" + first + strings.Join(lines, "")
}

func (r HeaderRule) unsets(name string) bool {
	return slices.ContainsFunc(r.Unset, func(u string) bool { return strings.EqualFold(u, name) })
}

func (r HeaderRule) sets(name string) bool {
	return slices.ContainsFunc(r.Set, func(h Header) bool { return strings.EqualFold(h.Name, name) })
}

// serving is how the static files are served. Missing says whether there is a 404.html; a project
// without one answers with its index.html.
func serving(headers, redirects string, rules []HeaderRule, notFoundPage, code bool) (json.RawMessage, error) {
	c := assetConfig{
		HTML: "auto-trailing-slash", NotFound: "single-page-application",
		Headers: withUsual(headers, rules), Redirects: redirects, Ignore: ignored, First: code,
	}
	if notFoundPage {
		c.NotFound = "404-page"
	}
	return json.Marshal(c)
}

// complete adds to a version what every deployment has: the binding to the static files, where there
// is code, and the variables that tell of the deployment.
func (d Deployment) complete(v *version.Version) {
	if len(v.Modules) == 0 {
		return
	}
	if d.Branch == "" {
		d.Branch = "main"
	}
	if d.Commit == "" {
		d.Commit = commit(v.Modules)
	}
	if d.URL == "" {
		d.URL = "https://" + d.Commit[:min(8, len(d.Commit))] + "." + v.Worker + ".pages.dev"
	}
	bindings := append([]version.Binding(nil), v.Bindings...)
	bound := map[string]bool{}
	for _, b := range bindings {
		bound[b.Name] = true
	}
	for _, b := range []version.Binding{
		{Type: "assets", Name: "ASSETS"},
		{Type: "plain_text", Name: "CF_PAGES", Text: "1"},
		{Type: "plain_text", Name: "CF_PAGES_BRANCH", Text: d.Branch},
		{Type: "plain_text", Name: "CF_PAGES_COMMIT_SHA", Text: d.Commit},
		{Type: "plain_text", Name: "CF_PAGES_URL", Text: d.URL},
	} {
		if !bound[b.Name] {
			bindings = append(bindings, b)
		}
	}
	v.Bindings = bindings
}
