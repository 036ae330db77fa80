package run

import (
	"context"
	"net/http"
	"net/url"

	"github.com/sundog-edge/sundog/edge/admin"
)

// People are those of the world, in the order of its file.
func (c *Client) People(ctx context.Context) ([]admin.Person, error) {
	var list []admin.Person
	return list, c.get(ctx, "/v1/people", nil, &list)
}

// Login takes somebody through the login pages. Who is not let in is a *Refusal with status 403.
func (c *Client) Login(ctx context.Context, l admin.Login) (admin.LoggedIn, error) {
	var done admin.LoggedIn
	return done, c.post(ctx, "/v1/login", l, &done)
}

// Lend makes the proxy add a credential to the requests of a user, whose name it returns. end takes
// it back.
func (c *Client) Lend(ctx context.Context, l admin.Credential) (lent admin.Lent, end func(context.Context) error, err error) {
	if err := c.post(ctx, "/v1/credentials", l, &lent); err != nil {
		return lent, nil, err
	}
	return lent, func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodDelete, c.URL+"/v1/credentials/"+url.PathEscape(lent.User), nil)
		if err != nil {
			return err
		}
		return c.do(r, nil)
	}, nil
}

// Asked is a client of the admin port of this edge.
func (in Inside) Asked() *Client { return &Client{URL: "http://" + in.Ready.Admin, Token: in.Token} }

// Approve grants what cloudflared asks for on its page, as somebody. Who is not let in is a *Refusal
// with status 403.
func (c *Client) Approve(ctx context.Context, x admin.Approval) (admin.Approved, error) {
	var done admin.Approved
	return done, c.post(ctx, "/v1/approve", x, &done)
}
