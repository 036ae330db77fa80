package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Client asks a Worker from Go. It is made by [Engine.Worker] and follows every swap.
type Client struct {
	engine *Engine
	name   string
}

// Worker is the way to ask a Worker from Go; one that is not in the set answers with [*NotFoundError].
func (e *Engine) Worker(name string) *Client { return &Client{e, name} }

// CallError is what a Worker's method threw.
type CallError struct {
	Worker, Method string
	Name           string // "RangeError"
	Message        string
}

func (e *CallError) Error() string {
	return fmt.Sprintf("%s.%s threw %s: %s", e.Worker, e.Method, e.Name, e.Message)
}

// HTTP is a client whose every request goes to the Worker, whatever host it names. It follows no redirects.
func (c *Client) HTTP() *http.Client {
	return &http.Client{Transport: c, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// enter waits for a process and counts the caller in; the caller leaves the generation in the end.
func (e *Engine) enter(ctx context.Context, name string) (*generation, *target, error) {
	for {
		s := e.state.Load()
		if s.pending != nil {
			if err := await(ctx, s.pending); err != nil {
				return nil, nil, err
			}
			continue
		}
		n := s.entries[name]
		if n == nil {
			if again, err := e.comes(ctx, s, name); err != nil {
				return nil, nil, err
			} else if again {
				continue
			}
		}
		switch {
		case s.err != nil:
			return nil, nil, &UnavailableError{name, s.err}
		case n == nil:
			return nil, nil, &NotFoundError{Worker: name}
		case n.server != nil:
			return nil, nil, &UnavailableError{name, errors.New("a dev server runs it: ask that at " + n.server.String())}
		case n.main == nil:
			return nil, nil, &UnavailableError{name, n.why()}
		}
		if s.gen.enter() {
			return s.gen, n.main, nil
		}
	}
}

// RoundTrip sends a request to the Worker's fetch handler. What it throws is a [*ThrewError].
func (c *Client) RoundTrip(r *http.Request) (*http.Response, error) {
	g, t, err := c.engine.enter(r.Context(), c.name)
	if err != nil {
		return nil, err
	}
	fl := c.engine.flight(c.name, t, r)
	g.flights.add(fl)
	leave := sync.OnceFunc(func() {
		g.flights.remove(fl)
		g.leave()
	})
	out := r.Clone(r.Context())
	if out.Host == "" {
		out.Host = r.URL.Host
	}
	dropOwn(out.Header)
	out.Header.Set(schemeHeader, r.URL.Scheme)
	out.URL.Scheme, out.URL.Host = "http", t.host
	res, err := g.proxy.RoundTrip(out)
	if err == nil {
		if err = c.engine.threw(r.Context(), fl, res); err != nil {
			res.Body.Close()
		}
	}
	if err != nil {
		defer leave()
		if err = c.engine.failure(r.Context(), g, fl, err); errors.Is(err, errNotSent) {
			err = &UnavailableError{c.name, errors.New("workerd takes no connection")}
		}
		return nil, err
	}
	fl.answered.Store(true)
	res.Request = r
	if conn, ok := res.Body.(io.ReadWriteCloser); ok { // of an upgrade
		res.Body = &leavingConn{conn, leave}
	} else {
		res.Body = &leavingBody{res.Body, leave}
	}
	return res, nil
}

type leavingBody struct {
	io.ReadCloser
	leave func()
}

func (b *leavingBody) Close() error {
	defer b.leave()
	return b.ReadCloser.Close()
}

type leavingConn struct {
	io.ReadWriteCloser
	leave func()
}

func (b *leavingConn) Close() error {
	defer b.leave()
	return b.ReadWriteCloser.Close()
}

// Call calls an RPC method of the Worker's default entrypoint and puts its result into what out points at; nil: the
// result is dropped. Arguments and result are JSON, []byte and time.Time; functions and streams are refused. What
// the method throws is a [*CallError].
func (c *Client) Call(ctx context.Context, method string, out any, args ...any) error {
	sent := make([]json.RawMessage, len(args))
	for i, a := range args {
		b, err := toJS(a)
		if err != nil {
			return fmt.Errorf("argument %d of %s.%s: %w", i+1, c.name, method, err)
		}
		sent[i] = b
	}
	value, err := c.engine.call(ctx, c.name, method, map[string]any{"method": method, "args": sent})
	if err != nil || out == nil || len(value) == 0 {
		return err
	}
	return fromJS(value, out)
}

// Trigger runs the scheduled handler of a Worker, as its clock would. What it throws is a [*CallError].
func (e *Engine) Trigger(ctx context.Context, worker, cron string) error {
	_, err := e.call(ctx, worker, "scheduled", map[string]any{"cron": cron})
	return err
}

// call asks the engine's own Worker to call one of the user's.
func (e *Engine) call(ctx context.Context, name, method string, what map[string]any) (json.RawMessage, error) {
	g, t, err := e.enter(ctx, name)
	if err != nil {
		return nil, err
	}
	defer g.leave()
	fl := &flight{worker: name, target: t}
	g.flights.add(fl)
	defer g.flights.remove(fl)
	what["to"] = t.binding
	body, err := json.Marshal(what)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://call/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	res, err := g.proxy.RoundTrip(r)
	if err != nil {
		if err = e.failure(ctx, g, fl, err); errors.Is(err, errNotSent) {
			err = &UnavailableError{name, errors.New("workerd takes no connection")}
		}
		return nil, err
	}
	defer res.Body.Close()
	var answer struct {
		Value json.RawMessage
		Error *struct{ Name, Message string }
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil, &UnavailableError{name, err}
	}
	if answer.Error != nil {
		return nil, &CallError{name, method, answer.Error.Name, answer.Error.Message}
	}
	return answer.Value, nil
}
