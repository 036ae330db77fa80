package listen

import (
	"context"
	"crypto/tls"
	"net"
)

// Info is how a connection came. It is shared by all requests of the
// connection and is read-only.
type Info struct {
	ConnectHost string // canonical host that CONNECT named; empty outside CONNECT
	ConnectPort int    // port that CONNECT named; 0 outside CONNECT
	Client      string // user name of Proxy-Authorization; empty: none was given
	HTTPSPort   string // port of the HTTPS listener; empty: there is none
	ProxyPort   string // port of the proxy listener; empty: there is none
	Proxied     bool   // came by CONNECT or in absolute form through the proxy
	TLS         bool   // the request came inside TLS

	// Of requests that the edge makes itself, and of no others.
	Country string // in place of the client's own; empty: that
	Own     bool   // signs somebody in for the administrator
}

type infoKey struct{}

// From returns how the connection of a request came; nil in process. It does
// not allocate.
func From(ctx context.Context) *Info {
	info, _ := ctx.Value(infoKey{}).(*Info)
	return info
}

// With returns a context that carries info, for requests that come by no
// socket of this package.
func With(ctx context.Context, info *Info) context.Context {
	return context.WithValue(ctx, infoKey{}, info)
}

// informed is a connection that knows how it came.
type informed interface{ connInfo() *Info }

func connContext(ctx context.Context, c net.Conn) context.Context {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	if i, ok := c.(informed); ok {
		return With(ctx, i.connInfo())
	}
	return ctx
}
