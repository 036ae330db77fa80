package edge

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/sundog-edge/sundog/edge/listen"
)

// local is what runs inside the process and on no socket: servers behind Transport, origins that
// are handlers, the edge itself as a host that its own origins dial. Each starts when it is
// first needed.
type local struct {
	edge *Edge

	mu      sync.Mutex // guards all below
	closed  bool
	servers []*http.Server
	queues  []*listen.Queue
	running sync.WaitGroup
	origins map[string]*listen.Queue // by dial address
	world   [2]*listen.Queue         // the edge as an origin: plain, TLS
}

// serve runs a handler on a queue until close. A TLS config makes it speak TLS.
// It returns nil after close.
func (l *local) serve(h http.Handler, config *tls.Config, info *listen.Info) *listen.Queue {
	if l.closed {
		return nil
	}
	q := &listen.Queue{HTTP: true}
	srv := &http.Server{
		Handler:           h,
		TLSConfig:         config,
		ReadHeaderTimeout: 10 * time.Second,
	}
	if info != nil {
		srv.BaseContext = func(net.Listener) context.Context { return listen.With(context.Background(), info) }
	}
	l.servers, l.queues = append(l.servers, srv), append(l.queues, q)
	l.running.Go(func() {
		if config != nil {
			srv.ServeTLS(q, "", "") // ends when the queue is closed
			return
		}
		srv.Serve(q)
	})
	return q
}

// origin is the queue of a handler given by WithOrigin, or false.
func (l *local) origin(addr string) (*listen.Queue, bool) {
	if len(l.edge.options.origins) == 0 {
		return nil, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.origins == nil {
		l.origins = make(map[string]*listen.Queue)
		for from, h := range l.edge.options.origins {
			at, secure, ok := dialAddress(from)
			if !ok {
				continue
			}
			var config *tls.Config
			if secure {
				config = &tls.Config{GetCertificate: l.edge.ca.GetCertificate(anyName{}), NextProtos: []string{"h2", "http/1.1"}}
			}
			if q := l.serve(h, config, nil); q != nil {
				l.origins[at] = q
			}
		}
	}
	q, ok := l.origins[addr]
	return q, ok
}

// self is the queue on which the edge answers as an origin would.
func (l *local) self(secure bool) *listen.Queue {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := 0
	var config *tls.Config
	if secure {
		i, config = 1, l.edge.TLSConfig()
	}
	if l.world[i] == nil {
		l.world[i] = l.serve(l.edge, config, nil)
	}
	return l.world[i]
}

func (l *local) close() {
	l.mu.Lock()
	l.closed = true
	for _, q := range l.queues {
		q.Close()
	}
	for _, s := range l.servers {
		s.Close()
	}
	l.mu.Unlock()
	l.running.Wait()
}

// anyName admits every name: an in-process origin is whoever it is dialled as.
type anyName struct{}

func (anyName) Leaf(host string) (string, bool) { return host, true }
