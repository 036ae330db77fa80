package edge

import (
	"context"

	"github.com/sundog-edge/sundog/edge/worker"
	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/edge/world"
)

// builder makes versions of folders.
type builder struct{ bundle.Builder }

func (b *builder) worker(ctx context.Context, c *wrangler.Config) (*worker.Built, error) {
	return built(b.Build(ctx, c))
}

func built(r *bundle.Result, err error) (*worker.Built, error) {
	if r == nil {
		return nil, err
	}
	out := &worker.Built{Version: r.Version, Inputs: r.Inputs}
	for _, w := range r.Warnings {
		out.Warnings = append(out.Warnings, w.Detail())
	}
	return out, err
}

func (b *builder) pages(ctx context.Context, p worker.Pages) (*worker.Built, error) { return nil, nil }

func pagesToRun(p *world.PagesProject) worker.Worker {
	return worker.Worker{Name: pagesName(p.Name)}
}
