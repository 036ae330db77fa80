package listen

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Handlers is who answers. A nil handler leaves the listeners that need it
// closed.
type Handlers struct {
	Edge  http.Handler // HTTPS, plain HTTP, and what the proxy terminates
	Admin http.Handler
	DNS   dns.Handler
	// Tunnel takes connectors from both sockets until ctx ends, and closes both then.
	Tunnel func(ctx context.Context, tcp net.Listener, udp net.PacketConn) error

	// DNSAccept decides on a question's header alone, before DNS sees it.
	// nil: miekg/dns's own rule, which answers malformed ones without EDNS.
	DNSAccept dns.MsgAcceptFunc
	TLS       *tls.Config // of HTTPS and of TLS inside CONNECT; it is cloned

	Proxy ProxyPolicy              // nil: the proxy refuses every target
	Dial  DialFunc                 // opens what Proxy passes through; nil: a net.Dialer
	Probe func(addr string) string // who owns a taken port, as "a sundog of /path"; nil or "": unknown
	Log   *slog.Logger             // broken clients at debug level, panics as errors; nil: silent
}

// Limits of every HTTP server. There is no bound on reading or writing a
// body, but of what the admin port reads: streams last as long as both sides want them.
const (
	defaultGrace         = 3 * time.Second
	defaultHeaderTimeout = 10 * time.Second
	defaultIdleTimeout   = 2 * time.Minute
	defaultTunnelIdle    = 10 * time.Minute
	defaultBodyTimeout   = 10 * time.Second
	defaultMaxConns      = 4096
	maxHeaderBytes       = 128 << 10 // the real edge's limit on a request's fields
	hardLimit            = 5 * time.Second
)

// Server is a set of listeners that answer. Close it.
type Server struct {
	addrs   Addrs
	grace   time.Duration
	tracker tracker
	gate    gate
	cancel  context.CancelFunc // ends the context of every request
	unhook  func() bool
	https   []*http.Server
	dns     []*dns.Server
	dnsUDP  *net.UDPConn // nil: DNS is off
	dialled func()       // ends the tunnel listener; nil: it is off
	queues  []*Queue
	running sync.WaitGroup // one per serving goroutine

	closing  sync.Once
	closeErr error
}

// Serve binds every listener of cfg and answers on all of them; when it
// returns, each accepts connections. Either all are bound or none, and every
// address that is wrong or taken is reported at once ([AddrError],
// [TakenError], joined). When ctx ends, the server closes itself as Close
// does.
func Serve(ctx context.Context, cfg Config, h Handlers) (*Server, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ps, err := cfg.places(h)
	if err != nil {
		return nil, err
	}
	socks, err := bind(ctx, ps, h.Probe)
	if err != nil {
		return nil, err
	}
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{addrs: socks.addrs(), grace: orDefault(cfg.Grace, defaultGrace)}
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	if err := s.startDNS(socks, cfg, h); err != nil {
		socks.close()
		s.Close()
		return nil, err
	}
	s.startHTTP(base, cfg, h, socks)
	s.startTunnel(base, h, socks)
	s.unhook = context.AfterFunc(ctx, func() { s.Close() })
	return s, nil
}

// Addrs returns where the server listens.
func (s *Server) Addrs() Addrs { return s.addrs }

// startHTTP serves HTTPS, the proxy, the inside of CONNECT, and admin.
func (s *Server) startHTTP(base context.Context, cfg Config, h Handlers, socks *sockets) {
	server := func(handler http.Handler) *http.Server {
		srv := &http.Server{
			Handler:                      s.counted(handler),
			DisableGeneralOptionsHandler: true,
			ReadHeaderTimeout:            orDefault(cfg.HeaderTimeout, defaultHeaderTimeout),
			IdleTimeout:                  orDefault(cfg.IdleTimeout, defaultIdleTimeout),
			MaxHeaderBytes:               maxHeaderBytes,
			BaseContext:                  func(net.Listener) context.Context { return base },
			ConnContext:                  connContext,
			ConnState:                    markUsed,
			ErrorLog:                     log.New(&errorLog{h.Log}, "", 0),
		}
		s.https = append(s.https, srv)
		return srv
	}
	limited := func(name string, l net.Listener, info *Info) net.Listener {
		return &tracked{Listener: l, tracker: &s.tracker, info: info, room: newRoom(cfg.MaxConns, name, h.Log)}
	}
	info := Info{HTTPSPort: portOf(s.addrs.HTTPS), ProxyPort: portOf(s.addrs.Proxy)}
	inTLS := info
	inTLS.TLS = true

	var tlsQueue *Queue
	if h.Edge != nil && h.TLS != nil {
		tlsQueue = s.queue()
		srv := server(edgeOnly(h.Edge, s.addrs.Proxy))
		srv.TLSConfig = h.TLS.Clone()
		s.run(func() error { return srv.ServeTLS(tlsQueue, "", "") })
		if socks.https != nil {
			l := limited("https", socks.https, &inTLS)
			s.run(func() error { return srv.ServeTLS(l, "", "") })
		}
	}
	if socks.proxy != nil {
		plainQueue := s.queue()
		plain := server(edgeOnly(h.Edge, s.addrs.Proxy))
		s.run(func() error { return plain.Serve(plainQueue) })
		p := newProxy(cfg, h, &info, tlsQueue, plainQueue)
		srv := server(p)
		l := limited("proxy", socks.proxy, &info)
		s.run(func() error { return srv.Serve(l) })
	}
	if socks.admin != nil {
		srv := server(promptBodies(h.Admin, orDefault(cfg.BodyTimeout, defaultBodyTimeout)))
		l := limited("admin", socks.admin, &info)
		s.run(func() error { return srv.Serve(l) })
	}
}

func (s *Server) queue() *Queue {
	q := &Queue{}
	s.queues = append(s.queues, q)
	return q
}

func (s *Server) run(serve func() error) {
	s.running.Go(func() { serve() })
}

// counted lets Close wait for handlers to return.
func (s *Server) counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.gate.enter() {
			panic(http.ErrAbortHandler)
		}
		defer s.gate.leave()
		h.ServeHTTP(w, r)
	})
}

// edgeOnly is a port that is no proxy: Edge in origin form, and no CONNECT.
func edgeOnly(edge http.Handler, proxyAddr string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			text := "CONNECT is for a proxy, and this port is none"
			if proxyAddr != "" {
				text += "; the proxy is at " + proxyAddr
			}
			refuse(w, http.StatusMethodNotAllowed, text)
			return
		}
		originForm(r)
		edge.ServeHTTP(w, r)
	})
}

// Close stops accepting, lets requests under way end within Config.Grace,
// and then ends what is left: their contexts, connections, and those that
// were hijacked. When it returns nil no goroutine of the server is left. It
// may be called more than once and concurrently.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), s.grace)
	defer cancel()
	return s.Shutdown(ctx)
}

// Shutdown is Close with ctx in place of Config.Grace. The error says how
// many requests did not end although they were told to.
func (s *Server) Shutdown(ctx context.Context) error {
	s.closing.Do(func() { s.closeErr = s.shutdown(ctx) })
	return s.closeErr
}

func (s *Server) shutdown(ctx context.Context) error {
	if s.unhook != nil {
		s.unhook()
	}
	var graceful sync.WaitGroup
	for _, srv := range s.https {
		graceful.Go(func() { srv.Shutdown(ctx) })
	}
	for _, srv := range s.dns {
		graceful.Go(func() { srv.ShutdownContext(ctx) })
	}
	if s.dnsUDP != nil {
		s.dnsUDP.Close()
	}
	for _, q := range s.queues {
		q.Close()
	}
	s.tracker.closeUnused()
	graceful.Wait()
	if s.dialled != nil { // after the requests that connectors carry
		s.dialled()
	}

	s.cancel()
	released := s.tracker.closeAll()
	s.running.Wait()
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardLimit)
	defer cancel()
	if n := s.gate.drain(hard); n > 0 {
		return fmt.Errorf("%d requests still run %v after their contexts ended", n, hardLimit)
	}
	select {
	case <-released:
		return nil
	case <-hard.Done():
		return fmt.Errorf("%d connections are still held %v after they were closed", s.tracker.left(), hardLimit)
	}
}

// errorLog is where http.Server writes: a handler's panic is ours, all else
// is a client's doing.
type errorLog struct{ log *slog.Logger }

func (e *errorLog) Write(p []byte) (int, error) {
	level := slog.LevelDebug
	if bytes.Contains(p, []byte("panic serving")) {
		level = slog.LevelError
	}
	e.log.Log(context.Background(), level, string(bytes.TrimRight(p, "\n")))
	return len(p), nil
}
