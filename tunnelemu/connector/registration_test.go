package connector_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
	"github.com/sundog-edge/sundog/tunnelemu/connector/connectortest"
)

// overBoth runs a test over each transport.
func overBoth(t *testing.T, f func(t *testing.T, p connector.Protocol)) {
	for _, p := range protocols {
		t.Run(string(p), func(t *testing.T) { f(t, p) })
	}
}

func TestRefusals(t *testing.T) {
	unknown, account, secret, empty := web, web, web, web
	unknown.ID = "00000000-0000-4000-8000-000000000000"
	account.AccountTag = "ffffffffffffffffffffffffffffffff"
	secret.Secret = []byte("guess")
	empty.Secret = nil
	for _, tt := range []struct {
		name   string
		tunnel connector.Tunnel
		cause  string
	}{
		{"unknown tunnel", unknown, "Unauthorized: Tunnel not found"},
		{"other account", account, "Unauthorized: Invalid tunnel secret"},
		{"wrong secret", secret, "Unauthorized: Invalid tunnel secret"},
		{"no secret", empty, "Unauthorized: Invalid tunnel secret"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			overBoth(t, func(t *testing.T, p connector.Protocol) {
				e := newEdge(t, connector.Options{})
				o := e.options(p)
				o.Tunnel = tt.tunnel
				_, err := connectortest.Start(within(t), o)
				var refused *connector.Refusal
				if !errors.As(err, &refused) || refused.Cause != tt.cause {
					t.Fatal(err)
				}
				ev := e.event(t, connector.Refused)
				if ev.Reason != tt.cause || ev.Tunnel != tt.tunnel.ID {
					t.Errorf("%+v", ev)
				}
				e.logged(t, "registration refused", tt.cause, "protocol="+string(p))
				if strings.Contains(e.log.String(), string(web.Secret)) || strings.Contains(e.log.String(), "guess") {
					t.Error("a secret is in the log")
				}
			})
		})
	}
}

// A tunnel without a secret admits nobody, not even who has none either.
func TestNoSecretAdmitsNobody(t *testing.T) {
	open := web
	open.Secret = nil
	e := newEdge(t, connector.Options{Lookup: func(string) (connector.Tunnel, bool) { return open, true }})
	o := e.options(connector.HTTP2)
	o.Tunnel = open
	if _, err := connectortest.Start(within(t), o); err == nil {
		t.Error("admitted")
	}
}

// After a refusal the edge ends the connection: a connector over HTTP/2 would wait for ever.
func TestRefusalEndsConnection(t *testing.T) {
	overBoth(t, func(t *testing.T, p connector.Protocol) {
		e := newEdge(t, connector.Options{})
		o := e.options(p)
		o.Tunnel.Secret = []byte("guess")
		done, err := connectortest.Refused(within(t), o)
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-done:
		case <-within(t).Done():
			t.Error("the connection stays")
		}
	})
}

func TestConnectors(t *testing.T) {
	opened := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	overBoth(t, func(t *testing.T, p connector.Protocol) {
		e := newEdge(t, connector.Options{Now: func() time.Time { return opened }, Location: "ams01"})
		o := e.options(p)
		o.Connections = 4
		o.Version = "2026.8.2"
		o.Report = []byte(`{"ingress":[]}`)
		c := start(t, o)
		list := e.Connectors(web.ID)
		if len(list) != 1 || len(list[0].Connections) != 4 {
			t.Fatalf("%+v", list)
		}
		got := list[0]
		for i, n := range got.Connections {
			if n.Index != i || n.Protocol != p || n.Location != "ams01" || !n.OpenedAt.Equal(opened) || len(n.ID) != 36 || n.Remote.Port() == 0 {
				t.Errorf("%+v", n)
			}
		}
		if diff := cmp.Diff([]string{c.ID(), "2026.8.2", "linux_amd64", "127.0.0.1", `{"ingress":[]}`},
			[]string{got.ID, got.Version, got.Arch, got.OriginIP.String(), string(got.Reported)}); diff != "" {
			t.Error(diff)
		}
		c.Close()
		e.eventWith(t, func(ev connector.Event) bool { return ev.Kind == connector.Closed && ev.Index == 3 })
		eventually(t, func() bool { return len(e.Connectors(web.ID)) == 0 }, func() string { return "still listed" })
		if e.Ready(web.ID) {
			t.Error("still ready")
		}
	})
}

// Several tunnels are kept apart.
func TestSeveralTunnels(t *testing.T) {
	other := web
	other.ID = "11111111-2b1a-4987-8765-43210fedcba9"
	e := newEdge(t, connector.Options{Lookup: func(id string) (connector.Tunnel, bool) {
		tunnel := web
		tunnel.ID = id
		return tunnel, id == web.ID || id == other.ID
	}})
	for _, tunnel := range []connector.Tunnel{web, other} {
		o := e.options(connector.HTTP2)
		o.Tunnel = tunnel
		o.Origin = named(tunnel.ID)
		start(t, o)
	}
	for _, tunnel := range []connector.Tunnel{web, other} {
		if got := ask(t, e, tunnel.ID); got != tunnel.ID {
			t.Errorf("%s answers for %s", got, tunnel.ID)
		}
	}
	r := request(t, "GET", "http://a/", nil)
	_, err := e.RoundTrip(r, "nobody")
	var failed *connector.Error
	if !errors.As(err, &failed) || failed.Kind != connector.KindNoConnector {
		t.Error(err)
	}
}

// A connection that registers again under the same index takes the old one's place.
func TestSameIndexReplaces(t *testing.T) {
	overBoth(t, func(t *testing.T, p connector.Protocol) {
		e := newEdge(t, connector.Options{})
		o := e.options(p)
		o.Rand = strings.NewReader(strings.Repeat("x", 32))
		first := start(t, o)
		second := start(t, o)
		if first.ID() != second.ID() {
			t.Fatal("not the same connector")
		}
		select {
		case <-first.Done(0):
		case <-within(t).Done():
			t.Fatal("the old connection stays")
		}
		eventually(t, func() bool { return e.connectionsOf("") == 1 }, func() string { return fmt.Sprint(e.Connectors(web.ID)) })
		if !e.Ready(web.ID) {
			t.Error("the new connection is not ready")
		}
	})
}

// A flood of connectors of one tunnel is refused, and others are unharmed.
func TestTooManyConnections(t *testing.T) {
	e := newEdge(t, connector.Options{PerTunnel: 3})
	o := e.options(connector.HTTP2)
	o.Connections = 3
	o.Origin = named("first")
	start(t, o)
	o.Connections = 1
	_, err := connectortest.Start(within(t), o)
	var refused *connector.Refusal
	if !errors.As(err, &refused) || !refused.Retry {
		t.Fatal(err)
	}
	if got := ask(t, e, web.ID); got != "first" {
		t.Error(got)
	}
}

func TestFaults(t *testing.T) {
	boom := errors.New("boom")
	overBoth(t, func(t *testing.T, p connector.Protocol) {
		type hook = func(context.Context, connector.Point) error
		var fault atomic.Pointer[hook]
		set := func(f hook) { fault.Store(&f) }
		e := newEdge(t, connector.Options{Fault: func(ctx context.Context, at connector.Point) error { return (*fault.Load())(ctx, at) }})
		at := func(stage connector.Stage, err error) {
			set(func(_ context.Context, at connector.Point) error {
				if at.Stage == stage {
					return err
				}
				return nil
			})
		}
		try := func() error {
			c, err := connectortest.Start(within(t), e.options(p))
			if err == nil {
				c.Close()
			}
			return err
		}
		var refused *connector.Refusal
		at(connector.StageRegister, &connector.Refusal{Cause: "no", Retry: true, RetryAfter: time.Minute})
		if err := try(); !errors.As(err, &refused) || refused.RetryAfter != time.Minute || !refused.Retry {
			t.Error(err)
		}
		at(connector.StageRegister, boom)
		if err := try(); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Error(err)
		}
		for _, stage := range []connector.Stage{connector.StageAccept, connector.StageRegister} {
			at(stage, connector.ErrDrop)
			if err := try(); err == nil || errors.As(err, &refused) {
				t.Error(stage, err)
			}
		}
		set(func(ctx context.Context, at connector.Point) error {
			if at.Stage == connector.StageRegister {
				<-ctx.Done() // never answers
			}
			return ctx.Err()
		})
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		if _, err := connectortest.Start(ctx, e.options(p)); err == nil {
			t.Error("answered")
		}
		cancel()
		set(func(context.Context, connector.Point) error { return nil })
		o := e.options(p)
		o.Origin = named("x")
		start(t, o)
		set(func(_ context.Context, at connector.Point) error {
			if at.Stage == connector.StageRequest && at.Tunnel == web.ID && at.Protocol == p {
				return boom
			}
			return nil
		})
		_, err := e.RoundTrip(request(t, "GET", "http://a/", nil), web.ID)
		var failed *connector.Error
		if !errors.As(err, &failed) || failed.Kind != connector.KindFault || !errors.Is(err, boom) {
			t.Error(err)
		}
		at(connector.StageRequest, connector.ErrDrop)
		if _, err = e.RoundTrip(request(t, "GET", "http://a/", nil), web.ID); !errors.As(err, &failed) || failed.Kind != connector.KindLost {
			t.Error(err)
		}
		e.event(t, connector.Closed)
	})
}

// The pre-checks of a connector connect, and go: no word of them.
func TestProbesAreQuiet(t *testing.T) {
	e := newEdge(t, connector.Options{})
	conn, err := tls.Dial("tcp", e.addr, &tls.Config{ServerName: connector.ProbeName, RootCAs: e.roots})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	start(t, e.options(connector.HTTP2))
	if strings.Contains(e.log.String(), "connection ended") {
		t.Error(e.log.String())
	}
}
