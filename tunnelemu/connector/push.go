package connector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// Push sends the present configuration of a remotely managed tunnel to each of its connectors, and waits until all have
// acknowledged or refused it. The error joins an *Error for each that did not apply it. Without connectors there is
// nothing to do: each gets the configuration when it registers.
func (s *Server) Push(ctx context.Context, tunnelID string) error {
	t := s.tunnelOf(tunnelID)
	if t == nil {
		return nil
	}
	s.mu.Lock()
	var replicas []*replica
	for _, r := range t.connectors {
		if r.managed {
			replicas = append(replicas, r)
		}
	}
	s.mu.Unlock()
	errs := make([]error, len(replicas))
	var all sync.WaitGroup
	for i, r := range replicas {
		all.Go(func() { errs[i] = s.push(ctx, r) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// pushFirst gives a connector that has just registered its configuration.
func (s *Server) pushFirst(r *replica) { _ = s.push(s.ctx, r) } // events and the log say what became of it

// push sends one connector the newest configuration, unless it has that. One push goes out at a time, and each looks what
// is newest when its turn has come, so that versions grow.
func (s *Server) push(ctx context.Context, r *replica) error {
	select {
	case r.pushing <- struct{}{}:
	case <-ctx.Done():
		return &Error{Kind: KindCanceled, Tunnel: r.tunnel.id, Connector: r.id, Err: context.Cause(ctx)}
	}
	defer func() { <-r.pushing }()
	version, config, ok := s.options.Config(r.tunnel.id)
	if !ok {
		return nil
	}
	s.mu.Lock()
	known := r.applied
	s.mu.Unlock()
	if known.Known && known.Err == "" && known.Version == version {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.PushWithin)
	defer cancel()
	c, answer, err := s.pushSomewhere(ctx, r, version, config)
	switch {
	case err != nil:
		s.options.Log.Warn("configuration not acknowledged", slog.String("tunnel", r.tunnel.id), slog.String("connector", r.id), slog.Int("version", version), slog.String("error", err.Error()))
		return err
	case answer.Err == "" && int(answer.Version) > version:
		answer.Err = fmt.Sprintf("it has version %d already, and takes only newer ones", answer.Version)
	case answer.Err == "" && int(answer.Version) < version:
		answer.Err = fmt.Sprintf("it stays at version %d and does not say why", answer.Version)
	}
	s.mu.Lock()
	r.applied = Configuration{Version: int(answer.Version), Known: true, Err: answer.Err}
	s.mu.Unlock()
	if answer.Err != "" {
		c.logger().Warn("configuration rejected", slog.Int("version", version), slog.String("reason", answer.Err))
		c.tell(Event{Kind: Rejected, Version: int(answer.Version), Reason: answer.Err})
		return &Error{Kind: KindRejected, Tunnel: r.tunnel.id, Connector: r.id, Err: errors.New(answer.Err)}
	}
	c.logger().Info("configuration applied", slog.Int("version", version))
	c.tell(Event{Kind: Applied, Version: version})
	return nil
}

// pushSomewhere uses one of a connector's connections, or the next when that fails: they share the configuration.
func (s *Server) pushSomewhere(ctx context.Context, r *replica, version int, config []byte) (*session, wire.Applied, error) {
	last := &Error{Kind: KindNoConnector, Tunnel: r.tunnel.id, Connector: r.id, Err: errNoConnector}
	if version < 0 || version > math.MaxInt32 {
		last.Kind, last.Err = KindMalformed, fmt.Errorf("version %d does not fit the protocol's 32 bits", version)
		return nil, wire.Applied{}, last
	}
	for _, c := range s.sessionsOf(r) {
		if !c.acquire() {
			continue
		}
		err := c.fault(ctx, StagePush)
		var answer wire.Applied
		if err == nil {
			answer, err = c.link.push(ctx, int32(version), config)
		}
		c.release()
		if err == nil {
			return c, answer, nil
		}
		if last = c.errorOf(err); ctx.Err() != nil {
			break
		}
	}
	return nil, wire.Applied{}, last
}

// sessionsOf lists a connector's connections, the lowest index first.
func (s *Server) sessionsOf(r *replica) []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*session, 0, len(r.sessions))
	for _, c := range r.sessions {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *session) int { return int(a.index) - int(b.index) })
	return list
}
