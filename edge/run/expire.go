package run

import (
	"context"
	"net/url"

	"github.com/sundog-edge/sundog/edge/admin"
)

// Expire ends what Access granted before its time.
func (c *Client) Expire(ctx context.Context, x admin.Expiry) (admin.Expired, error) {
	var done admin.Expired
	return done, c.post(ctx, "/v1/expire", x, &done)
}

// Users are who has signed in and holds a seat.
func (c *Client) Users(ctx context.Context) ([]admin.User, error) {
	var list []admin.User
	return list, c.get(ctx, "/v1/users", nil, &list)
}

// SSHCA is the certificate authority of the application at a host or URL.
func (c *Client) SSHCA(ctx context.Context, at string) (admin.SSHCA, error) {
	var ca admin.SSHCA
	return ca, c.get(ctx, "/v1/ssh_ca", url.Values{"url": {at}}, &ca)
}
