// Package api is the REST API, client/v4: what configures the edge over HTTP.
//
// It has the envelope, the authentication and the errors of the real one, and the routes that
// [Routes] lists: what wrangler calls to deploy Workers and Pages projects, and what manages their
// domains, routes and VPC services. A request to any other route gets the real API's answer to a URI
// that it does not know, and is logged.
//
// The API keeps nothing but files under way: what it is told becomes documents of package world, which
// it writes through a [Store]. It keeps ten versions of a Worker, and those that its last ten
// deployments name.
package api

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// Prefix is the path under which the API lies.
const Prefix = "/client/v4"

// Options are what the API needs. The zero value accepts no token.
type Options struct {
	Token string       // the API token of this world; empty: none is accepted
	Store Store        // nil: an empty world that cannot be written
	Log   *slog.Logger // requests to no route, and what is not as at the real API; nil: dropped
	Email string       // of the user whose token it is; empty: developer@localhost
	// Pages makes the version that serves an upload of a Pages project; nil: one whose code runs for every
	// request, whatever _routes.json says.
	Pages func(PagesUpload) (*version.Version, error)
	Now   func() time.Time // nil: the system's clock
	Rand  io.Reader        // ids of versions and deployments; nil: crypto/rand
}

// New returns the API's handler. It takes paths that begin with Prefix.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Store == nil {
		o.Store = emptyStore{}
	}
	if o.Email == "" {
		o.Email = "developer@localhost"
	}
	if o.Pages == nil {
		o.Pages = plainPages
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	s := &server{Options: o, writing: make(chan struct{}, 1), mux: http.NewServeMux()}
	s.uploads = newUploads(s.newBytes, o.Now)
	s.tails = newTails(o.Now)
	for _, route := range routes() {
		s.mux.Handle(route.method+" "+Prefix+route.path, s.handler(route))
	}
	s.mux.HandleFunc("/", s.unknown)
	return s
}

type server struct {
	Options
	mux     *http.ServeMux
	writing chan struct{} // holds one while a handler that writes runs
	uploads *uploads
	asked   asked // queues
	tails   *tails
	random  sync.Mutex // guards Rand
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !straight(r.URL.EscapedPath()) { // the mux would redirect, or take dots for a name
		s.unknown(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// straight tells whether each step of an escaped path is a name: neither empty nor dots.
func straight(escaped string) bool {
	for step := range strings.SplitSeq(strings.TrimPrefix(escaped, "/"), "/") {
		if name, err := url.PathUnescape(step); err != nil || strings.Trim(name, ".") == "" {
			return false
		}
	}
	return true
}

// unknown answers what no route is for.
func (s *server) unknown(w http.ResponseWriter, r *http.Request) {
	if f := s.authenticate(r); f != nil {
		s.answer(w, nil, f)
		return
	}
	s.answer(w, nil, s.lost(r))
}

// lost is the failure of a request that leads nowhere, which is always told.
func (s *server) lost(r *http.Request) *failure {
	s.Log.Warn("no such API route", "method", r.Method, "path", r.URL.Path)
	return noRoute(strings.TrimPrefix(r.URL.Path, Prefix))
}

// handler is a route behind its authentication, with the body read.
func (s *server) handler(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{server: s, r: r, ctx: r.Context(), query: r.URL.Query()}
		if err := c.enter(route); err != nil {
			s.answer(w, nil, err)
			return
		}
		if route.upgrade != nil {
			route.upgrade(c, w)
			return
		}
		var err error
		if c.body, err = readBody(w, r); err != nil {
			s.answer(w, nil, err)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			select {
			case s.writing <- struct{}{}:
				defer func() { <-s.writing }()
			case <-c.ctx.Done():
				return
			}
			c.layers = s.Store.Layers()
		}
		result, err := route.do(c)
		s.answer(w, result, err)
	})
}

// enter lets a request in: by the token, unless the route has another credential, and by its account.
func (c *call) enter(route route) error {
	c.layers = c.Store.Layers()
	c.account = settings(c.layers).AccountID
	if !route.open {
		if f := c.authenticate(c.r); f != nil {
			return f
		}
	}
	if given := c.arg("account"); given != "" && given != c.account {
		if isHex32(given) {
			return notAuthorized()
		}
		return c.lost(c.r)
	}
	return nil
}

func isHex32(id string) bool {
	return len(id) == 32 && strings.Trim(id, "0123456789abcdef") == ""
}
