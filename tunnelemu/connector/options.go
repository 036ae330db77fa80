package connector

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"time"
)

// Options configure a Server. Lookup is needed; every other zero value is the default.
type Options struct {
	// Lookup finds the tunnel that a connector wants to register with, by its UUID in lower case. It is called once per
	// registration, and for no request. nil: there are no tunnels.
	Lookup func(id string) (Tunnel, bool)
	// Config is the configuration of a remotely managed tunnel: the REST API's JSON object, and a version that grows with
	// every change, also over restarts of the program, since a connector that outlives it keeps the newest it has seen.
	// It is called whenever a connector may lack it. nil: none is pushed.
	Config func(id string) (version int, config []byte, ok bool)

	Location string // where the edge says that connections end; "": "lcl01"

	Now  func() time.Time // clock of OpenedAt; nil: time.Now
	Rand io.Reader        // source of connection ids; nil: crypto/rand
	Log  *slog.Logger     // nil: discarded

	// OnChange hears of connections that come and go and of configurations. Calls about one connection come in order. It
	// must not block, and not call Close or Drain. nil: nobody listens.
	OnChange func(Event)
	// Fault is asked at each Point whether something shall go wrong. It may block as long as it likes, which makes
	// things slow, or until ctx ends, which makes them hang. An error is what goes wrong: a *Refusal answers a
	// registration, ErrDrop ends the connection without an answer, any other fails the request or the push, or makes an
	// RPC exception of the registration. nil: nothing goes wrong.
	Fault func(ctx context.Context, at Point) error

	// RegisterWithin is how long a new connection may take until its connector has registered. 0: 15 s.
	RegisterWithin time.Duration
	// Idle is how long a QUIC connection may be silent; the smaller one of both sides' counts, and a connector's is 5 s.
	// Over HTTP/2 a silent connection is pinged after this time, and ended when another such time brings no answer.
	// 0: 5 s.
	Idle time.Duration
	// PushWithin is how long a connector may take to acknowledge a configuration. 0: 5 s.
	PushWithin time.Duration

	// Strangers bounds the connections that have not registered; more are closed at once. 0: 256.
	Strangers int
	// PerTunnel bounds the connections of one tunnel; more are refused. 0: 100, which is 25 replicas.
	PerTunnel int
}

func (o *Options) fill() {
	if o.Lookup == nil {
		o.Lookup = func(string) (Tunnel, bool) { return Tunnel{}, false }
	}
	if o.Config == nil {
		o.Config = func(string) (int, []byte, bool) { return 0, nil, false }
	}
	if o.Location == "" {
		o.Location = "lcl01"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.OnChange == nil {
		o.OnChange = func(Event) {}
	}
	if o.Fault == nil {
		o.Fault = func(context.Context, Point) error { return nil }
	}
	for _, d := range []struct {
		of *time.Duration
		is time.Duration
	}{{&o.RegisterWithin, 15 * time.Second}, {&o.Idle, 5 * time.Second}, {&o.PushWithin, 5 * time.Second}} {
		if *d.of == 0 {
			*d.of = d.is
		}
	}
	if o.Strangers == 0 {
		o.Strangers = 256
	}
	if o.PerTunnel == 0 {
		o.PerTunnel = 100
	}
}
