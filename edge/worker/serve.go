package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/internal/line"
	"github.com/sundog-edge/sundog/internal/reqbody"
)

// state is what requests see. One is never changed, only replaced.
type state struct {
	pending chan struct{} // a process is being started; closed when the next state is there; nil: there is one
	err     error         // why there is none; nil: there is
	gen     *generation
	fallen  *generation       // what ended by itself, of a pending state; nil: nothing did
	entries map[string]*entry // by name of the Worker
}

// entry is a Worker and the ways into it.
type entry struct {
	unit     *unit
	server   *url.URL           // of a dev server; nil: the runtime runs it
	main     *target            // nil: it does not run
	named    map[string]*target // by entrypoint
	versions map[string]*target // by id and by its first eight digits
	aliases  map[string]*target
}

// Serve sends a request to a Worker and writes its answer; both stream. The scheme of the URL that the Worker
// sees is what X-Forwarded-Proto says, or the connection. An error means that nothing was written; it is a
// [*NotFoundError], [*UnavailableError], [*ThrewError], [*HungError] or that of the request's context. A
// request whose Worker is being started waits.
func (e *Engine) Serve(w http.ResponseWriter, r *http.Request, call Call) error {
	for {
		s := e.state.Load()
		if s.pending != nil {
			if err := await(r.Context(), s.pending); err != nil {
				return err
			}
			continue
		}
		n := s.entries[call.Worker]
		if n == nil {
			if again, err := e.comes(r.Context(), s, call.Worker); err != nil {
				return err
			} else if again {
				continue
			}
			if s.err != nil {
				return &UnavailableError{call.Worker, s.err}
			}
			return &NotFoundError{Worker: call.Worker}
		}
		if n.server != nil {
			e.toServer(w, r, n)
			return nil
		}
		t, err := n.target(call)
		if err != nil && s.err != nil {
			err = &UnavailableError{call.Worker, s.err}
		}
		if err != nil {
			if again, waited := e.comes(r.Context(), s, call.Worker); waited != nil {
				return waited
			} else if again {
				continue
			}
			return err
		}
		if s.err != nil {
			return &UnavailableError{call.Worker, s.err}
		}
		if !s.gen.enter() {
			continue // another took its place between the two lines
		}
		if err = e.carry(w, r, call, s.gen, t); err != errNotSent {
			return err
		}
		if err := s.gen.ending(r.Context()); err != nil {
			return &UnavailableError{call.Worker, err}
		}
	}
}

// errNotSent is a request that found the process gone before it could be sent: the next process takes it.
var errNotSent = errors.New("not sent")

// ending waits until the state knows that the process is gone.
func (g *generation) ending(ctx context.Context) error {
	t := time.NewTimer(endNoticed)
	defer t.Stop()
	select {
	case <-g.fallen:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return errors.New("workerd takes no connection")
	}
}

func await(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// target is what the call asks for.
func (n *entry) target(call Call) (*target, error) {
	name := call.Worker
	switch {
	case call.Version != "":
		if t := n.versions[call.Version]; t != nil {
			return t, nil
		}
		if len(n.versions) > 0 || n.main != nil {
			return nil, &NotFoundError{name, "version " + call.Version}
		}
	case call.Alias != "":
		if t := n.aliases[call.Alias]; t != nil {
			return t, nil
		}
		return nil, &NotFoundError{name, "alias " + call.Alias}
	}
	if n.main == nil {
		return nil, &UnavailableError{name, n.why()}
	}
	if call.Entrypoint == "" || call.Entrypoint == "default" {
		return n.main, nil
	}
	if t := n.named[call.Entrypoint]; t != nil {
		return t, nil
	}
	return nil, &NotFoundError{name, "entrypoint " + call.Entrypoint + " that is served"}
}

// why says why the Worker does not run.
func (n *entry) why() error {
	if n.unit.err != nil {
		return n.unit.err
	}
	return errors.New("it has no code")
}

// toServer sends a request to a Worker that a dev server runs.
func (e *Engine) toServer(w http.ResponseWriter, r *http.Request, n *entry) {
	r = r.WithContext(context.WithValue(r.Context(), callerKey{}, &Caller{Server: n.unit.worker.URL}))
	u := *r.URL
	if r.URL = &u; u.Host == "" {
		u.Scheme, u.Host = schemeOf(r), r.Host
	}
	e.opts.Outbound.ServeHTTP(w, r)
}

func schemeOf(r *http.Request) string {
	if p := r.Header["X-Forwarded-Proto"]; len(p) > 0 {
		return p[0]
	}
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

var quiet = log.New(io.Discard, "", 0)

// buffers are the proxy's, for copying bodies.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if p, ok := b.pool.Get().(*[]byte); ok {
		return *p
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(p []byte) { b.pool.Put(&p) }

// carry sends the request through the process, and counts it out.
func (e *Engine) carry(w http.ResponseWriter, r *http.Request, call Call, g *generation, t *target) error {
	defer g.leave()
	fl := e.flight(call.Worker, t, r)
	g.flights.add(fl)
	defer g.flights.remove(fl)
	var failed error
	var body *reqbody.Body
	if r.Body != nil && r.Body != http.NoBody {
		body = reqbody.New(r.Body)
		r2 := *r
		r2.Body = body
		r = &r2
	}
	var proxy httputil.ReverseProxy
	proxy = httputil.ReverseProxy{
		Transport:     g.proxy,
		FlushInterval: -1,
		BufferPool:    &e.buffers,
		ErrorLog:      quiet,
		ErrorHandler:  func(_ http.ResponseWriter, _ *http.Request, err error) { failed = err },
		Rewrite: func(p *httputil.ProxyRequest) {
			in, out := p.In, p.Out
			out.URL.Scheme, out.URL.Host, out.URL.RawQuery = "http", t.host, in.URL.RawQuery
			out.Host = in.Host
			for _, name := range [...]string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"} { // ReverseProxy drops what it did not set
				if v, ok := in.Header[name]; ok {
					out.Header[name] = v
				}
			}
			dropOwn(out.Header)
			out.Header[schemeHeader] = []string{schemeOf(in)}
			if call.CF != nil {
				out.Header[cfHeader] = []string{oneLine(call.CF)}
			}
			if call.Access != nil {
				blob, err := json.Marshal(call.Access)
				if err == nil {
					out.Header[t.access] = []string{string(blob)}
				}
			}
		},
		ModifyResponse: func(res *http.Response) error {
			fl.answered.Store(true)
			if err := e.threw(r.Context(), fl, res); err != nil {
				return err
			}
			if line.Whole(res) {
				proxy.FlushInterval = 0 // what comes later is to be seen as it comes; nothing does
			}
			if body != nil {
				body.AnswerEarly(w)
			}
			return nil
		},
	}
	proxy.ServeHTTP(w, r)
	if failed == nil {
		if body != nil {
			body.Leave(w, r)
		}
		return nil
	}
	return e.failure(r.Context(), g, fl, failed)
}

// oneLine is JSON as a header can hold it.
func oneLine(b []byte) string {
	if bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' }) {
		var line bytes.Buffer
		if json.Compact(&line, b) != nil {
			return "null"
		}
		return line.String()
	}
	return string(b)
}

// failure says why a request did not reach its Worker or got no answer.
func (e *Engine) failure(ctx context.Context, g *generation, fl *flight, err error) error {
	worker := fl.worker
	var threw *ThrewError
	var hung *HungError
	switch {
	case errors.As(err, &threw):
		return threw
	case errors.As(err, &hung):
		return hung
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return errNotSent
	}
	if stuck := g.stuck.Load(); stuck != nil {
		if stuck == fl {
			return &HungError{Worker: worker, Why: "it held the runtime's thread, and the process was restarted", Held: true}
		}
		return &UnavailableError{worker, errors.New("the process was restarted, as Worker " + stuck.worker + " held its thread")}
	}
	// A connection that breaks is the process's end, as a rule, which is noticed a moment later; or the Worker lost
	// one of its own and does not mind that, for which the runtime closes this one.
	bound, cancel := context.WithTimeout(ctx, endNoticed)
	defer cancel()
	told := make(chan *exception, 1)
	go func() { told <- e.thrown.await(bound, fl) }()
	select {
	case <-g.process.Done():
	case x := <-told:
		if x != nil {
			return x.of(worker)
		}
	}
	select {
	case <-g.process.Done():
		return &UnavailableError{worker, errors.New("workerd ended under the request: " + g.process.Last())}
	default:
		return &UnavailableError{worker, err}
	}
}

// endNoticed is how long a process may take to be gone after its connections are: an instant, but on a busy machine.
const endNoticed = time.Second
