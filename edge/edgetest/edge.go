package edgetest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/accessemu/keypool"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/script"
	"github.com/sundog-edge/sundog/edge/script/browser"
	"github.com/sundog-edge/sundog/edge/script/origins"
	"github.com/sundog-edge/sundog/edge/world"
)

// Clock is a test's clock: it stands still until Advance moves it forward.
type Clock = script.Clock

// NewClock is a clock that stands at a time other than the system's.
func NewClock(at time.Time) *Clock { return script.NewClock(at) }

// Edge is an edge for one test. Its methods, and those of the edge.Edge within, may be
// used from several goroutines; those that take a t may end the test, so that they
// belong to its own goroutine.
type Edge struct {
	// Edge is the edge itself. It is nil until Start.
	*edge.Edge

	// Clock is the edge's clock. It may be replaced between NewUnstarted and Start, and
	// advanced at any time. NewUnstarted sets one that stands at the system's time, so
	// that code under test that goes by the system's clock finds the tokens good.
	Clock *Clock

	// Options are given to edge.New after those of this package. They may be set between
	// NewUnstarted and Start. Nil: none.
	Options []edge.Option

	// Config, when not nil, puts the edge on sockets as well. It may be set between
	// NewUnstarted and Start; listen.Ports0() takes free ports. Nil: no sockets.
	Config *listen.Config

	// Server is where the edge listens. Start sets it when Config is not nil.
	Server *listen.Server

	world   *world.World
	origins origins.Set
	mu      sync.Mutex // guards clients
	clients []*edge.Transport
}

// World is what an edge can be made of: the path of a folder or file, or a world.
type World interface{ ~string | *world.World }

// New starts an edge for a test, and closes it when the test ends. A world that does
// not compile ends the test with all that is wrong with it.
func New[W World](t testing.TB, w W, opts ...edge.Option) *Edge {
	t.Helper()
	e := NewUnstarted(t, w)
	e.Options = opts
	e.Start(t)
	return e
}

// NewUnstarted is New without Start, for tests that set fields first.
func NewUnstarted[W World](t testing.TB, w W) *Edge {
	t.Helper()
	return &Edge{Clock: new(Clock), world: load(t, w)}
}

func load[W World](t testing.TB, w W) *world.World {
	t.Helper()
	if made, ok := any(w).(*world.World); ok {
		return made
	}
	loaded, err := world.Load(fmt.Sprint(w))
	if err != nil {
		t.Fatalf("edgetest: the world does not compile:\n%v", err)
	}
	return loaded
}

// Start starts the edge. It panics when it has been started already.
func (e *Edge) Start(t testing.TB) {
	t.Helper()
	if e.Edge != nil {
		panic("edgetest: Edge started already")
	}
	started, err := edge.New(e.world, slices.Concat([]edge.Option{
		edge.WithClock(e.Clock), edge.WithKeys(keypool.Key), edge.WithDial(e.origins.Dial),
	}, e.Options)...)
	if err != nil {
		t.Fatalf("edgetest: the world does not compile:\n%v", err)
	}
	e.Edge = started
	t.Cleanup(func() { e.end(t) })
	if e.Config == nil {
		return
	}
	if e.Server, err = started.Listen(context.Background(), *e.Config, started.Control("edgetest")); err != nil {
		t.Fatalf("edgetest: %v", err)
	}
}

func (e *Edge) end(t testing.TB) {
	if t.Failed() {
		t.Log(script.Traces(e.Edge))
	}
	e.mu.Lock()
	for _, c := range e.clients {
		c.CloseIdleConnections()
	}
	e.mu.Unlock()
	var errs []error
	if e.Server != nil {
		errs = append(errs, e.Server.Close())
	}
	errs = append(errs, e.Edge.Close(), e.origins.Close())
	if err := errors.Join(errs...); err != nil {
		t.Errorf("edgetest: closing the edge: %v", err)
	}
}

// Client returns a client that nobody has logged in: a cookie jar of its own, the
// world's default client as address, and redirects followed as http.Client does.
func (e *Edge) Client() *http.Client { return e.ClientNamed("") }

// ClientNamed is Client with the address and country of an entry of clients:.
func (e *Edge) ClientNamed(name string) *http.Client {
	transport := e.Transport().WithClient(name)
	e.mu.Lock()
	e.clients = append(e.clients, transport)
	e.mu.Unlock()
	return &http.Client{Transport: transport, Jar: edge.NewJar(e.Clock.Now)}
}

// Origin lets a handler answer for an address that the world names:
// "http://localhost:8080". It may be called at any time, and replaces the handler that
// was there.
func (e *Edge) Origin(address string, h http.Handler) *origins.Origin {
	o, err := e.origins.Put(address, h)
	if err != nil {
		panic("edgetest: " + err.Error())
	}
	return o
}

// OriginDown makes an address refuse connections, as a port does behind which nobody
// listens.
func (e *Edge) OriginDown(address string) {
	e.Origin(address, http.NotFoundHandler()).Down()
}

// OTP is the newest PIN that was mailed to an address and still works. Where none was,
// as for an address that no policy allows, the test ends.
func (e *Edge) OTP(t testing.TB, email string) string {
	t.Helper()
	code, ok := e.Access().OTP(email, "")
	if !ok {
		t.Fatalf("edgetest: no PIN that still works was mailed to %s", email)
	}
	return code
}

// Mailed says whether a PIN that still works was mailed to an address.
func (e *Edge) Mailed(email string) bool {
	_, ok := e.Access().OTP(email, "")
	return ok
}

// Login returns a client that logged in at the first of the world's applications that
// lets this address in. When none does, the test ends and tells which page was met, and
// why.
func (e *Edge) Login(t testing.TB, email string) *http.Client {
	t.Helper()
	var errs []error
	for _, app := range e.Summary().Apps {
		for _, domain := range app.Domains {
			client, err := e.loginTo(email, "https://"+strings.ReplaceAll(domain, "*", "any"))
			if err == nil {
				return client
			}
			errs = append(errs, err)
		}
	}
	if len(errs) == 0 {
		t.Fatal("edgetest: the world has no Access application to log in to")
	}
	t.Fatalf("edgetest: %v", errors.Join(errs...))
	return nil
}

// LoginTo is Login at a URL.
func (e *Edge) LoginTo(t testing.TB, email, url string) *http.Client {
	t.Helper()
	client, err := e.loginTo(email, url)
	if err != nil {
		t.Fatalf("edgetest: %v", err)
	}
	return client
}

func (e *Edge) loginTo(email, url string) (*http.Client, error) {
	client := e.Client()
	b := browser.Browser{Client: client}
	_, err := b.Login(context.Background(), email, url, func(email, nonce string) string {
		code, _ := e.Access().OTP(email, nonce)
		return code
	})
	return client, err
}

// Run runs the scenarios that match the patterns of filepath.Glob, each as a parallel
// subtest.
func Run(t *testing.T, patterns ...string) {
	t.Helper()
	script.Run(t, patterns...)
}
