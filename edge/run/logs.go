package run

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/sundog-edge/sundog/edge/worker"
)

// Logs calls tell with what Workers logged and threw lately, the oldest first; of one Worker, or with an empty name of all.
// With follow it goes on with what happens, until ctx ends or the edge does.
func (c *Client) Logs(ctx context.Context, name string, follow bool, tell func(worker.Event)) error {
	q := url.Values{"worker": {name}}
	if follow {
		q.Set("follow", "1")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+"/v1/logs?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := c.send(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		refusal := &Refusal{Status: resp.StatusCode}
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // what was read is judged
		if json.Unmarshal(body, &refusal.Failure) != nil || refusal.Failure.Error == "" {
			return &UnreachableError{c.URL, fmt.Errorf("what answers is no edge: %s", resp.Status)}
		}
		return refusal
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var ev worker.Event
		if err := json.Unmarshal(lines.Bytes(), &ev); err != nil {
			return &UnreachableError{c.URL, fmt.Errorf("what answers is no edge of this version: %w", err)}
		}
		tell(ev)
	}
	if ctx.Err() != nil {
		return nil // who asked has enough
	}
	return lines.Err()
}
