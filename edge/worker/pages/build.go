package pages

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// Build makes a version of the project as it lies there. An error is bundle.Errors, or that of ctx;
// the Result beside Errors has Inputs and Warnings. Inputs has folders, too: a file that comes or
// goes in one is a change. Static files are read when they are asked for, and are no inputs.
func (p *Project) Build(ctx context.Context) (*bundle.Result, error) {
	b := build{Project: p, version: p.base()}
	if err := b.rules(); err != nil {
		return nil, err
	}
	result, err := b.code(ctx)
	var errs bundle.Errors
	switch {
	case err == nil:
	case errors.As(err, &errs):
		b.errs = append(b.errs, errs...)
	default:
		return nil, err
	}
	if result == nil {
		result = &bundle.Result{}
	}
	result.Warnings = append(b.warnings, result.Warnings...)
	result.Inputs = slices.Compact(slices.Sorted(slices.Values(append(result.Inputs, b.inputs...))))
	if len(b.errs) > 0 {
		result.Version = nil
		return result, b.errs
	}
	v := result.Version
	config, err := serving(string(b.headers.data), string(b.redirects.data), b.headerRules, isFile(filepath.Join(p.Output, "404.html")), len(v.Modules) > 0)
	if err != nil {
		return nil, err
	}
	v.Assets = &version.Assets{Dir: p.Output, Config: config}
	p.Deployment.complete(v)
	p.setRoutes(b.routes)
	return result, nil
}

// build is one build.
type build struct {
	*Project
	version     version.Version
	warnings    []bundle.Problem
	errs        bundle.Errors
	inputs      []string
	headers     text
	headerRules []HeaderRule
	redirects   text
	routes      *Routes // those of _routes.json, or of functions/
}

// rules reads what lies beside the static files.
func (b *build) rules() (err error) {
	b.inputs = append(b.inputs, b.Output)
	if !isDir(b.Functions) {
		b.inputs = append(b.inputs, filepath.Dir(b.Functions)) // it may come
	}
	if !isDir(b.Output) {
		b.errs = append(b.errs, bundle.Problem{
			File: b.relative(b.Output), Path: b.Output, Text: "the folder of static files is not there",
			Hint: `build the site (npm run build), or name another folder as "pages_build_output_dir"`,
		})
		return nil
	}
	if b.headers, err = b.read("_headers"); err != nil {
		return err
	}
	if b.redirects, err = b.read("_redirects"); err != nil {
		return err
	}
	routes, err := b.read("_routes.json")
	if err != nil {
		return err
	}
	var skipped []bundle.Problem
	b.headerRules, skipped = ParseHeaders(b.headers.name, b.headers.data)
	b.warn(b.headers, skipped)
	_, skipped = ParseRedirects(b.redirects.name, b.redirects.data)
	b.warn(b.redirects, skipped)
	for _, t := range []text{b.headers, b.redirects, routes} {
		if t.data != nil {
			b.inputs = append(b.inputs, t.path)
		}
	}
	if routes.data != nil {
		var errs []bundle.Problem
		b.routes, errs = ParseRoutes(routes.name, routes.data)
		for i := range errs {
			errs[i].Path = routes.path
		}
		b.errs = append(b.errs, errs...)
	}
	return nil
}

// warn takes in what the platform skips.
func (b *build) warn(t text, skipped []bundle.Problem) {
	for _, p := range skipped {
		p.Path, p.Hint = t.path, "the platform skips it"
		b.warnings = append(b.warnings, p)
	}
}

// code compiles what the project has of it. A nil Result stands beside errors in b.
func (b *build) code(ctx context.Context) (*bundle.Result, error) {
	builder := b.Builder
	if builder == nil {
		builder = new(bundle.Builder)
		defer builder.Close()
	}
	c := *b.config
	c.Dir, c.Version, c.Main = b.Dir, b.version, ""
	worker := filepath.Join(b.Output, "_worker.js")
	switch {
	case isFile(worker):
		return b.workerFile(ctx, builder, &c, worker)
	case isDir(worker):
		return b.workerFolder(ctx, builder, &c, worker)
	case isDir(b.Functions):
		return b.functions(ctx, builder, &c)
	}
	b.routes = nil
	return builder.Build(ctx, &c)
}

func (b *build) workerFile(ctx context.Context, builder *bundle.Builder, c *wrangler.Config, worker string) (*bundle.Result, error) {
	if c.Bundling.NoBundle || b.routes.all() {
		c.Main = worker
		c.Bundling.FindAdditional, c.Bundling.BaseDir = false, ""
		result, err := builder.Build(ctx, c)
		if err == nil {
			wrap(result.Version, b.routes)
		}
		return result, err
	}
	return builder.BuildEntry(ctx, c, &bundle.Entry{
		Name:     filepath.Join(filepath.Dir(worker), "worker.js"),
		Contents: guarded("_worker.js", b.routes),
	})
}

// workerFolder takes each module in the folder as it is; its index.js is bundled.
func (b *build) workerFolder(ctx context.Context, builder *bundle.Builder, c *wrangler.Config, worker string) (*bundle.Result, error) {
	b.inputs = append(b.inputs, worker)
	c.Main = filepath.Join(worker, "index.js")
	c.Bundling.FindAdditional, c.Bundling.BaseDir = true, worker
	c.Bundling.Rules = []wrangler.Rule{{Type: "ESModule", Globs: []string{"**/*.js", "**/*.mjs"}}}
	switch {
	case !isFile(c.Main):
	case b.routes.all():
	case c.Bundling.NoBundle:
		result, err := builder.Build(ctx, c)
		if err == nil {
			wrap(result.Version, b.routes)
		}
		return result, err
	default:
		name := "routes.js"
		for isFile(filepath.Join(worker, name)) {
			name = "_" + name
		}
		return builder.BuildEntry(ctx, c, &bundle.Entry{Name: filepath.Join(worker, name), Contents: guarded("index.js", b.routes)})
	}
	return builder.Build(ctx, c)
}

func (b *build) functions(ctx context.Context, builder *bundle.Builder, c *wrangler.Config) (*bundle.Result, error) {
	table, dirs, warnings, errs := scan(b.Functions)
	b.inputs = append(b.inputs, dirs...)
	b.warnings = append(b.warnings, warnings...)
	if len(errs) > 0 {
		b.errs = append(b.errs, errs...)
		return nil, nil
	}
	if len(table) == 0 {
		b.warnings = append(b.warnings, bundle.Problem{
			File: b.relative(b.Functions), Path: b.Functions, Text: "no file in here exports a handler, so no function runs",
			Hint: "export function onRequest(context) { … }",
		})
		b.routes = nil
		return builder.Build(ctx, c)
	}
	if b.routes == nil {
		b.routes = routesOf(table)
	}
	root, err := filepath.Rel(b.Dir, b.Functions)
	if err != nil {
		root = b.Functions
	}
	entry, err := entryOf(table, slashed(root), b.routes)
	if err != nil {
		return nil, err
	}
	c.Bundling.FindAdditional = false
	return builder.BuildEntry(ctx, c, &bundle.Entry{Name: "functionsWorker.js", Contents: entry})
}
