package connector

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// Protocol is the transport of a connection.
type Protocol string

// The transports.
const (
	HTTP2 Protocol = "http2"
	QUIC  Protocol = "quic"
)

// Server is the edge's side of the tunnel protocol. It is safe for concurrent use.
type Server struct {
	options   Options // filled
	ctx       context.Context
	cancel    context.CancelCauseFunc
	work      sync.WaitGroup
	strangers atomic.Int64

	mu       sync.Mutex // guards what is below, and the registered fields of sessions
	closed   bool
	draining bool
	sessions map[*session]struct{} // registered or not
	changed  chan struct{}         // closed and made anew when a connection has come or gone
	tunnels  atomic.Pointer[map[string]*tunnel]
}

// tunnel is what the Server keeps of a tunnel that a connector has registered with. It stays when connectors leave.
type tunnel struct {
	id         string
	connectors map[wire.ID]*replica // guarded by Server.mu
	ready      atomic.Pointer[[]*session]
	turn       atomic.Uint32
}

// replica is one process that has registered.
type replica struct {
	id       string
	tunnel   *tunnel
	info     wire.Registration
	origin   netip.Addr
	managed  bool
	sessions map[uint8]*session // guarded by Server.mu
	reported []byte             // guarded by Server.mu
	applied  Configuration      // guarded by Server.mu

	pushing chan struct{} // holds one token: configurations go out one after another
}

// New makes a Server that listens nowhere yet.
func New(o Options) *Server {
	o.fill()
	s := &Server{options: o, sessions: map[*session]struct{}{}, changed: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	s.tunnels.Store(&map[string]*tunnel{})
	return s
}

// Close ends every connection at once, and waits for what ran on them.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel(errClosing)
	s.work.Wait()
}

// start runs f as part of the Server, unless that is closed.
func (s *Server) start(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.work.Go(f)
	return true
}

// join counts a call of the RPC as part of the Server, unless that is closed. The caller ends it with work.Done.
func (s *Server) join() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.work.Add(1)
	}
	return !s.closed
}

// news wakes those who wait for connections to come or go. The caller holds mu.
func (s *Server) news() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// await waits until ok, which is called with mu held.
func (s *Server) await(ctx context.Context, ok func() bool) error {
	for {
		s.mu.Lock()
		enough, changed := ok(), s.changed
		s.mu.Unlock()
		if enough {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.ctx.Done():
			return context.Cause(s.ctx)
		}
	}
}

// Await waits until at least so many connections take requests for a tunnel.
func (s *Server) Await(ctx context.Context, tunnelID string, connections int) error {
	return s.await(ctx, func() bool {
		t := s.tunnelOf(tunnelID)
		return connections == 0 || t != nil && len(*t.ready.Load()) >= connections
	})
}

// tunnelOf finds a tunnel that connectors have registered with; nil: none ever has. Ids are compared as they are given.
func (s *Server) tunnelOf(id string) *tunnel { return (*s.tunnels.Load())[id] }

// enrol finds or makes the tunnel of a registration. The caller holds mu.
func (s *Server) enrol(id string) *tunnel {
	old := *s.tunnels.Load()
	if t := old[id]; t != nil {
		return t
	}
	next := make(map[string]*tunnel, len(old)+1)
	for k, v := range old {
		next[k] = v
	}
	t := &tunnel{id: id, connectors: map[wire.ID]*replica{}}
	t.ready.Store(&[]*session{})
	next[id] = t
	s.tunnels.Store(&next)
	return t
}

// Connector is one process that has connections to the edge.
type Connector struct {
	ID          string // UUID, new at each start of the process
	Version     string
	Arch        string // "linux_amd64"
	Features    []string
	OriginIP    netip.Addr // where its connections come from
	Connections []Connection
	// Reported is what a locally managed connector serves, as JSON; nil: it has not said so.
	Reported []byte
	Config   Configuration // of a remotely managed one
}

// Connection is one of a connector's connections.
type Connection struct {
	ID       string // UUID
	Index    int    // 0 to 3
	Protocol Protocol
	Location string
	Remote   netip.AddrPort
	OpenedAt time.Time
	Running  int  // requests and streams on it
	Draining bool // it takes no more of them
}

// Configuration is what a connector has said about configurations that were pushed.
type Configuration struct {
	Version int    // the newest that it has applied; 0 and not Known: none was pushed
	Known   bool   // it has answered
	Err     string // why it did not apply the newest; "": it did
}
