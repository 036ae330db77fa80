package script

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/edge/worker"
)

// codeLimit is how long Workers of a world may take until they run.
const codeLimit = time.Minute

// awaitCode returns when the Workers of the world run, or are known not to.
func (c *call) awaitCode() *worker.Report {
	ctx, cancel := context.WithTimeout(context.Background(), codeLimit)
	defer cancel()
	r, err := c.edge.AwaitCode(ctx)
	if err != nil {
		c.fail("the Workers of the world do not start: %v", err)
	}
	return r
}

// reportCode tells what is wrong with Workers, a line each.
func (c *call) reportCode(out io.Writer, r *worker.Report) {
	if r == nil {
		return
	}
	n := c.normal()
	if r.Err != nil {
		fmt.Fprintln(out, "workers:", n.text(r.Err.Error()))
	}
	for _, o := range r.Workers {
		name := "worker " + o.Worker + ":"
		if o.Err != nil {
			serves := "nothing"
			if o.Kept {
				serves = "the version before"
			}
			fmt.Fprintln(out, name, n.text(strings.TrimSpace(o.Err.Error()))+"; serves "+serves)
		}
		for _, t := range o.Throwers {
			fmt.Fprintln(out, name, n.text(t.Text))
		}
		for _, w := range o.Warnings {
			fmt.Fprintln(out, name, n.text(w))
		}
	}
}
