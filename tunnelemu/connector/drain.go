package connector

import "context"

// Drain takes no more registrations and no more requests, lets what runs come to its end, and ends each connection when
// nothing runs on it, so that its connector dials again. It returns when all have ended, or with ctx's error.
func (s *Server) Drain(ctx context.Context) error {
	s.mu.Lock()
	s.draining = true
	for c := range s.sessions {
		c.leaveLocked()
	}
	s.mu.Unlock()
	return s.await(ctx, func() bool { return len(s.sessions) == 0 })
}

// Disconnect ends the connections of a tunnel, or those of one connector alone, once what runs on them has come to its
// end or ctx is done. It says how many there were. Their connectors dial again by themselves, within some seconds.
func (s *Server) Disconnect(ctx context.Context, tunnelID, connectorID string) int {
	t := s.tunnelOf(tunnelID)
	if t == nil {
		return 0
	}
	var gone []*session
	s.mu.Lock()
	for _, r := range t.connectors {
		if connectorID != "" && r.id != connectorID {
			continue
		}
		for _, c := range r.sessions {
			gone = append(gone, c)
			c.leaveLocked()
		}
	}
	s.mu.Unlock()
	err := s.await(ctx, func() bool {
		for _, c := range gone {
			if !c.gone {
				return false
			}
		}
		return true
	})
	if err != nil {
		for _, c := range gone {
			c.link.end("disconnected")
		}
	}
	return len(gone)
}
