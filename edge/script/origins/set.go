package origins

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/sundog-edge/sundog/edge/listen"
)

// Set is a group of origins by the address that the edge dials. The zero value is an
// empty one. It is safe for concurrent use.
type Set struct {
	mu      sync.RWMutex // guards byAddr and closed
	byAddr  map[string]*Origin
	closed  bool
	running sync.WaitGroup // servers and requests
}

// Origin is one origin of a Set.
type Origin struct {
	Addr string // what the edge dials: "localhost:8080"

	set     *Set
	handler http.Handler
	mu      sync.Mutex // guards what follows
	server  *http.Server
	queue   *listen.Queue
	real    string
}

// Put binds a handler to an address: "http://localhost:8080", or "localhost:8080". An
// origin that is there already is closed and replaced.
func (s *Set) Put(address string, h http.Handler) (*Origin, error) {
	addr, err := dialled(address)
	if err != nil {
		return nil, err
	}
	o := &Origin{Addr: addr, set: s, handler: h}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, net.ErrClosed
	}
	if s.byAddr == nil {
		s.byAddr = make(map[string]*Origin)
	}
	old := s.byAddr[addr]
	s.byAddr[addr] = o
	s.mu.Unlock()
	if old != nil {
		old.Down()
	}
	o.Up()
	return o, nil
}

// Dial is an edge's DialFunc: it connects to an origin of the set, and refuses, as a
// closed port does, when that origin is down.
func (s *Set) Dial(ctx context.Context, network, addr string) (net.Conn, bool, error) {
	s.mu.RLock()
	o, ok := s.byAddr[strings.ToLower(addr)]
	s.mu.RUnlock()
	if !ok {
		return nil, false, nil
	}
	o.mu.Lock()
	q := o.queue
	o.mu.Unlock()
	if q != nil {
		conn, err := q.Dial(ctx)
		if !errors.Is(err, net.ErrClosed) { // closed: taken down meanwhile
			return conn, true, err
		}
	}
	return nil, true, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
}

// linger is how long Close lets handlers end after their connections did.
const linger = 5 * time.Second

// Close takes all origins down for good and waits for what they run. A handler that
// does not end although its request was cancelled is an error.
func (s *Set) Close() error {
	s.mu.Lock()
	s.closed = true
	all := s.byAddr
	s.byAddr = nil
	s.mu.Unlock()
	for _, o := range all {
		o.Down()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.running.Wait()
	}()
	timer := time.NewTimer(linger)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
		return fmt.Errorf("origins: a handler still runs %v after its request was cancelled; let it watch the request's context", linger)
	}
}

// enter counts something that Close waits for, until running.Done. After Close it says
// false.
func (s *Set) enter() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}

// counted lets Close wait for requests.
func (o *Origin) counted(w http.ResponseWriter, r *http.Request) {
	if !o.set.enter() {
		panic(http.ErrAbortHandler)
	}
	defer o.set.running.Done()
	o.handler.ServeHTTP(w, r)
}

// Up brings the origin back.
func (o *Origin) Up() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.queue != nil {
		return
	}
	o.queue = &listen.Queue{HTTP: true}
	o.serve(o.queue)
}

// serve runs the origin's server on a listener; o.mu is held.
func (o *Origin) serve(l net.Listener) {
	if o.server == nil {
		o.server = &http.Server{Handler: http.HandlerFunc(o.counted), ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	}
	if !o.set.enter() {
		l.Close()
		return
	}
	srv := o.server
	go func() {
		defer o.set.running.Done()
		srv.Serve(l) // ends when the server is closed
	}()
}

// Down makes the origin refuse connections, and ends those that it has. The real port,
// if there is one, is closed too.
func (o *Origin) Down() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.queue == nil {
		return
	}
	o.queue.Close()
	o.server.Close()
	o.queue, o.server, o.real = nil, nil, ""
}

// Listen opens a real port on loopback beside the in-process address, for clients and
// edges of other processes, and returns its URL: "http://127.0.0.1:41235". It is closed
// with the origin.
func (o *Origin) Listen() (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.queue == nil {
		return "", errors.New("origins: the origin is down")
	}
	if o.real == "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		o.real = "http://" + l.Addr().String()
		o.serve(l)
	}
	return o.real, nil
}

// dialled is the address that a dial to an origin's URL uses, in lower case.
func dialled(address string) (string, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		return "", fmt.Errorf("origins: %q is no address: write http://HOST:PORT as the world does", address)
	case u.Scheme != "http":
		return "", fmt.Errorf("origins: %q: an in-process origin speaks plain HTTP, and only http:// is an address of one", address)
	case u.Path != "" && u.Path != "/":
		return "", fmt.Errorf("origins: %q: an origin is an address, without a path", address)
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	return strings.ToLower(net.JoinHostPort(u.Hostname(), port)), nil
}
