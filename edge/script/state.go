package script

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/script/browser"
	"github.com/sundog-edge/sundog/edge/script/origins"
	"github.com/sundog-edge/sundog/edge/world"
)

type stateKey struct{}

// state is what one script has made so far.
type state struct {
	options Options
	workDir string
	log     func(format string, args ...any) // of the script's log; nil before the first command

	clock   Clock
	origins origins.Set
	named   map[string]*namedOrigin

	edge     *edge.Edge
	world    *world.World
	worldDir string
	server   *listen.Server // nil: the edge is on no socket
	jars     map[string]http.CookieJar
	ways     map[string]closeableTransport // by client
	asked    map[string]*asked             // by jar: the page that waits for a PIN
	appeared map[string]int                // by file: how many bytes of it were looked at
}

type closeableTransport interface {
	http.RoundTripper
	CloseIdleConnections()
}

// asked is a login that got as far as the PIN.
type asked struct {
	email string
	page  *browser.Page
}

func newState(o Options, env *testscript.Env) *state {
	return &state{
		options: o, workDir: env.WorkDir,
		named: make(map[string]*namedOrigin),
		jars:  make(map[string]http.CookieJar),
		ways:  make(map[string]closeableTransport),
		asked: make(map[string]*asked), appeared: make(map[string]int),
	}
}

// end closes everything; of a script that failed it first tells what the edge saw.
func (s *state) end(failed bool) {
	if failed && s.edge != nil && s.log != nil {
		s.log("%s", s.normal().text(Traces(s.edge)))
	}
	for _, way := range s.ways {
		way.CloseIdleConnections()
	}
	if s.server != nil {
		if err := s.server.Close(); err != nil && s.log != nil {
			s.log("listeners: %v", err)
		}
	}
	if s.edge != nil {
		s.edge.Close()
	}
	if err := s.origins.Close(); err != nil && s.log != nil {
		s.log("%v", err)
	}
}

// Traces are the requests that an edge saw, the oldest first, as text.
func Traces(e *edge.Edge) string {
	all := e.Traces().Last(0)
	if len(all) == 0 {
		return "the edge saw no request\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "what the edge saw (%d):\n", len(all))
	for _, t := range slices.Backward(all) {
		b.WriteString(t.String())
	}
	return b.String()
}

// running is the script's edge; without one the script ends.
func (c *call) running() *edge.Edge {
	if c.edge == nil {
		c.fail("no edge runs yet; start one first: edge DIR")
	}
	return c.edge
}

// noJar is the name of the jar that keeps nothing.
const noJar = "none"

func (s *state) jar(name string) http.CookieJar {
	if name == noJar {
		return edge.NewJar(s.now)
	}
	jar, ok := s.jars[name]
	if !ok {
		jar = edge.NewJar(s.now)
		s.jars[name] = jar
	}
	return jar
}

// client asks the edge: in process, or through the proxy port when there is one.
func (c *call) client(as, jar string) *http.Client {
	e := c.running()
	way, ok := c.ways[as]
	if !ok {
		way = e.Transport().WithClient(as)
		if c.server != nil {
			way = c.throughProxy(as)
		}
		c.ways[as] = way
	}
	return &http.Client{Transport: way, Jar: c.jar(jar)}
}

// request bounds how long a command waits for an answer.
func (c *call) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), answerLimit)
}

// path is a file's name as the script means it.
func (c *call) path(name string) string { return filepath.Clean(c.ts.MkAbs(name)) }
