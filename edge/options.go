package edge

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/ca"
	"github.com/sundog-edge/sundog/edge/worker"
)

// Clock tells the time to everything in an edge, claims and certificates included.
type Clock interface{ Now() time.Time }

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

type options struct {
	clock   Clock
	random  io.Reader
	keys    accessemu.KeySource
	log     *slog.Logger
	mail    func(accessemu.Mail)
	origins map[string]http.Handler
	hook    DialFunc
	proxy   ProxyFunc
	echo    bool
	signer  *ca.Installed
	reload  admin.ReloadFunc

	workers         map[string]any // in Go, by name
	workerd, folder string
	state           string
	cache           string
	headStart       bool
	built           func(worker.Report)
}

func defaults() options {
	return options{clock: systemClock{}, random: rand.Reader, log: slog.New(slog.DiscardHandler)}
}

// Option changes what New does by default.
type Option func(*options)

// WithClock sets the edge's one clock; nil is the system's.
func WithClock(c Clock) Option {
	return func(o *options) {
		if c != nil {
			o.clock = c
		}
	}
}

// WithRand sets the source of nonces, PINs, rays, tokens and serial numbers; nil is crypto/rand.
// Keys are always made from crypto/rand.
func WithRand(r io.Reader) Option {
	return func(o *options) {
		if r != nil {
			o.random = r
		}
	}
}

// WithKeys sets where Access takes its signing keys; nil makes new ones when
// the first is needed. Tests share accessemu's pool.
func WithKeys(k accessemu.KeySource) Option {
	return func(o *options) { o.keys = k }
}

// WithLogger sets where the edge tells of refused dials and requests to what
// is not emulated; nil drops them.
func WithLogger(l *slog.Logger) Option {
	return func(o *options) {
		if l != nil {
			o.log = l
		}
	}
}

// WithMail is called with every mail that Access sends, beside the inbox.
func WithMail(f func(accessemu.Mail)) Option {
	return func(o *options) { o.mail = f }
}

// WithOrigin lets a handler answer, in process, for an origin that the world
// names: "http://localhost:8080". Every dial to that scheme, host and port reaches it,
// TLS aside: an https origin is given as https and answers with the edge's own certificate.
func WithOrigin(origin string, h http.Handler) Option {
	return func(o *options) {
		if o.origins == nil {
			o.origins = make(map[string]http.Handler)
		}
		o.origins[origin] = h
	}
}

// WithInstalled lets an authority that the system trusts sign the run's authority too; nil is none.
func WithInstalled(i *ca.Installed) Option {
	return func(o *options) { o.signer = i }
}

// DialFunc connects in place of the edge. With ok false it leaves the address to the edge. An error that wraps
// syscall.ECONNREFUSED, a *net.DNSError or a timeout ends as the same failure of a real dial does.
type DialFunc func(ctx context.Context, network, addr string) (conn net.Conn, ok bool, err error)

// WithDial is asked first for every dial of the edge but those to unix sockets, before WithOrigin,
// origins: and egress, and again for the address that origins: leads to. nil asks nobody.
func WithDial(f DialFunc) Option {
	return func(o *options) { o.hook = f }
}

// WithReload sets what POST /v1/reload of the admin port does; nil refuses it.
func WithReload(f admin.ReloadFunc) Option {
	return func(o *options) { o.reload = f }
}
