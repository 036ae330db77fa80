package connector

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"
)

// choose takes a place on one of a tunnel's connections: in turn, and of two neighbours the one on which less runs.
// Connections that a request has failed on are left out; nil: there is no other.
func (t *tunnel) choose(failed []*session) *session {
	for range 2 { // a second time when the list changed under us
		ready := *t.ready.Load()
		n := uint32(len(ready))
		if n == 0 {
			return nil
		}
		turn := t.turn.Add(1)
		a, b := ready[turn%n], ready[(turn+1)%n]
		if b.running.Load() < a.running.Load() {
			a = b
		}
		if !contains(failed, a) && a.acquire() {
			return a
		}
		for i := range n {
			if c := ready[(turn+i)%n]; !contains(failed, c) && c.acquire() {
				return c
			}
		}
	}
	return nil
}

func contains(list []*session, c *session) bool {
	for _, other := range list {
		if other == c {
			return true
		}
	}
	return false
}

// maxTries is on how many connections a request is tried that never got onto the wire.
const maxTries = 8

// RoundTrip carries a request to the origin behind a tunnel, as an http.RoundTripper does; its error is an *Error. A
// request that did not reach the wire is tried on another connection; one that did is not, whatever its method. The body
// of a 101 is an io.ReadWriteCloser with CloseWrite. The caller has made the headers what the origin is to see;
// hop-by-hop headers and those that mean something between edge and connector are left out here.
func (s *Server) RoundTrip(r *http.Request, tunnelID string) (*http.Response, error) {
	var hint func(int, http.Header)
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.Got1xxResponse != nil {
		hint = func(status int, h http.Header) { _ = trace.Got1xxResponse(status, textproto.MIMEHeader(h)) }
	}
	return s.roundTrip(r, tunnelID, false, hint)
}

func (s *Server) roundTrip(r *http.Request, tunnelID string, server bool, hint func(int, http.Header)) (*http.Response, error) {
	t := s.tunnelOf(tunnelID)
	if t == nil {
		return nil, &Error{Kind: KindNoConnector, Tunnel: tunnelID, Err: errNoConnector}
	}
	out := newTrip(r, server, hint)
	defer out.body.settle()
	var failed []*session
	var last *Error
	for range maxTries {
		c := t.choose(failed)
		if c == nil {
			break
		}
		resp, err := c.try(out)
		if err == nil {
			resp.Request = r
			c.hold(resp)
			return resp, nil
		}
		c.release()
		if last = c.errorOf(err); last.Kind != KindNotSent {
			break
		}
		failed = append(failed, c)
	}
	if r.Body != nil {
		r.Body.Close()
	}
	if last == nil {
		last = &Error{Kind: KindNoConnector, Tunnel: tunnelID, Err: errNoConnector}
	}
	return nil, last
}

// try asks for faults first.
func (c *session) try(t *trip) (*http.Response, error) {
	if err := c.fault(t.request.Context(), StageRequest); err != nil {
		return nil, err
	}
	return c.link.roundTrip(t)
}

func (c *session) fault(ctx context.Context, at Stage) error {
	err := c.server.options.Fault(ctx, Point{at, c.link.protocol(), c.tunnel.id, c.connector.id, int(c.index)})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrDrop):
		c.link.end(err.Error())
		return fail(KindLost, err)
	case ctx.Err() != nil:
		return fail(KindCanceled, context.Cause(ctx))
	}
	return fail(KindFault, err)
}

// hold keeps a place on the session until the response's body is closed.
func (c *session) hold(resp *http.Response) {
	if d, ok := resp.Body.(*duplex); ok {
		d.release = c.release
		return
	}
	resp.Body = &heldBody{ReadCloser: resp.Body, session: c}
}

type heldBody struct {
	io.ReadCloser
	session *session
	once    sync.Once
}

func (b *heldBody) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(b.session.release)
	return err
}
