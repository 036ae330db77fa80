package run

import (
	"context"
	"net/http"
	"net/url"

	"github.com/sundog-edge/sundog/edge/admin"
)

// Tunnels are the tunnels of the world, and the connectors that have dialled in.
func (c *Client) Tunnels(ctx context.Context) (list []admin.Tunnel, err error) {
	return list, c.get(ctx, "/v1/tunnels", nil, &list)
}

// Tunnel is one of them, by its name, id or UUID.
func (c *Client) Tunnel(ctx context.Context, name string) (t admin.Tunnel, err error) {
	return t, c.get(ctx, "/v1/tunnels/"+url.PathEscape(name), nil, &t)
}

// TunnelAccess is what a connector of a tunnel needs to dial in.
func (c *Client) TunnelAccess(ctx context.Context, name string) (a admin.TunnelAccess, err error) {
	return a, c.get(ctx, "/v1/tunnels/"+url.PathEscape(name)+"/access", nil, &a)
}

// Quick makes a quick tunnel.
func (c *Client) Quick(ctx context.Context) (q admin.Quick, err error) {
	return q, c.post(ctx, "/v1/quick", struct{}{}, &q)
}

// EndQuick ends it.
func (c *Client) EndQuick(ctx context.Context, id string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodDelete, c.URL+"/v1/quick/"+url.PathEscape(id), nil)
	if err != nil {
		return err
	}
	return c.do(r, nil)
}
