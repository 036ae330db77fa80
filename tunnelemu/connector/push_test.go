package connector_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// source is a configuration that changes.
type source struct {
	mu      sync.Mutex
	version int
}

func (s *source) config(string) (int, []byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version, fmt.Appendf(nil, `{"v":%d}`, s.version), true
}

func (s *source) set(version int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = version
}

func managed(string) (connector.Tunnel, bool) {
	tunnel := web
	tunnel.Managed = true
	return tunnel, true
}

func TestPush(t *testing.T) {
	overBoth(t, func(t *testing.T, p connector.Protocol) {
		s := &source{version: 1}
		e := newEdge(t, connector.Options{Lookup: managed, Config: s.config})
		var mu sync.Mutex
		var got []string
		o := e.options(p)
		o.Connections = 2
		o.Report = []byte("{}") // a managed connector reports nothing
		o.Apply = func(version int, config []byte) error {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, fmt.Sprintf("%d %s", version, config))
			if version == 3 {
				return errors.New("bad rule")
			}
			return nil
		}
		start(t, o)
		e.event(t, connector.Applied)
		s.set(2)
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if err := e.Push(within(t), web.ID); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		s.set(3)
		err := e.Push(within(t), web.ID)
		var failed *connector.Error
		if !errors.As(err, &failed) || failed.Kind != connector.KindRejected {
			t.Error(err)
		}
		c := e.Connectors(web.ID)[0]
		if c.Config.Version != 2 || !c.Config.Known || c.Config.Err == "" || c.Reported != nil {
			t.Errorf("%+v", c)
		}
		if p == connector.QUIC && c.Config.Err != "bad rule" {
			t.Error(c.Config.Err)
		}
		s.set(4)
		if err := e.Push(within(t), web.ID); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if diff := cmp.Diff([]string{`1 {"v":1}`, `2 {"v":2}`, `3 {"v":3}`, `4 {"v":4}`}, got); diff != "" {
			t.Error(diff)
		}
		if c := e.Connectors(web.ID)[0].Config; c != (connector.Configuration{Version: 4, Known: true}) {
			t.Errorf("%+v", c)
		}
	})
}

// A connector that has a newer version says so, and the edge says it on.
func TestPushOfAnOldVersion(t *testing.T) {
	overBoth(t, func(t *testing.T, p connector.Protocol) {
		s := &source{version: 7}
		e := newEdge(t, connector.Options{Lookup: managed, Config: s.config})
		start(t, e.options(p))
		e.event(t, connector.Applied)
		s.set(5)
		var failed *connector.Error
		if err := e.Push(within(t), web.ID); !errors.As(err, &failed) || failed.Kind != connector.KindRejected {
			t.Error(err)
		}
		if ev := e.event(t, connector.Rejected); ev.Version != 7 {
			t.Errorf("%+v", ev)
		}
	})
}

// A tunnel that is managed locally is sent nothing.
func TestNoPushToLocallyManaged(t *testing.T) {
	s := &source{version: 1}
	e := newEdge(t, connector.Options{Config: s.config})
	c := start(t, e.options(connector.HTTP2))
	if err := e.Push(within(t), web.ID); err != nil || c.Version() != -1 {
		t.Error(err, c.Version())
	}
}
