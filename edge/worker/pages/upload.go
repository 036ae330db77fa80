package pages

import (
	"slices"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/version"
)

// Upload is what wrangler pages deploy uploads, taken apart.
type Upload struct {
	Project string         // its name
	Files   []version.File // the static files

	// Routes, Headers and Redirects are _routes.json, _headers and _redirects; nil: there is none.
	Routes, Headers, Redirects []byte

	// Code is the compiled functions or the _worker.js, with the bindings and the compatibility of the
	// environment. Without modules the project has static files alone.
	Code version.Version

	Deployment Deployment
}

// FromUpload is the version of an upload. Routes are its rules; nil: all requests run code, or there
// is none. Warnings are the lines of its files that the platform skips. An error is bundle.Errors.
func FromUpload(u Upload) (v *version.Version, routes *Routes, warnings []bundle.Problem, err error) {
	made := u.Code
	made.Worker = u.Project
	made.Modules = slices.Clone(made.Modules)
	if made.CompatibilityDate == "" {
		made.CompatibilityDate = DefaultCompatibilityDate
	}
	rules, skipped := ParseHeaders("_headers", u.Headers)
	_, more := ParseRedirects("_redirects", u.Redirects)
	for _, p := range append(skipped, more...) {
		p.Hint = "the platform skips it"
		warnings = append(warnings, p)
	}
	if u.Routes != nil && len(made.Modules) > 0 {
		var errs []bundle.Problem
		if routes, errs = ParseRoutes("_routes.json", u.Routes); len(errs) > 0 {
			return nil, nil, warnings, bundle.Errors(errs)
		}
	}
	wrap(&made, routes)
	notFound := slices.ContainsFunc(u.Files, func(f version.File) bool { return f.Path == "/404.html" })
	config, err := serving(string(u.Headers), string(u.Redirects), rules, notFound, len(made.Modules) > 0)
	if err != nil {
		return nil, nil, warnings, err
	}
	made.Assets = &version.Assets{Files: u.Files, Config: config}
	u.Deployment.complete(&made)
	return &made, routes, warnings, nil
}
