package origins

import (
	"context"
	"crypto/tls"
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

	"github.com/sundog-edge/sundog/edge/ca"
	"github.com/sundog-edge/sundog/edge/listen"
)

// Set is a group of origins by the address that the edge dials. The zero value is an
// empty one. It is safe for concurrent use.
type Set struct {
	mu      sync.RWMutex // guards byAddr, closed and certs
	byAddr  map[string]*Origin
	closed  bool
	certs   *tls.Config    // of https origins; nil: none yet
	running sync.WaitGroup // servers and requests
}

// Origin is one origin of a Set.
type Origin struct {
	Addr string // what the edge dials: "localhost:8080"

	set     *Set
	scheme  string       // of Listen's URL
	handler http.Handler // nil: raw
	raw     func(net.Conn)
	certs   *tls.Config // nil: without TLS
	mu      sync.Mutex  // guards what follows
	server  server
	queue   *listen.Queue
	real    string
}

// Put binds a handler to an address: "http://localhost:8080", or "localhost:8080". One
// of https:// shows a certificate that nobody trusts, and speaks HTTP/2 to who asks. An
// origin that is there already is closed and replaced.
func (s *Set) Put(address string, h http.Handler) (*Origin, error) {
	o, err := s.origin(address)
	if err != nil {
		return nil, err
	}
	if o.scheme != "http" && o.scheme != "https" {
		return nil, fmt.Errorf("origins: %q: a handler answers HTTP; give a raw one for %s://", address, o.scheme)
	}
	if o.scheme == "https" {
		if o.certs, err = s.certificates(); err != nil {
			return nil, err
		}
	}
	o.handler = h
	return o, s.put(o)
}

// PutRaw binds what speaks bytes to an address such as "ssh://localhost:22". It gets
// each connection on a goroutine of its own, and the connection is closed when it
// returns, and when the origin goes down.
func (s *Set) PutRaw(address string, speak func(net.Conn)) (*Origin, error) {
	o, err := s.origin(address)
	if err != nil {
		return nil, err
	}
	o.raw = speak
	return o, s.put(o)
}

func (s *Set) origin(address string) (*Origin, error) {
	scheme, addr, err := dialled(address)
	return &Origin{Addr: addr, set: s, scheme: scheme}, err
}

// certificates are for every name, and of an authority of this set's own.
func (s *Set) certificates() (*tls.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.certs == nil {
		authority, err := ca.New(ca.Options{})
		if err != nil {
			return nil, err
		}
		s.certs = &tls.Config{GetCertificate: authority.GetCertificate(everyName{}), MinVersion: tls.VersionTLS12}
	}
	return s.certs, nil
}

type everyName struct{}

func (everyName) Leaf(host string) (string, bool) { return host, true }

func (s *Set) put(o *Origin) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return net.ErrClosed
	}
	if s.byAddr == nil {
		s.byAddr = make(map[string]*Origin)
	}
	old := s.byAddr[o.Addr]
	s.byAddr[o.Addr] = o
	s.mu.Unlock()
	if old != nil {
		old.Down()
	}
	o.Up()
	return nil
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
	o.queue = &listen.Queue{HTTP: o.handler != nil}
	o.serve(o.queue)
}

// serve runs the origin's server on a listener; o.mu is held.
func (o *Origin) serve(l net.Listener) {
	if o.server == nil {
		o.server = o.newServer()
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

// server is what speaks on an origin's listeners until it is closed.
type server interface {
	Serve(net.Listener) error
	Close() error
}

func (o *Origin) newServer() server {
	if o.raw != nil {
		return &rawServer{speak: o.raw}
	}
	srv := &http.Server{Handler: http.HandlerFunc(o.counted), ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	if o.certs == nil {
		return srv
	}
	srv.TLSConfig = o.certs.Clone()
	return tlsServer{srv}
}

type tlsServer struct{ *http.Server }

func (s tlsServer) Serve(l net.Listener) error { return s.ServeTLS(l, "", "") }

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
		o.real = o.scheme + "://" + l.Addr().String()
		o.serve(l)
	}
	return o.real, nil
}

// defaultPorts are those of the schemes that an origin may have.
var defaultPorts = map[string]string{"http": "80", "https": "443", "tcp": "7864", "ssh": "22", "rdp": "3389", "smb": "445"}

// dialled is the address that a dial to an origin's URL uses, in lower case.
func dialled(address string) (scheme, addr string, err error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		return "", "", fmt.Errorf("origins: %q is no address: write http://HOST:PORT as the world does", address)
	case defaultPorts[u.Scheme] == "":
		return "", "", fmt.Errorf("origins: %q: an in-process origin speaks http, https, tcp, ssh, rdp or smb", address)
	case u.Path != "" && u.Path != "/":
		return "", "", fmt.Errorf("origins: %q: an origin is an address, without a path", address)
	}
	port := u.Port()
	if port == "" {
		port = defaultPorts[u.Scheme]
	}
	return u.Scheme, strings.ToLower(net.JoinHostPort(u.Hostname(), port)), nil
}
