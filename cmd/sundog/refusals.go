package main

import (
	"context"
	"fmt"
	"time"

	"github.com/sundog-edge/sundog/edge/run"
)

const (
	// refusalsWithin bounds asking for them when CMD has ended: an edge that has ended too does not
	// keep exec waiting.
	refusalsWithin = 2 * time.Second
	maxRefusals    = 20 // lines
)

// refusals returns what tells, once CMD has ended, which hosts the running edge refused meanwhile:
// the edge's own lines are in another terminal, or nowhere. CMD's exit code says enough where the
// edge cannot be asked.
func (p program) refusals(ctx context.Context, c *run.Client) (tell func() error) {
	before, err := c.Refusals(ctx, 0)
	if err != nil {
		return func() error { return nil }
	}
	var since uint64
	if n := len(before); n > 0 {
		since = before[n-1].Seq
	}
	return func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refusalsWithin)
		defer cancel()
		list, err := c.Refusals(ctx, since)
		if err != nil {
			return nil
		}
		told := map[string]bool{}
		for _, r := range list {
			line := fmt.Sprintf("refused %s: %s; %s", r.Host, r.Why, r.Mend)
			if told[line] {
				continue
			}
			told[line] = true
			if len(told) <= maxRefusals {
				fmt.Fprintf(p.err, "sundog: %s\n", printable(line))
			}
		}
		if more := len(told) - maxRefusals; more > 0 {
			fmt.Fprintf(p.err, "sundog: and %s more\n", plural(more, "host"))
		}
		return nil
	}
}
