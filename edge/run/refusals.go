package run

import (
	"context"
	"net/url"
	"strconv"

	"github.com/sundog-edge/sundog/edge/admin"
)

// Refusals are the targets that the edge's proxy refused, after the one of the number since, the
// oldest first; 0: all that it remembers.
func (c *Client) Refusals(ctx context.Context, since uint64) ([]admin.Refusal, error) {
	var list []admin.Refusal
	return list, c.get(ctx, "/v1/refusals", url.Values{"since": {strconv.FormatUint(since, 10)}}, &list)
}

// Activity is what the edge has seen until now, and its own answers after the request of the number since.
func (c *Client) Activity(ctx context.Context, since uint64) (admin.Activity, error) {
	var a admin.Activity
	return a, c.get(ctx, "/v1/activity", url.Values{"since": {strconv.FormatUint(since, 10)}}, &a)
}
