// Package admin is the edge's control port: /v1, JSON for the command and for
// other languages, and the REST API beside it under /client/v4.
//
// A control port on a laptop is in reach of every page that the laptop's browser
// shows. So the Host header must name this machine (against DNS rebinding), an Origin
// header must be the port's own, and everything but readiness wants the token.
//
// # Paths
//
//	GET    /v1/ready                        no token: {"ready": true, "version": …}
//	GET    /v1/world                        entrypoints, applications, team
//	GET    /v1/people                       [{"email", "name", "groups", "country"}]
//	GET    /v1/otp?email=E&nonce=N&wait=10s the newest PIN that was mailed, of one login with nonce
//	POST   /v1/login                        {"email", "url", "client"} → cookies; see [Login]
//	POST   /v1/idp/next                     who signs in next at the identity provider played here; see [Identity]
//	POST   /v1/credentials                  {"as", "client"} → a user name for the proxy; see [Credential]
//	DELETE /v1/credentials/USER             ends one
//	POST   /v1/expire                       {"what", "email", "url", "nonce"} ends what was granted; see [Expiry]
//	POST   /v1/approve                      {"as", "url", "client"} approves cloudflared's page as somebody; see [Approval]
//	GET    /v1/users                        who has signed in: [{"uid", "email", "access_seat", …}]
//	GET    /v1/ssh_ca?url=HOST              the application's certificate authority for SSH
//	GET    /v1/tunnels, /v1/tunnels/NAME    who serves each, and the connectors that have dialled in
//	GET    /v1/tunnels/NAME/access          token and credentials for a connector
//	POST   /v1/quick, DELETE /v1/quick/ID   a quick tunnel, and its end
//	GET    /v1/faults, POST, DELETE         what goes wrong on purpose; see [Fault]
//	GET    /v1/clock, POST {"advance"}      the sum of ages, and adding to it
//	POST   /v1/explain                      {"url", "method", "headers", "client", "as"} → a trace; nothing is sent
//	GET    /v1/traces, /v1/traces/RAY       requests, the newest first; RAY may be last, of a client
//	GET    /v1/audit                        who may enter where, and what of that is probably a mistake
//	GET    /v1/refusals?since=SEQ           what the forward proxy refused
//	GET    /v1/logs?worker=NAME&follow=1    what Workers logged and threw, one JSON object a line; see [Coder]
//
// An answer that is no success is a [Failure]. A login that Access refuses is 403, with what each
// policy said and where it is written; a host that the world does not have 404, with those it has.
package admin

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/edge/trace"
)

// Backend is what the admin port asks of an edge.
type Backend interface {
	// WaitOTP returns the newest PIN sent to an address, of one login when
	// nonce is not empty, and waits for one until ctx ends.
	WaitOTP(ctx context.Context, email, nonce string) (Mail, error)
	// Age makes all that was granted d older and returns the sum of ages.
	Age(d time.Duration) time.Duration
	// Explain decides about a request that is not sent, as if the person with the address as were
	// signed in; empty: nobody.
	Explain(r *http.Request, client, as string) *trace.Trace
	// ServiceTokenHeaders are the headers by which a request shows a service token.
	ServiceTokenHeaders(name string) (http.Header, error)
	// Traces are the newest n requests, all when n <= 0, the newest first.
	Traces(n int) []*trace.Trace
	// Trace is one request by its ray.
	Trace(ray string) (*trace.Trace, bool)
	// Refusals are the remembered refusals of the forward proxy whose Seq is greater than since, the oldest first.
	Refusals(since uint64) []Refusal
	// Dig answers a question about a name; the error is for who asked.
	Dig(q DigQuestion) (Dig, error)
	// Queries are the newest n questions that DNS answered, all when n <= 0, of one name when it is not empty; the newest first.
	Queries(n int, name string) []Query
	// Activity is what was seen, with the edge's own answers after the request of the number since.
	Activity(since uint64) Activity
	// World describes what is served; it is marshalled as JSON.
	World() any

	People
	Tunneler
	Quicker
	Faulter
	Forger
	Endings
	Approver
	Attacker
	Coder
	Auditor
}

// Refusal is a target that the forward proxy refused.
type Refusal struct {
	Seq  uint64    `json:"seq"` // counts refusals of this edge, from 1
	Time time.Time `json:"time"`
	Host string    `json:"host"` // "outside.test:443", as the client asked for it
	Why  string    `json:"why"`  // "it is not in this world"
	Mend string    `json:"mend"` // a whole clause: "start the edge with --egress outside.test:443"
}

// Mail is a one-time PIN that was sent.
type Mail struct {
	Email string    `json:"email"`
	Code  string    `json:"code"`
	Nonce string    `json:"nonce"`
	App   string    `json:"app,omitempty"` // host of the application
	Sent  time.Time `json:"sent"`
}

// Options are the port's rules.
type Options struct {
	Token   string       // SUNDOG_TOKEN; empty: every request that needs it is refused
	Hosts   []string     // names beside loopback that the Host header may have
	API     http.Handler // /client/v4; nil: 404
	Reload  ReloadFunc   // POST /v1/reload; nil: the edge has no files
	Version string
	Reach   func() Reach // of /proxy.pac; nil: 404
	Metrics http.Handler // of /metrics; nil: 404
	Log     *slog.Logger // refused and unknown requests; nil: dropped
}

// New returns the port's handler.
func New(b Backend, o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &server{Options: o, backend: b}
	mux := &paths{ServeMux: http.NewServeMux()}
	mux.HandleFunc("GET /v1/ready", s.ready)
	mux.Handle("GET /v1/world", s.guarded(s.world))
	mux.Handle("GET /v1/otp", s.guarded(s.otp))
	mux.Handle("GET /v1/clock", s.guarded(s.clock))
	mux.Handle("POST /v1/clock", s.guarded(s.advance))
	mux.Handle("POST /v1/explain", s.guarded(s.explain))
	mux.Handle("POST /v1/reload", s.guarded(s.reload))
	mux.Handle("GET /v1/activity", s.guarded(s.activity))
	mux.Handle("GET /v1/refusals", s.guarded(s.refusals))
	mux.Handle("GET /v1/traces", s.guarded(s.traces))
	mux.Handle("GET /v1/traces/{ray}", s.guarded(s.trace))
	mux.Handle("GET /v1/dns", s.guarded(s.dig))
	mux.Handle("GET /v1/queries", s.guarded(s.queries))
	s.peoplePaths(mux)
	s.endingPaths(mux)
	s.approvePaths(mux)
	s.tunnelPaths(mux)
	s.quickPaths(mux)
	s.faultPaths(mux)
	mux.Handle("POST /v1/token", s.guarded(s.token))
	mux.Handle("POST /v1/attack", s.guarded(s.attack))
	mux.Handle("GET /v1/audit", s.guarded(s.audit))
	mux.Handle("GET /v1/jwks", s.guarded(s.jwks))
	s.codePaths(mux)
	if o.Reach != nil {
		mux.HandleFunc("GET /proxy.pac", s.pac)
	}
	if o.Metrics != nil {
		mux.Handle("GET /metrics", s.guarded(o.Metrics.ServeHTTP))
	}
	if o.API != nil {
		mux.ServeMux.Handle("/client/v4/", o.API)
	}
	mux.ServeMux.Handle("/", s.guarded(s.unknown(mux.known())))
	s.mux = mux.ServeMux
	return s
}

type server struct {
	Options
	backend Backend
	mux     *http.ServeMux
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if !s.hostAllowed(r.Host) {
		s.refuse(w, r, http.StatusMisdirectedRequest, "the Host header does not name this machine", "ask for 127.0.0.1 or localhost")
		return
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		s.refuse(w, r, http.StatusForbidden, "the Origin header is of another site", "ask from a command, or from this port's own pages")
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *server) hostAllowed(authority string) bool {
	name := authority
	if h, _, err := net.SplitHostPort(authority); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if ip, err := netip.ParseAddr(name); err == nil {
		if ip.IsLoopback() {
			return true
		}
	} else if name == "localhost" {
		return true
	}
	for _, h := range s.Hosts {
		if strings.EqualFold(h, name) {
			return true
		}
	}
	return false
}

// guarded wants the token.
func (s *server) guarded(f http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || s.Token == "" || subtle.ConstantTimeCompare([]byte(token), []byte(s.Token)) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="sundog"`)
			s.refuse(w, r, http.StatusUnauthorized, "the token is missing or not of this edge", "send Authorization: Bearer $SUNDOG_TOKEN")
			return
		}
		f(w, r)
	})
}

// Failure is the body of every answer that is not a success.
type Failure struct {
	Error string `json:"error"`
	Mend  string `json:"mend,omitempty"`

	Where   string   `json:"where,omitempty"`   // file:line:column
	Details []string `json:"details,omitempty"` // a line each: what each policy said, or the hosts there are
}

func (s *server) refuse(w http.ResponseWriter, r *http.Request, status int, cause, mend string) {
	s.Log.Warn("admin request refused", "method", r.Method, "path", r.URL.Path, "status", status, "cause", cause)
	fail(w, status, cause, mend)
}

func fail(w http.ResponseWriter, status int, cause, mend string) {
	reply(w, status, Failure{Error: cause, Mend: mend})
}

func reply(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(body, '\n')) // a client that left needs no error
}

func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	reply(w, http.StatusOK, struct {
		Ready   bool   `json:"ready"`
		Version string `json:"version,omitempty"`
	}{true, s.Version})
}

func (s *server) world(w http.ResponseWriter, r *http.Request) {
	reply(w, http.StatusOK, s.backend.World())
}

func (s *server) refusals(w http.ResponseWriter, r *http.Request) {
	var since uint64
	if v := r.URL.Query().Get("since"); v != "" {
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			fail(w, http.StatusBadRequest, "since is the seq of a refusal", "leave it out for all that are remembered")
			return
		}
		since = n
	}
	reply(w, http.StatusOK, s.backend.Refusals(since))
}

func (s *server) unknown(known string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, http.StatusNotFound, "there is no "+r.Method+" "+r.URL.Path+" here", known)
	}
}

// maxWait bounds ?wait=, so that no client holds the port for ever.
const maxWait = 10 * time.Minute

// wait reads ?wait=10s; absent means not at all.
func wait(r *http.Request) (time.Duration, error) {
	v := r.URL.Query().Get("wait")
	if v == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 || d > maxWait {
		return 0, errors.New("wait is a duration from 0s to 10m, as in 10s")
	}
	return d, nil
}

func (s *server) otp(w http.ResponseWriter, r *http.Request) {
	email := r.URL.Query().Get("email")
	if email == "" {
		fail(w, http.StatusBadRequest, "no email is named", "add ?email=ADDRESS")
		return
	}
	d, err := wait(r)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), d)
	defer cancel()
	mail, err := s.backend.WaitOTP(ctx, email, r.URL.Query().Get("nonce"))
	if err != nil {
		fail(w, http.StatusNotFound, "no PIN was sent to "+email,
			"ask for one on the login page first; an address that no policy allows gets no mail")
		return
	}
	reply(w, http.StatusOK, mail)
}

// Clock is the body of /v1/clock.
type Clock struct {
	Advance string `json:"advance,omitempty"` // in a request: Go duration, as "24h"
	Aged    string `json:"aged,omitempty"`    // in an answer: the sum of all ages
}

func (s *server) clock(w http.ResponseWriter, r *http.Request) {
	reply(w, http.StatusOK, Clock{Aged: s.backend.Age(0).String()})
}

// maxAge bounds the sum of ages, so that adding to it never wraps around and makes what
// has expired young again.
const maxAge = 100 * 365 * 24 * time.Hour

func (s *server) advance(w http.ResponseWriter, r *http.Request) {
	var c Clock
	if !decode(w, r, &c) {
		return
	}
	d, err := time.ParseDuration(c.Advance)
	if err != nil || d < 0 {
		fail(w, http.StatusBadRequest, "advance is a duration that is not negative", `send {"advance": "24h"}`)
		return
	}
	if aged := s.backend.Age(0); d > maxAge-aged {
		fail(w, http.StatusBadRequest, fmt.Sprintf("what was granted would count more than 100 years older; it is %v already", aged),
			"everything has expired long before; start a new edge for a new clock")
		return
	}
	reply(w, http.StatusOK, Clock{Aged: s.backend.Age(d).String()})
}

// Explain is the body of a request to /v1/explain.
type Explain struct {
	Method  string      `json:"method,omitempty"` // empty: GET
	URL     string      `json:"url"`              // absolute
	Headers http.Header `json:"headers,omitempty"`
	Client  string      `json:"client,omitempty"` // entry of clients:; empty: the default
	As      string      `json:"as,omitempty"`     // e-mail address; decide as if that person were signed in

	ServiceToken string `json:"service_token,omitempty"` // name of one that the request shows; empty: none
}

func (s *server) explain(w http.ResponseWriter, r *http.Request) {
	var x Explain
	if !decode(w, r, &x) {
		return
	}
	req, err := http.NewRequest(x.Method, x.URL, nil)
	if err != nil || req.URL.Host == "" || (req.URL.Scheme != "https" && req.URL.Scheme != "http") {
		fail(w, http.StatusBadRequest, "the URL to explain is not an absolute http or https URL", "name it whole: https://HOST/PATH")
		return
	}
	if x.As != "" && !strings.Contains(x.As, "@") {
		fail(w, http.StatusBadRequest, strconv.Quote(x.As)+" is no e-mail address", "name one, as alice@example.com")
		return
	}
	for name, values := range x.Headers {
		for _, v := range values {
			req.Header.Add(name, v)
		}
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
		req.Header.Del("Host")
	}
	if x.ServiceToken != "" {
		shown, err := s.backend.ServiceTokenHeaders(x.ServiceToken)
		if err != nil {
			fail(w, http.StatusBadRequest, err.Error(), "name one of access.service_tokens")
			return
		}
		maps.Copy(req.Header, shown)
	}
	reply(w, http.StatusOK, s.backend.Explain(req, x.Client, x.As))
}

func (s *server) traces(w http.ResponseWriter, r *http.Request) {
	reply(w, http.StatusOK, append([]*trace.Trace{}, s.backend.Traces(0)...))
}

func (s *server) trace(w http.ResponseWriter, r *http.Request) {
	ray := r.PathValue("ray")
	if ray == "last" {
		if all := s.backend.Traces(0); len(all) > 0 {
			// What a Worker asked for while it answered came later than what it answers.
			asked := slices.IndexFunc(all, func(t *trace.Trace) bool { return t.Worker == "" })
			reply(w, http.StatusOK, all[max(asked, 0)])
			return
		}
		fail(w, http.StatusNotFound, "the edge has seen no request yet", "send one first")
		return
	}
	t, ok := s.backend.Trace(ray)
	if !ok {
		fail(w, http.StatusNotFound, "no request with that ray is remembered", "take the ray from a Cf-Ray header; the newest 1024 are kept")
		return
	}
	reply(w, http.StatusOK, t)
}

// maxBody is the largest request that the port reads.
const maxBody = 1 << 20

func decode(w http.ResponseWriter, r *http.Request, v any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		fail(w, http.StatusBadRequest, "the body is not the JSON that this path takes: "+err.Error(), "")
		return false
	}
	return true
}
