package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/audit"
	"github.com/sundog-edge/sundog/edge/trace"
)

// Client asks the admin port of a running edge, or of one in this process.
type Client struct {
	URL   string // "http://127.0.0.1:4300", without a slash at the end
	Token string // opens everything but readiness

	// Transport carries the requests. Nil: sockets, never through a proxy, since
	// a command under `sundog exec` has proxy variables that do not mean this port.
	Transport http.RoundTripper
}

// Asked is a client of an edge in this process: no socket, no token to carry.
func Asked(e *edge.Edge, version string) *Client {
	return &Client{URL: "http://localhost", Token: e.Token(), Transport: inProcess{e.Control(version)}}
}

// Refusal is an answer of the admin port that is no success.
type Refusal struct {
	Status int
	admin.Failure
}

func (r *Refusal) Error() string {
	text := r.Failure.Error
	if r.Mend != "" {
		text += "; " + r.Mend
	}
	for _, line := range r.Details {
		text += "\n  " + line
	}
	return text
}

// UnreachableError is an admin port that nobody answers.
type UnreachableError struct {
	URL string
	Err error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no edge answers at %s: %v; start one with sundog up", e.URL, e.Err)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// Ready is nil when the edge answers.
func (c *Client) Ready(ctx context.Context) error {
	return c.get(ctx, "/v1/ready", nil, nil)
}

// OTP is the newest PIN sent to an address, of one login when nonce is not
// empty. It waits for one for as long as wait says, 10 minutes at most.
func (c *Client) OTP(ctx context.Context, email, nonce string, wait time.Duration) (admin.Mail, error) {
	q := url.Values{"email": {email}}
	if nonce != "" {
		q.Set("nonce", nonce)
	}
	if wait > 0 {
		q.Set("wait", wait.String())
	}
	var m admin.Mail
	return m, c.get(ctx, "/v1/otp", q, &m)
}

// Age makes all that was granted d older and returns the sum of ages; 0 only asks.
func (c *Client) Age(ctx context.Context, d time.Duration) (time.Duration, error) {
	var answer admin.Clock
	var err error
	if d == 0 {
		err = c.get(ctx, "/v1/clock", nil, &answer)
	} else {
		err = c.post(ctx, "/v1/clock", admin.Clock{Advance: d.String()}, &answer)
	}
	if err != nil {
		return 0, err
	}
	return time.ParseDuration(answer.Aged)
}

// Explain decides about a request that is not sent.
func (c *Client) Explain(ctx context.Context, x admin.Explain) (*trace.Trace, error) {
	t := new(trace.Trace)
	return t, c.post(ctx, "/v1/explain", x, t)
}

// Audit says of every entrypoint who may enter, and what of that is probably a mistake.
func (c *Client) Audit(ctx context.Context) (audit.Report, error) {
	var r audit.Report
	return r, c.get(ctx, "/v1/audit", nil, &r)
}

// Trace is a request that was sent, by its ray; "last" is the newest of a client.
func (c *Client) Trace(ctx context.Context, ray string) (*trace.Trace, error) {
	t := new(trace.Trace)
	return t, c.get(ctx, "/v1/traces/"+url.PathEscape(ray), nil, t)
}

// Dig asks a name server of the edge, and says why it answers what it answers.
func (c *Client) Dig(ctx context.Context, q admin.DigQuestion) (admin.Dig, error) {
	var d admin.Dig
	return d, c.get(ctx, "/v1/dns", url.Values{"name": {q.Name}, "type": {q.Type}, "server": {q.Server}}, &d)
}

// Queries are the newest n questions that DNS answered, all that are remembered when n is 0, of one
// name when it is not empty; the newest first.
func (c *Client) Queries(ctx context.Context, n int, name string) ([]admin.Query, error) {
	q := url.Values{}
	if n > 0 {
		q.Set("n", strconv.Itoa(n))
	}
	if name != "" {
		q.Set("name", name)
	}
	var all []admin.Query
	return all, c.get(ctx, "/v1/queries", q, &all)
}

// World is what the edge serves.
func (c *Client) World(ctx context.Context) (edge.Summary, error) {
	var s edge.Summary
	return s, c.get(ctx, "/v1/world", nil, &s)
}

func (c *Client) get(ctx context.Context, path string, query url.Values, into any) error {
	target := c.URL + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	return c.do(r, into)
}

func (c *Client) post(ctx context.Context, path string, body, into any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	return c.do(r, into)
}

// maxAnswer is the largest answer that is read: a ring of traces fits.
const maxAnswer = 64 << 20

func (c *Client) do(r *http.Request, into any) error {
	resp, err := c.send(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return &UnreachableError{c.URL, err}
	}
	if resp.StatusCode != http.StatusOK {
		refusal := &Refusal{Status: resp.StatusCode}
		if json.Unmarshal(body, &refusal.Failure) != nil || refusal.Failure.Error == "" {
			return &UnreachableError{c.URL, fmt.Errorf("what answers is no edge: %s", resp.Status)}
		}
		return refusal
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return &UnreachableError{c.URL, fmt.Errorf("what answers is no edge of this version: %w", err)}
	}
	return nil
}

// inProcess carries requests to a handler without a socket. Answers are read
// whole, as those of the admin port are small.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = r.URL.Host
	if r.Body == nil {
		r.Body = http.NoBody
	}
	a := &answer{header: http.Header{}, status: http.StatusOK}
	t.handler.ServeHTTP(a, r)
	return &http.Response{
		StatusCode: a.status, Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		Header: a.header, Body: io.NopCloser(strings.NewReader(a.body.String())), Request: r,
	}, nil
}

type answer struct {
	header http.Header
	status int
	body   strings.Builder
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

// send asks; the error is an *UnreachableError.
func (c *Client) send(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+c.Token)
	transport := c.Transport
	if transport == nil {
		t := &http.Transport{DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, DisableKeepAlives: true}
		transport = t
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, &UnreachableError{c.URL, err}
	}
	return resp, nil
}
