package worker

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
)

// The kinds of endpoints, by what comes out of the runtime there.
const (
	fromWorker = iota + 1 // a Worker's requests
	fromTail              // what Workers logged
	fromFetch             // fetch() of a Go Worker
	fromCall              // RPC of a Go Worker
)

// endpointKey says whose requests come out at an endpoint. A socket for each is what a request cannot forge, and
// what CONNECT has too, which carries no headers.
type endpointKey struct {
	kind            int
	worker, version string
	binding         string // of VPC
	server          string // name of a Worker that a dev server runs
}

// endpoint is a socket of the engine's that the runtime connects to.
type endpoint struct {
	net.Listener
	key     endpointKey
	address string
	caller  atomic.Pointer[Caller]
}

// endpoints are those that are open, on one server.
type endpoints struct {
	dir    string
	server *http.Server
	serves sync.WaitGroup

	mu   sync.Mutex
	open map[endpointKey]*endpoint // guarded by mu; nil once closed
	next int                       // guarded by mu
}

type endpointOf struct{}

func newEndpoints(dir string, intake func(http.ResponseWriter, *http.Request, *endpoint)) *endpoints {
	e := &endpoints{dir: dir, open: map[endpointKey]*endpoint{}}
	e.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			intake(w, r, r.Context().Value(endpointOf{}).(*endpoint))
		}),
		BaseContext: func(l net.Listener) context.Context {
			return context.WithValue(context.Background(), endpointOf{}, l)
		},
		DisableGeneralOptionsHandler: true,
	}
	return e
}

var errClosed = errors.New("the engine is closed")

// address opens the endpoint if it is not, and says what the caller is from now on.
func (e *endpoints) address(key endpointKey, caller *Caller) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.open == nil {
		return "", errClosed
	}
	p := e.open[key]
	if p == nil {
		l, address, err := listen(e.dir, "o"+strconv.Itoa(e.next))
		if err != nil {
			return "", err
		}
		e.next++
		p = &endpoint{Listener: l, key: key, address: address}
		e.open[key] = p
		e.serves.Go(func() { _ = e.server.Serve(p) })
	}
	p.caller.Store(caller)
	return p.address, nil
}

// keep closes the endpoints that none of the processes needs.
func (e *endpoints) keep(needed ...map[endpointKey]bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
next:
	for key, p := range e.open {
		for _, set := range needed {
			if set[key] {
				continue next
			}
		}
		p.Close()
		delete(e.open, key)
	}
}

func (e *endpoints) close() {
	e.mu.Lock()
	e.open = nil
	e.mu.Unlock()
	e.server.Close()
	e.serves.Wait()
}
