package run

import (
	"context"
	"encoding/json"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/attack"
)

// MakeToken makes a token of the application that guards a URL.
func (c *Client) MakeToken(ctx context.Context, x admin.TokenRequest) (admin.Token, error) {
	var t admin.Token
	return t, c.post(ctx, "/v1/token", x, &t)
}

// KeySet is the JSON of /cdn-cgi/access/certs.
func (c *Client) KeySet(ctx context.Context) (json.RawMessage, error) {
	var set json.RawMessage
	return set, c.get(ctx, "/v1/jwks", nil, &set)
}

// Attack sends every forgery to the origin behind a URL.
func (c *Client) Attack(ctx context.Context, x admin.AttackRequest) (attack.Report, error) {
	var r attack.Report
	return r, c.post(ctx, "/v1/attack", x, &r)
}
