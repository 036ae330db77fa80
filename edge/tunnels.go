package edge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// Tunnels are the tunnels of the world, in the order of its files, and who has dialled in for each.
func (e *Edge) Tunnels() []admin.Tunnel {
	s := e.snap.Load()
	list := []admin.Tunnel{}
	for _, doc := range s.inFileOrder(world.KindTunnel) {
		if t, ok := find(s.tunnels, doc.Key.ID); ok {
			list = append(list, e.tunnelState(s, t))
		}
	}
	return list
}

func (e *Edge) tunnelState(s *snapshot, t *tunnel) admin.Tunnel {
	one := admin.Tunnel{
		ID: t.def.UUID, Name: t.def.Label(), Ref: t.def.ID, Embedded: t.embedded != nil, Managed: t.managed(), SecretGiven: t.def.Secret != "",
		ConfigVersion: t.version, Config: t.pushed, Connectors: []admin.Connector{}, Where: s.mark(t.key, ""),
	}
	switch {
	case t.managed():
	case t.def.Config != nil:
		one.ConfigFile = t.def.Config.File
	default:
		one.ConfigFile = t.def.ConnectorFile
	}
	for _, c := range e.connectors.Connectors(t.def.UUID) {
		one.Connectors = append(one.Connectors, connectorState(c))
	}
	switch {
	case slices.ContainsFunc(one.Connectors, func(c admin.Connector) bool { return c.Ready }):
		one.Status = "connectors"
	case one.Embedded:
		one.Status = "embedded"
	default:
		one.Status = "down"
	}
	return one
}

func connectorState(c connector.Connector) admin.Connector {
	one := admin.Connector{
		ID: c.ID, Version: c.Version, Arch: c.Arch, Features: c.Features, Ready: takes(c),
		Reported: c.Reported, ConfigVersion: c.Config.Version, ConfigError: c.Config.Err, Connections: []admin.Connection{},
	}
	if c.OriginIP.IsValid() {
		one.OriginIP = c.OriginIP.String()
	}
	if !c.Config.Known {
		one.ConfigVersion = -1
	}
	for _, n := range c.Connections {
		one.Connections = append(one.Connections, admin.Connection{
			ID: n.ID, Index: n.Index, Protocol: string(n.Protocol), Location: n.Location, Remote: n.Remote.String(), OpenedAt: n.OpenedAt,
			Running: n.Running, Draining: n.Draining,
		})
	}
	return one
}

// ConnectorTunnel is a tunnel as its connectors know it, by its name, id or UUID: its secret, and with it
// the token and the credentials file. The error says which tunnels there are.
func (e *Edge) ConnectorTunnel(name string) (connector.Tunnel, error) {
	s := e.snap.Load()
	t, err := s.tunnelNamed(name)
	if err != nil {
		return connector.Tunnel{}, err
	}
	return s.dialable(t), nil
}

func (s *snapshot) tunnelNamed(name string) (*tunnel, error) {
	if t, ok := find(s.tunnels, strings.ToLower(name)); ok {
		return t, nil
	}
	var names []string
	for _, doc := range s.inFileOrder(world.KindTunnel) {
		def := doc.Value.(*world.Tunnel)
		if def.Name == name {
			if t, ok := find(s.tunnels, def.UUID); ok {
				return t, nil
			}
		}
		names = append(names, def.Label())
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there is no tunnel %q: this world has no tunnels", name)
	}
	return nil, fmt.Errorf("there is no tunnel %q in this world; it has %s", name, strings.Join(names, ", "))
}
