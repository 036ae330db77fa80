package main

import (
	"context"
	"fmt"
	"os"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/run"
	"github.com/sundog-edge/sundog/edge/world"
)

// lookup is how commands find their edge.
func (p program) lookup() run.Lookup {
	return run.Lookup{URL: os.Getenv("SUNDOG_URL"), Token: os.Getenv("SUNDOG_TOKEN")}
}

// running is the edge that runs for this folder, or that SUNDOG_URL names.
func (p program) running(ctx context.Context) (*run.Found, error) {
	return p.lookup().Find(ctx)
}

// asked is an edge to ask about a request: that of the world at path; or, when path is
// empty, the running one, and failing that the world found from here upward.
func (p program) asked(ctx context.Context, path string) (c *run.Client, done func(), err error) {
	if path == "" {
		f, err := p.running(ctx)
		if err == nil {
			return f.Client, func() {}, nil
		}
		if path, err = p.fallback(err); err != nil {
			return nil, nil, err
		}
		fmt.Fprintf(p.err, "sundog: no edge runs here; reading the world of %s\n", path)
	}
	w, err := world.Load(path)
	if err != nil {
		return nil, nil, err
	}
	e, err := edge.New(w)
	if err != nil {
		return nil, nil, err
	}
	return run.Asked(e, release()), func() { e.Close() }, nil
}
