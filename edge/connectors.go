package edge

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"net"

	"github.com/sundog-edge/sundog/edge/ca"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// Connectors is where real connectors dial in: who is there, and who may wait for them. What they
// may and what they get comes from the world.
func (e *Edge) Connectors() *connector.Server { return e.connectors }

// startConnectors makes the edge's side of the tunnel protocol. It has no socket before Listen.
func (e *Edge) startConnectors() {
	e.dialled.edge = e
	e.dialled.present = map[string]map[string]bool{}
	e.connectors = connector.New(connector.Options{
		Lookup: e.lookupTunnel, Config: e.tunnelConfig, Now: e.clock.Now, Rand: e.random,
		Log: slog.New(debugOnly{e.log.Handler()}), OnChange: e.dialled.changed, Fault: e.tunnelFault,
	})
}

// serveConnectors takes connectors from two sockets until ctx ends.
func (e *Edge) serveConnectors(ctx context.Context, tcp net.Listener, udp net.PacketConn) error {
	err := e.connectors.Serve(ctx, tcp, udp, &tls.Config{GetCertificate: e.ca.GetCertificate(connectorNames{})})
	over, cancel := context.WithCancel(context.Background())
	cancel() // requests have ended before
	for doc := range e.snap.Load().layers.All(world.KindTunnel) {
		e.connectors.Disconnect(over, doc.Key.ID, "")
	}
	return err
}

// connectorNames are the names that connectors ask for in TLS, and no others.
type connectorNames struct{}

func (connectorNames) Leaf(name string) (string, bool) {
	for _, n := range connector.Names() {
		if n == name {
			return name, true
		}
	}
	return "", false
}

var _ ca.Names = connectorNames{}

func (e *Edge) lookupTunnel(id string) (connector.Tunnel, bool) {
	s := e.snap.Load()
	t, ok := find(s.tunnels, id)
	if !ok || t.def.UUID != id {
		return connector.Tunnel{}, false
	}
	return s.dialable(t), true
}

// dialable is a tunnel as a connector and the protocol know it.
func (s *snapshot) dialable(t *tunnel) connector.Tunnel {
	return connector.Tunnel{ID: t.def.UUID, AccountTag: s.settings.AccountID, Secret: t.secret, Name: t.def.Label(), Managed: t.managed()}
}

// tunnelConfig is what a connector of a remotely managed tunnel is to serve.
func (e *Edge) tunnelConfig(id string) (version int, config []byte, ok bool) {
	t, ok := find(e.snap.Load().tunnels, id)
	if !ok || !t.managed() {
		return 0, nil, false
	}
	return t.version, t.pushed, true
}

// managed tells whether the configuration is the API's object, which the edge gives to connectors. One
// that is a file is the connector's own.
func (t *tunnel) managed() bool { return t.def.Config != nil && t.def.ConfigFile == "" }

// versionEpoch keeps versions, which are seconds, within the protocol's 31 bits until 2088.
const versionEpoch = 1577836800 // 2020-01-01

// configure gives a tunnel the version of its configuration: that of the old one when nothing changed,
// else one that is greater than all before, also than those of edges that ran earlier.
func (c *compiler) configure(t *tunnel) error {
	if !t.managed() {
		return nil
	}
	var err error
	if t.pushed, err = json.Marshal(t.def.Config); err != nil {
		return err
	}
	if old, ok := find(c.old.tunnels, t.def.UUID); ok && string(old.pushed) == string(t.pushed) {
		t.version = old.version
		return nil
	}
	if c.version == 0 {
		c.version = max(c.edge.version+1, int(c.edge.clock.Now().Unix()-versionEpoch))
		c.edge.version = c.version
	}
	t.version = c.version
	return nil
}

// tellConnectors brings what changed to the connectors that are there: a new configuration, or that their
// tunnel is no more. e.mu is held.
func (e *Edge) tellConnectors(changes []world.Change) {
	s := e.snap.Load()
	for _, c := range changes {
		if c.Key.Kind != world.KindTunnel || c.Old == nil {
			continue
		}
		id := c.Key.ID
		t, ok := find(s.tunnels, id)
		switch {
		case !ok:
			e.background.Go(func() { e.connectors.Disconnect(e.running, id, "") })
		case t.managed() && e.connectors.Ready(id):
			e.background.Go(func() {
				if err := e.connectors.Push(e.running, id); err != nil {
					e.log.Warn("a connector did not take the new configuration of tunnel "+tunnelName(t), slog.Any("error", err))
				}
			})
		}
	}
}

// debugOnly makes every record one of debug level: the edge tells what matters in words of its own.
type debugOnly struct{ slog.Handler }

func (h debugOnly) Enabled(ctx context.Context, _ slog.Level) bool {
	return h.Handler.Enabled(ctx, slog.LevelDebug)
}

func (h debugOnly) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelDebug
	return h.Handler.Handle(ctx, r)
}

func (h debugOnly) WithAttrs(attrs []slog.Attr) slog.Handler {
	return debugOnly{h.Handler.WithAttrs(attrs)}
}

func (h debugOnly) WithGroup(name string) slog.Handler { return debugOnly{h.Handler.WithGroup(name)} }
