package connector

import (
	"errors"
	"fmt"
)

// Kind says why a request, a TCP stream or a push failed.
type Kind string

// The kinds of errors.
const (
	KindNoConnector Kind = "no_connector" // no connection takes requests: the 1033 class
	KindOrigin      Kind = "origin"       // the connector could not reach the origin: 502
	KindRateLimited Kind = "rate_limited" // the connector has more flows than it is allowed: 502
	KindNotSent     Kind = "not_sent"     // every connection failed before the request was on its way
	KindLost        Kind = "lost"         // the connection or stream broke after the request was sent, before its answer
	KindMalformed   Kind = "malformed"    // the connector answered something that is no answer
	KindCanceled    Kind = "canceled"     // the client left
	KindUpgrade     Kind = "upgrade"      // the client's side cannot be upgraded to what the origin agreed to
	KindFault       Kind = "fault"        // Options.Fault said so
	KindRejected    Kind = "rejected"     // the connector did not apply a configuration
	KindAddress     Kind = "address"      // a TCP destination that is no IP:port
)

// Error is why nothing came of a request. Nothing was written to the client then.
type Error struct {
	Kind      Kind
	Tunnel    string // UUID
	Connector string // UUID; "" where none was chosen
	Err       error  // never nil
}

func (e *Error) Error() string {
	if e.Connector == "" {
		return fmt.Sprintf("tunnel %s: %v", e.Tunnel, e.Err)
	}
	return fmt.Sprintf("tunnel %s, connector %s: %v", e.Tunnel, e.Connector, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

var (
	errNoConnector = errors.New("no connector is registered")
	errOrigin      = errors.New("the connector could not reach the origin; its own log says why")
	errRateLimited = errors.New("the connector has as many flows as it may")
	errClosing     = errors.New("the edge closes")
)

// failure is what a link's error means, before it is known whose it is.
type failure struct {
	kind Kind
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func fail(kind Kind, err error) error { return &failure{kind, err} }

// errorOf makes an *Error of what a session's link returned.
func (c *session) errorOf(err error) *Error {
	e := &Error{Kind: KindLost, Tunnel: c.tunnel.id, Connector: c.connector.id, Err: err}
	var f *failure
	if errors.As(err, &f) {
		e.Kind, e.Err = f.kind, f.err
	}
	return e
}
