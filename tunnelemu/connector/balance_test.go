package connector_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// named is an origin that says its name.
type named string

func (n named) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, ProtoMajor: 1, Body: io.NopCloser(strings.NewReader(string(n))), ContentLength: int64(len(n)), Request: r}, nil
}

func ask(t testing.TB, e *edge, tunnelID string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(within(t), "GET", "http://app.example.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := e.RoundTrip(r, tunnelID)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Replicas take turns.
func TestReplicasTakeTurns(t *testing.T) {
	e := newEdge(t, connector.Options{})
	for _, name := range []string{"a", "b"} {
		o := e.options(connector.HTTP2)
		o.Connections = 2
		o.Origin = named(name)
		start(t, o)
	}
	count := map[string]int{}
	for range 40 {
		count[ask(t, e, web.ID)]++
	}
	if count["a"] != 20 || count["b"] != 20 {
		t.Error(count)
	}
}

// A connection on which much runs is spared.
func TestBusyIsSpared(t *testing.T) {
	overBoth(t, func(t *testing.T, p connector.Protocol) {
		e := newEdge(t, connector.Options{})
		held := make(chan struct{})
		var busy atomic.Int64
		for range 2 {
			o := e.options(p)
			o.Origin = roundTripper(func(r *http.Request) (*http.Response, error) {
				if r.URL.Path == "/hold" {
					busy.Add(1)
					<-held
				}
				return named("x").RoundTrip(r)
			})
			start(t, o)
		}
		ctx := within(t)
		done := make(chan struct{})
		for range 10 {
			go func() {
				defer func() { done <- struct{}{} }()
				r, _ := http.NewRequestWithContext(ctx, "GET", "http://a/hold", nil)
				if resp, err := e.RoundTrip(r, web.ID); err == nil {
					resp.Body.Close()
				}
			}()
		}
		eventually(t, func() bool { return busy.Load() == 10 }, func() string { return "not sent" })
		list := e.Connectors(web.ID)
		if n := list[0].Connections[0].Running; n < 4 || n > 6 {
			t.Errorf("%d of 10 requests on one of two connections", n)
		}
		close(held)
		for range 10 {
			<-done
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What did not reach the wire is tried elsewhere, with its body; what did is not, whatever the method.
func TestOnlyUnsentIsTriedAgain(t *testing.T) {
	overBoth(t, func(t *testing.T, p connector.Protocol) {
		e := newEdge(t, connector.Options{})
		var seen atomic.Int64
		victim := e.options(p)
		started := make(chan struct{})
		victim.Origin = roundTripper(func(r *http.Request) (*http.Response, error) {
			seen.Add(1)
			close(started)
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		c := start(t, victim)
		failed := make(chan error, 1)
		go func() {
			_, err := e.RoundTrip(request(t, "GET", "http://a/", nil), web.ID)
			failed <- err
		}()
		<-started
		o := e.options(p)
		o.Origin = roundTripper(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			return named(body).RoundTrip(r)
		})
		start(t, o)
		c.Close()
		var lost *connector.Error
		if err := <-failed; !errors.As(err, &lost) || lost.Kind != connector.KindLost || lost.Connector != c.ID() {
			t.Error(err)
		}
		for range 20 {
			r := request(t, "POST", "http://a/", strings.NewReader("body")).WithContext(within(t))
			resp, err := e.RoundTrip(r, web.ID)
			if err != nil {
				t.Fatal(err)
			}
			if body, _ := io.ReadAll(resp.Body); string(body) != "body" {
				t.Errorf("%q", body)
			}
			resp.Body.Close()
		}
		if seen.Load() != 1 {
			t.Errorf("the lost request was sent %d times", seen.Load())
		}
	})
}

// Unregister: no new requests, running ones end well, then the connection is ended by the edge.
func TestShutdownOfConnector(t *testing.T) {
	overBoth(t, func(t *testing.T, p connector.Protocol) {
		e := newEdge(t, connector.Options{})
		o := e.options(p)
		o.Connections = 2
		started, release := make(chan struct{}), make(chan struct{})
		o.Origin = roundTripper(func(r *http.Request) (*http.Response, error) {
			close(started)
			<-release
			return named("done").RoundTrip(r)
		})
		c := start(t, o)
		got := make(chan string, 1)
		go func() { got <- ask(t, e, web.ID) }()
		<-started
		stopped := make(chan error, 1)
		go func() { stopped <- c.Shutdown(within(t)) }()
		e.eventWith(t, func(ev connector.Event) bool { return ev.Kind == connector.Unregistered && ev.Index == 1 })
		if e.Ready(web.ID) {
			t.Error("an unregistered connector is chosen")
		}
		select {
		case <-stopped:
			t.Error("ended while a request runs")
		default:
		}
		close(release)
		if body := <-got; body != "done" {
			t.Error(body)
		}
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
}

func TestDrain(t *testing.T) {
	overBoth(t, func(t *testing.T, p connector.Protocol) {
		e := newEdge(t, connector.Options{})
		o := e.options(p)
		o.Connections = 4
		started, release := make(chan struct{}), make(chan struct{})
		o.Origin = roundTripper(func(r *http.Request) (*http.Response, error) {
			close(started)
			<-release
			return named("done").RoundTrip(r)
		})
		c := start(t, o)
		got := make(chan string, 1)
		go func() { got <- ask(t, e, web.ID) }()
		<-started
		expired, cancel := context.WithCancel(context.Background())
		cancel()
		if err := e.Drain(expired); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(release)
		if err := e.Drain(within(t)); err != nil {
			t.Error(err)
		}
		if body := <-got; body != "done" {
			t.Error(body)
		}
		for i := range 4 {
			<-c.Done(i)
		}
	})
}

func TestDisconnect(t *testing.T) {
	overBoth(t, func(t *testing.T, p connector.Protocol) {
		e := newEdge(t, connector.Options{})
		a, b := start(t, e.options(p)), start(t, e.options(p))
		if n := e.Disconnect(within(t), web.ID, a.ID()); n != 1 {
			t.Error(n)
		}
		<-a.Done(0)
		select {
		case <-b.Done(0):
			t.Error("the other replica is gone too")
		default:
		}
		if n := e.Disconnect(within(t), web.ID, ""); n != 1 {
			t.Error(n)
		}
		<-b.Done(0)
	})
}
