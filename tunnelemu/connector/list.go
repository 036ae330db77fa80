package connector

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Connectors lists the connectors of a tunnel in the order of their ids, and their connections by index.
func (s *Server) Connectors(tunnelID string) []Connector {
	t := s.tunnelOf(tunnelID)
	if t == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Connector, 0, len(t.connectors))
	for _, r := range t.connectors {
		c := Connector{
			ID: r.id, Version: r.info.Version, Arch: r.info.Arch, Features: slices.Clone(r.info.Features), OriginIP: r.origin,
			Reported: bytes.Clone(r.reported), Config: r.applied,
		}
		for _, index := range slices.Sorted(maps.Keys(r.sessions)) {
			n := r.sessions[index]
			c.Connections = append(c.Connections, Connection{
				ID: n.id, Index: int(index), Protocol: n.link.protocol(), Location: s.options.Location, Remote: n.remote,
				OpenedAt: n.openedAt, Running: int(n.running.Load()), Draining: n.draining.Load(),
			})
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b Connector) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// Ready says whether a connector takes requests for a tunnel. It neither locks nor allocates.
func (s *Server) Ready(tunnelID string) bool {
	t := s.tunnelOf(tunnelID)
	return t != nil && len(*t.ready.Load()) > 0
}

// arrange makes the list of sessions to choose from: by index, so that replicas take turns. The caller holds mu.
func (t *tunnel) arrange() {
	var ready []*session
	for _, r := range t.connectors {
		for _, n := range r.sessions {
			if !n.draining.Load() {
				ready = append(ready, n)
			}
		}
	}
	slices.SortFunc(ready, func(a, b *session) int {
		return cmp.Or(cmp.Compare(a.index, b.index), strings.Compare(a.connector.id, b.connector.id))
	})
	t.ready.Store(&ready)
}
