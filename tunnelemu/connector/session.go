package connector

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// link is a connection of either transport. The errors of roundTrip and dial are made by fail.
type link interface {
	protocol() Protocol
	roundTrip(t *trip) (*http.Response, error)
	dial(ctx context.Context, to netip.AddrPort) (net.Conn, error)
	push(ctx context.Context, version int32, config []byte) (wire.Applied, error)
	done() <-chan struct{}
	end(reason string) // at once, whatever runs
}

// session is one connection, from its control stream on.
type session struct {
	server *Server
	link   link
	remote netip.AddrPort

	// Set once by Register, before registered is closed; read by others after it only.
	tunnel    *tunnel
	connector *replica
	index     uint8
	id        string
	openedAt  time.Time

	control      *wire.Control
	asked        atomic.Bool   // a registration has been tried
	gone         bool          // remove was here; guarded by Server.mu
	registered   chan struct{} // closed
	refused      chan string   // holds the reason
	leaving      chan struct{} // closed: no more requests
	draining     atomic.Bool
	unregistered atomic.Bool // the connector has asked to leave
	running      atomic.Int64
	idle         chan struct{} // holds a token when running fell to 0 while draining
}

// How long an answer may stay unread, and a goodbye unsaid, before the connection is ended all the same.
const answerPatience = 2 * time.Second

// run serves a connection whose control stream is open, until it has ended.
func (s *Server) run(l link, remote netip.AddrPort, control io.ReadWriteCloser, registerBy context.Context) {
	c := &session{
		server: s, link: l, remote: remote,
		registered: make(chan struct{}), refused: make(chan string, 1), leaving: make(chan struct{}), idle: make(chan struct{}, 1),
	}
	s.mu.Lock()
	s.sessions[c] = struct{}{}
	c.control = wire.ServeControl(control, c, s.options.Log)
	s.mu.Unlock()
	reason := c.wait(registerBy)
	l.end(reason)
	c.control.Close()
	c.remove(reason)
}

// wait returns why the connection is to end.
func (c *session) wait(registerBy context.Context) string {
	s := c.server
	select {
	case <-c.registered:
	case why := <-c.refused:
		ctx, cancel := context.WithTimeout(s.ctx, answerPatience)
		defer cancel()
		c.control.Parted(ctx)
		return why
	case <-c.control.Done():
		return c.log("the control stream ended before a registration", c.control.Err())
	case <-c.link.done():
		return c.log("the connector closed the connection before it registered", nil)
	case <-c.leaving:
		return errClosing.Error()
	case <-registerBy.Done():
		if s.ctx.Err() != nil {
			return errClosing.Error()
		}
		return c.log("the connector did not register in time", nil)
	}
	s.strangers.Add(-1)
	defer s.strangers.Add(1) // balances the caller's
	control := c.control.Done()
	for {
		select {
		case <-c.link.done():
			return "the connector closed the connection"
		case <-s.ctx.Done():
			return errClosing.Error()
		case <-control:
			if err := c.control.Err(); err != nil {
				return "the control stream broke: " + err.Error()
			}
			control = nil // requests need none
		case <-c.leaving:
			c.drain(s.ctx)
			return "drained"
		}
	}
}

// drain waits until nothing runs any more, and the connector has read every answer.
func (c *session) drain(ctx context.Context) {
	for c.running.Load() > 0 {
		select {
		case <-c.idle:
		case <-c.link.done():
			return
		case <-ctx.Done():
			return
		}
	}
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	if c.unregistered.Load() {
		c.control.Parted(ctx)
		return
	}
	c.control.Settled(ctx)
}

// log writes down why somebody who never registered is sent away.
func (c *session) log(reason string, err error) string {
	if err != nil {
		reason += ": " + err.Error()
	}
	c.server.options.Log.Info("connection ended", slog.String("reason", reason), slog.String("protocol", string(c.link.protocol())), slog.String("remote", c.remote.String()))
	return reason
}

// acquire takes a place on the session; false: it takes no more.
func (c *session) acquire() bool {
	c.running.Add(1)
	if !c.draining.Load() {
		return true
	}
	c.release()
	return false
}

func (c *session) release() {
	if c.running.Add(-1) == 0 && c.draining.Load() {
		select {
		case c.idle <- struct{}{}:
		default:
		}
	}
}

// leave takes the session out of the choice, once.
func (c *session) leave() bool {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.leaveLocked()
}

func (c *session) leaveLocked() bool {
	if c.draining.Swap(true) {
		return false
	}
	if c.tunnel != nil {
		c.tunnel.arrange()
	}
	close(c.leaving)
	return true
}

// remove forgets the session.
func (c *session) remove(reason string) {
	s := c.server
	s.mu.Lock()
	delete(s.sessions, c)
	c.gone = true
	r := c.connector
	if r != nil {
		if r.sessions[c.index] == c {
			delete(r.sessions, c.index)
		}
		if len(r.sessions) == 0 && r.tunnel.connectors[r.info.Connector] == r {
			delete(r.tunnel.connectors, r.info.Connector)
		}
		c.draining.Store(true)
		r.tunnel.arrange()
	}
	s.news()
	s.mu.Unlock()
	if r != nil {
		c.tell(Event{Kind: Closed, Reason: reason})
		c.logger().Info("connection closed", slog.String("reason", reason))
	}
}

// tell adds whose event it is.
func (c *session) tell(e Event) {
	e.Tunnel, e.Connector, e.Index, e.Protocol = c.tunnel.id, c.connector.id, int(c.index), c.link.protocol()
	c.server.options.OnChange(e)
}

func (c *session) logger() *slog.Logger {
	return c.server.options.Log.With(slog.String("tunnel", c.tunnel.id), slog.String("connector", c.connector.id),
		slog.Int("index", int(c.index)), slog.String("protocol", string(c.link.protocol())))
}

// Register is part of the RPC.
func (c *session) Register(ctx context.Context, r wire.Registration) (wire.Details, error) {
	s := c.server
	if !s.join() {
		return wire.Details{}, errClosing
	}
	defer s.work.Done()
	id := formatID(r.Tunnel)
	d, err := c.register(ctx, id, r)
	if err == nil {
		return d, nil
	}
	why := err.Error()
	var answer *Refusal
	switch {
	case errors.Is(err, ErrDrop):
		c.link.end(why)
	case errors.As(err, &answer):
		why = answer.Cause
	}
	s.options.Log.Warn("registration refused", slog.String("reason", why), slog.String("tunnel", id), slog.String("connector", formatID(r.Connector)),
		slog.Int("index", int(r.Index)), slog.String("protocol", string(c.link.protocol())), slog.String("remote", c.remote.String()))
	s.options.OnChange(Event{Kind: Refused, Tunnel: id, Connector: formatID(r.Connector), Index: int(r.Index), Protocol: c.link.protocol(), Reason: why})
	select {
	case c.refused <- why:
	default:
	}
	return d, err
}

func (c *session) register(ctx context.Context, id string, r wire.Registration) (d wire.Details, err error) {
	s := c.server
	if c.asked.Swap(true) {
		return d, &Refusal{Cause: "This connection has been registered already"}
	}
	if err := s.options.Fault(ctx, Point{StageRegister, c.link.protocol(), id, formatID(r.Connector), int(r.Index)}); err != nil {
		return d, err
	}
	def, ok := s.options.Lookup(id)
	if !ok {
		return d, &Refusal{Cause: "Unauthorized: Tunnel not found"}
	}
	if !def.admits(r) {
		return d, &Refusal{Cause: "Unauthorized: Invalid tunnel secret"}
	}
	if _, err := io.ReadFull(s.options.Rand, d.ID[:]); err != nil {
		return d, err
	}
	d.ID[6], d.ID[8] = d.ID[6]&0x0f|0x40, d.ID[8]&0x3f|0x80
	d.Location, d.Managed = s.options.Location, def.Managed

	old, err := c.enter(id, d, r)
	if err != nil {
		return d, err
	}
	if old != nil {
		old.leave()
	}
	c.control.Trust()
	c.logger().Info("connector registered", slog.String("version", r.Version), slog.String("arch", r.Arch), slog.String("remote", c.remote.String()))
	c.tell(Event{Kind: Registered})
	close(c.registered)
	if def.Managed && r.Index == 0 {
		s.start(func() { s.pushFirst(c.connector) })
	}
	return d, nil
}

// admits compares what a connector knows with what the tunnel is.
func (t Tunnel) admits(r wire.Registration) bool {
	account := subtle.ConstantTimeCompare([]byte(strings.ToLower(t.AccountTag)), []byte(strings.ToLower(r.AccountTag)))
	secret := subtle.ConstantTimeCompare(t.Secret, r.Secret)
	return account&secret == 1 && len(t.Secret) > 0
}

// enter puts the session among the others, and returns the one whose place it takes.
func (c *session) enter(id string, d wire.Details, r wire.Registration) (old *session, err error) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.gone || s.closed || s.draining {
		return nil, &Refusal{Cause: "The edge is closing", Retry: true}
	}
	t := s.enrol(id)
	n := 0
	for _, other := range t.connectors {
		n += len(other.sessions)
	}
	process := t.connectors[r.Connector]
	if process != nil {
		old = process.sessions[r.Index]
	}
	if old == nil && n >= s.options.PerTunnel {
		return nil, &Refusal{Cause: "Too many connections for this tunnel", Retry: true}
	}
	if process == nil {
		process = &replica{id: formatID(r.Connector), tunnel: t, info: r, origin: c.remote.Addr(), sessions: map[uint8]*session{}, pushing: make(chan struct{}, 1)}
		process.info.Secret = nil
		t.connectors[r.Connector] = process
	}
	c.tunnel, c.connector, c.index, c.id, c.openedAt = t, process, r.Index, formatID(d.ID), s.options.Now()
	process.sessions[r.Index] = c
	process.managed = d.Managed
	t.arrange()
	s.news()
	return old, nil
}

// Unregister is part of the RPC.
func (c *session) Unregister(context.Context) error {
	if !c.server.join() {
		return errClosing
	}
	defer c.server.work.Done()
	select {
	case <-c.registered:
	default:
		return errors.New("this connection is not registered")
	}
	c.unregistered.Store(true)
	if c.leave() {
		c.logger().Info("connector unregistered")
		c.tell(Event{Kind: Unregistered})
	}
	return nil
}

// Report is part of the RPC.
func (c *session) Report(_ context.Context, config []byte) error {
	if !c.server.join() {
		return errClosing
	}
	defer c.server.work.Done()
	select {
	case <-c.registered:
	default:
		return errors.New("this connection is not registered")
	}
	c.server.mu.Lock()
	c.connector.reported = config
	c.server.mu.Unlock()
	c.tell(Event{Kind: Reported})
	return nil
}
