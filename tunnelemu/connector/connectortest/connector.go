package connectortest

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// Options configure a Connector. Edge, Roots, Tunnel are needed.
type Options struct {
	Edge        string             // host:port, for TCP and UDP
	Protocol    connector.Protocol // "": HTTP2
	Roots       *x509.CertPool     // that the edge's certificates are verified with
	Tunnel      connector.Tunnel   // its token
	Connections int                // 0: 4
	Version     string             // "": "connectortest"
	// Origin answers requests. URL.Host is the eyeball's host. nil: http.DefaultTransport.
	Origin http.RoundTripper
	// Dial opens private TCP destinations. nil: net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Apply takes a pushed configuration; its error goes to the edge. It is called for growing versions only. nil: all are
	// taken.
	Apply func(version int, config []byte) error
	// Report is what a connector reports that configures itself, as JSON. nil: nothing.
	Report []byte
	// Hint is sent as 103 before every response over HTTP/2, which no cloudflared does. nil: nothing.
	Hint http.Header
	Log  *slog.Logger // nil: discarded
	Rand io.Reader    // source of the connector id; nil: crypto/rand

	keep bool // a connection that was refused stays
}

// Connector is a running connector.
type Connector struct {
	id      wire.ID
	o       Options
	conns   []*conn
	version atomic.Int64 // the newest configuration that was applied; -1: none

	mu sync.Mutex // guards Apply
}

// conn is one connection.
type conn struct {
	connector *Connector
	index     uint8
	control   *wire.ControlClient
	shut      func() // ends the connection and waits
	done      <-chan struct{}
}

// Start opens the connections one after another, and returns when all have registered. A refusal is a
// *connector.Refusal.
func Start(ctx context.Context, o Options) (*Connector, error) {
	if o.Connections == 0 {
		o.Connections = 4
	}
	if o.Version == "" {
		o.Version = "connectortest"
	}
	if o.Protocol == "" {
		o.Protocol = connector.HTTP2
	}
	if o.Origin == nil {
		o.Origin = http.DefaultTransport
	}
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	if o.Apply == nil {
		o.Apply = func(int, []byte) error { return nil }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	c := &Connector{o: o}
	c.version.Store(-1)
	if _, err := io.ReadFull(o.Rand, c.id[:]); err != nil {
		return nil, err
	}
	for i := range o.Connections {
		n, err := c.open(ctx, uint8(i))
		if err != nil && n != nil && o.keep {
			c.conns = append(c.conns, n)
			return c, err
		}
		if err != nil {
			c.Close()
			return nil, err
		}
		c.conns = append(c.conns, n)
	}
	return c, nil
}

// Refused opens one connection, which the edge has to refuse, ends its control stream and leaves it open, as cloudflared
// does over HTTP/2. The channel is closed when the edge has ended it.
func Refused(ctx context.Context, o Options) (<-chan struct{}, error) {
	o.Connections = 1
	o.keep = true
	c, err := Start(ctx, o)
	var refused *connector.Refusal
	if !errors.As(err, &refused) {
		return nil, errors.Join(errors.New("not refused"), err)
	}
	n := c.conns[0]
	n.control.Close()
	done := make(chan struct{})
	go func() {
		<-n.done
		n.shut()
		close(done)
	}()
	return done, nil
}

// ID is the connector's UUID.
func (c *Connector) ID() string {
	h := hex.EncodeToString(c.id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Version is the newest configuration that was applied; -1: none.
func (c *Connector) Version() int { return int(c.version.Load()) }

// Done is closed when the edge has ended the connection of that index.
func (c *Connector) Done(index int) <-chan struct{} { return c.conns[index].done }

// Shutdown is what a connector does when it is told to stop: it unregisters, goes on serving, and is done when the edge
// has ended every connection or ctx is done.
func (c *Connector) Shutdown(ctx context.Context) error {
	var errs []error
	for _, n := range c.conns {
		errs = append(errs, n.control.Unregister(ctx))
		n.control.Close()
	}
	for _, n := range c.conns {
		select {
		case <-n.done:
		case <-ctx.Done():
			errs = append(errs, context.Cause(ctx))
		}
	}
	c.Close()
	return errors.Join(errs...)
}

// Close ends the connections without a word, as a kill does.
func (c *Connector) Close() {
	for _, n := range c.conns {
		n.shut()
	}
}

// open opens a connection and registers it.
func (c *Connector) open(ctx context.Context, index uint8) (n *conn, err error) {
	n = &conn{connector: c, index: index}
	if c.o.Protocol == connector.QUIC {
		err = n.dialQUIC(ctx)
	} else {
		err = n.dialHTTP2(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := n.register(ctx); err != nil {
		if !c.o.keep {
			n.shut()
		}
		return n, err
	}
	return n, nil
}

func (n *conn) register(ctx context.Context) error {
	c := n.connector
	var tunnel wire.ID
	if _, err := hex.Decode(tunnel[:], []byte(strings.ReplaceAll(c.o.Tunnel.ID, "-", ""))); err != nil {
		return err
	}
	details, err := n.control.Register(ctx, wire.Registration{
		AccountTag: c.o.Tunnel.AccountTag, Secret: c.o.Tunnel.Secret, Tunnel: tunnel, Index: n.index, Connector: c.id,
		Features: []string{"allow_remote_config", "serialized_headers", "support_datagram_v2", "support_quic_eof", "management_logs"},
		Version:  c.o.Version, Arch: "linux_amd64", LocalIP: netip.MustParseAddr("127.0.0.1"),
	})
	if err != nil || details.Managed || n.index != 0 || c.o.Report == nil {
		return err
	}
	return n.control.Report(ctx, c.o.Report)
}

// apply takes a configuration as a connector does: only a newer one.
func (c *Connector) apply(version int32, config []byte) wire.Applied {
	c.mu.Lock()
	defer c.mu.Unlock()
	if int64(version) <= c.version.Load() {
		return wire.Applied{Version: int32(c.version.Load())}
	}
	if err := c.o.Apply(int(version), config); err != nil {
		return wire.Applied{Version: int32(c.version.Load()), Err: err.Error()}
	}
	c.version.Store(int64(version))
	return wire.Applied{Version: version}
}
