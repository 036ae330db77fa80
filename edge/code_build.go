package edge

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"

	"github.com/sundog-edge/sundog/edge/api"
	"github.com/sundog-edge/sundog/edge/worker"
	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/pages"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/edge/world"
)

// builder makes versions of folders.
type builder struct{ bundle.Builder }

// keepIn lets the builder use a cache; empty: none.
func (b *builder) keepIn(dir string, log *slog.Logger) {
	if dir == "" {
		return
	}
	err := bundle.CheckCache(dir)
	var unreachable *fs.PathError
	switch {
	case err == nil:
		b.Cache = dir
	case errors.As(err, &unreachable): // a home that cannot be written to is as good
		log.Debug("no code is kept for the next start: " + err.Error())
	default:
		log.Warn("no code is kept for the next start: " + err.Error())
	}
}

func (b *builder) worker(ctx context.Context, c *wrangler.Config) (*worker.Built, error) {
	return built(b.Build(ctx, c))
}

func built(r *bundle.Result, err error) (*worker.Built, error) {
	if r == nil {
		return nil, err
	}
	out := &worker.Built{Version: r.Version, Inputs: r.Inputs, Cached: r.Cached}
	for _, w := range r.Warnings {
		out.Warnings = append(out.Warnings, w.Detail())
	}
	return out, err
}

// pages makes a version of a Pages project's folder.
func (b *builder) pages(ctx context.Context, p worker.Pages) (*worker.Built, error) {
	from := p.(*world.PagesProject)
	project, err := openPages(from)
	if err != nil {
		return nil, err
	}
	project.Name, project.Builder = from.Name, &b.Builder
	project.Deployment = pages.Deployment{Branch: from.ProductionBranch, URL: "https://" + from.Name + "." + pagesDev}
	return built(project.Build(ctx))
}

func openPages(p *world.PagesProject) (*pages.Project, error) {
	if p.Project != nil {
		return pages.Load(p.Project)
	}
	return pages.Open(p.Dir, p.Output)
}

// pagesVersion makes a version of what wrangler pages deploy uploads.
func (e *Edge) pagesVersion(in api.PagesUpload) (*version.Version, error) {
	v, _, warnings, err := pages.FromUpload(pages.Upload{
		Project: in.Project, Files: in.Files, Routes: in.Routes, Headers: in.Headers, Redirects: in.Redirects, Code: in.Code,
		Deployment: pages.Deployment{Branch: in.Branch, Commit: in.Commit, URL: in.URL, Preview: in.Preview},
	})
	for _, w := range warnings {
		e.log.Warn(pagesName(in.Project) + ": " + w.String())
	}
	return v, err
}

// pagesToRun is a Pages project of a set: what is deployed goes before the folder.
func pagesToRun(p *world.PagesProject) worker.Worker {
	run := worker.Worker{Name: pagesName(p.Name), ID: p.ID}
	branch := p.ProductionBranch
	if branch == "" {
		branch = "main"
	}
	live := p.Live()
	for i, d := range p.Deployments {
		v := *d.Version
		v.ID, v.Worker, v.Number = d.ID, run.Name, len(p.Deployments)-i // the newest of a branch has its host
		v.Annotations = map[string]string{"workers/alias": api.BranchLabel(d.Branch)}
		switch {
		case d.Branch != branch && d.Branch != "":
			v.Bindings = over(v.Bindings, p.Preview.Bindings)
			run.Others = append(run.Others, &v)
		case d.ID == live.ID:
			v.Bindings = over(v.Bindings, p.Production.Bindings)
			run.Version = &v
		default:
			v.Bindings = over(v.Bindings, p.Production.Bindings)
			run.Others = append(run.Others, &v)
		}
	}
	if run.Version == nil && p.Dir != "" {
		run.Pages, run.Secrets = p, p.Production.Bindings
	}
	return run
}

// over is bindings with others in the place of those of the same name.
func over(bindings, others []version.Binding) []version.Binding {
	list := slices.DeleteFunc(slices.Clone(bindings), func(b version.Binding) bool {
		return slices.ContainsFunc(others, func(o version.Binding) bool { return o.Name == b.Name })
	})
	return append(list, others...)
}
