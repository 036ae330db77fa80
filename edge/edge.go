package edge

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/ca"
	"github.com/sundog-edge/sundog/edge/fault"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/trace"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// Edge is a whole edge: one world, compiled, and the state that its requests
// leave behind. Make one with New; it is an http.Handler that takes requests as
// they come from a client, and works with no socket at all.
type Edge struct {
	options
	snap      atomic.Pointer[snapshot]
	access    *accessemu.State
	dns       *dnsemu.Server
	resolver  *dnsemu.Resolver // what 1.1.1.1 and DNS over HTTPS answer
	system    *dnsemu.Resolver // what a machine's own resolver would answer
	queries   *dnsemu.QueryLog
	doh       http.Handler
	aged      atomic.Int64 // the sum of all ages, in nanoseconds
	ca        *ca.Authority
	ring      *trace.Ring
	rays      rays
	secrets   secrets
	refusals  refusals
	loans     loans
	direct    direct
	local     local // in-process servers and origins
	inside    *Transport
	probed    atomic.Pointer[probed]
	strangers meter // of hosts that are not of the world
	// listening is where the last Listen has listened; nil: nowhere.
	listening atomic.Pointer[listen.Addrs]
	stale     atomic.Pointer[stale] // nil: what is served is what the files say
	opened    atomic.Uint64         // what reached the edge and is no request: see admin.Activity
	others    atomic.Uint64
	made      madeSecrets

	connectors *connector.Server // where real connectors dial in
	dialled    dialled
	quick      quicks
	faults     *fault.Set
	code       *codeRunner
	rest       http.Handler // the API
	outside    outside      // of Workers
	devServers outside
	vpc        vpcs
	tails      tails // who watches Workers
	nesting    nesting
	running    context.Context // ends with the edge
	end        context.CancelFunc
	background sync.WaitGroup // what runs until then

	mu      sync.Mutex // guards writes of snap, and what follows
	closed  bool
	version int // of a tunnel's configuration: the greatest that was given out
}

// New compiles a world and returns its edge. A nil world is an empty one.
// The error is world.Errors when the world does not compile.
func New(w *world.World, opts ...Option) (*Edge, error) {
	e := &Edge{options: defaults(), ring: trace.NewRing(0), strangers: meter{host: unknownHost}}
	for _, o := range opts {
		o(&e.options)
	}
	if err := e.rays.seed(e.random); err != nil {
		return nil, fmt.Errorf("edge: no randomness: %w", err)
	}
	e.running, e.end = context.WithCancel(context.Background())
	e.code = e.newCodeRunner()
	if e.headStart && w != nil {
		e.code.engine.Expect(e.expected(w))
	}
	var err error
	if e.secrets, err = newSecrets(e.random); err != nil {
		e.end()
		e.code.close()
		return nil, fmt.Errorf("edge: no randomness: %w", err)
	}
	e.access = accessemu.NewState(accessemu.StateOptions{
		Now: e.clock.Now, Rand: e.random, Keys: e.keys, Log: e.log, Mail: e.mail, HTTP: outward{e},
	})
	authority, err := ca.New(ca.Options{Now: e.clock.Now, Rand: e.random, Installed: e.signer})
	if err != nil {
		e.end()
		e.code.close()
		return nil, fmt.Errorf("edge: %w", err)
	}
	e.ca = authority
	e.faults = fault.New(fault.Options{Now: e.clock.Now})
	e.startConnectors()
	e.direct.edge = e
	e.local.edge = e
	e.vpc.edge = e
	e.rest = whenAsked(e.newAPI)
	e.inside = e.Transport()
	e.snap.Store(&snapshot{})
	e.startDNS()
	if err := e.Apply(w); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// Access is the state of Access: sessions, keys, the inbox of PINs.
func (e *Edge) Access() *accessemu.State { return e.access }

// DNS answers for the zones of the world, as their name servers would.
func (e *Edge) DNS() *dnsemu.Server { return e.dns }

// CA signs the certificates of the hosts of the world.
func (e *Edge) CA() *ca.Authority { return e.ca }

// Traces is the ring of recent requests.
func (e *Edge) Traces() *trace.Ring { return e.ring }

// Log is where the edge tells what a person should know.
func (e *Edge) Log() *slog.Logger { return e.log }

// Close ends what the edge started: in-process servers, idle connections to
// origins. Listeners are closed by whoever opened them. It may be called twice.
func (e *Edge) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	e.end()
	e.faults.Clear()
	e.connectors.Close()
	e.background.Wait()
	e.code.close()
	e.outside.close()
	e.devServers.close()
	e.vpc.close()
	e.local.close()
	e.direct.forget()
	e.snap.Load().close()
	e.access.Close()
	return nil
}
