package tunnelemu

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/sundog-edge/sundog/internal/derive"
)

// Options configure a Tunnel; the zero value works.
type Options struct {
	File      string       // names the configuration in messages; "": the Config's own File
	Log       *slog.Logger // nil: discarded; one debug line per failed origin request
	Connector string       // UUID sent as Cf-Warp-Tag-Id; "": derived from the tunnel's name

	// Transport is the way between edge and connector whose quirks show: "quic", "http2", "auto" (which is quic), or
	// "none" for a tunnel without any. "": the configuration's protocol, and failing that auto.
	Transport string
	// Quirks turns single quirks off, or on, whatever the transport; the keys are the names of [Quirks]. nil: the
	// transport's own.
	Quirks map[string]bool

	// Dial opens connections to origins ("tcp" with host:port, "unix" with a path). nil: ContextDialer(ctx).DialContext.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Resolve gives the addresses of a name that a SOCKS client wants to reach; ipRules judge the first one. Who
	// resolves names sends them where they lead: an allowed name is given to Dial as it is. nil: the system's resolver,
	// IPv4 before IPv6, and Dial gets the address that was judged, as from the connector.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// HTTP fetches the key sets that a rule's access block is checked with, from
	// https://<team>.cloudflareaccess.com/cdn-cgi/access/certs. nil: HTTP over Dial, with the system's roots.
	HTTP http.RoundTripper

	// Now is the clock of hello_world's uptime and of the check of Access tokens. nil: time.Now.
	Now func() time.Time
	// Ticker starts a ticker: pings of WebSocket-carried TCP, and hello_world's events. nil: time.NewTicker.
	Ticker func(period time.Duration) (ticks <-chan time.Time, stop func())
}

// fill puts the defaults where nothing is set.
func (o *Options) fill(c *Config) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Connector == "" {
		o.Connector = derive.UUID("", "connector", c.Tunnel)
	}
	if o.Ticker == nil {
		o.Ticker = func(period time.Duration) (<-chan time.Time, func()) {
			t := time.NewTicker(period)
			return t.C, t.Stop
		}
	}
}

// Tunnel carries requests to the origins that a configuration names. It is an http.Handler, safe for concurrent use, and
// immutable: a new configuration is a new Tunnel, and the old one is closed while its requests run out.
type Tunnel struct {
	file       string
	index      *index
	origins    []origin // by rule
	management origin
	transports []*http.Transport
	tags       []warpTag
	profile    profile
	options    Options // filled
	closed     atomic.Bool
}

// origin is what stands behind a rule. A returned error is an *OriginError, and nothing was written then.
type origin interface {
	serve(t *Tunnel, w http.ResponseWriter, r *http.Request, d Decision) error
}

// New checks and compiles a configuration. Its error is Errors: what the connector would refuse to start with, a caPool
// that cannot be read included, and options that do not exist. New opens no socket.
func New(cfg *Config, o Options) (*Tunnel, error) {
	c := *cfg
	if o.File != "" {
		c.File = o.File
	}
	rules, errs := c.compile()
	if len(errs) > 0 {
		sortErrors(errs)
		return nil, errs
	}
	o.fill(&c)
	transport, bad := c.transport(o.Transport)
	if bad != nil {
		return nil, Errors{bad}
	}
	profile, errs := profileOf(transport, o.Quirks)
	if len(errs) > 0 {
		return nil, errs
	}
	tags, errs := c.warpTags(o.Connector)
	if len(errs) > 0 {
		return nil, errs
	}
	t := &Tunnel{file: c.File, index: newIndex(rules), tags: tags, profile: profile, options: o}
	b := &builder{cfg: &c, options: o, profile: profile, proxies: map[proxyKey]*proxy{}}
	t.origins = make([]origin, len(rules))
	for i := range rules {
		t.origins[i] = b.guard(&rules[i], b.origin(i, &rules[i]))
	}
	if len(b.errs) > 0 {
		return nil, b.errs
	}
	t.management = managementOrigin{}
	t.transports = b.transports
	return t, nil
}

// Parse is New for the hurried: a config.yml, defaults everywhere, findings dropped.
func Parse(configYAML []byte) (*Tunnel, error) {
	cfg, _, err := ParseConfig("config.yml", configYAML)
	if err != nil {
		return nil, err
	}
	return New(cfg, Options{})
}

// Decision says which rule takes a request. It belongs to the Tunnel that made it.
type Decision struct {
	Index int   // 0 is the first rule; -1 is the connector's own rule for its management host
	Rule  *Rule // never nil; its Line is 0 when no file names the rule
	Match Match
}

// Match says why a rule was chosen.
type Match string

// The ways a rule's hostname meets a host.
const (
	MatchHost       Match = "host"       // the literal hostname, or its punycode form
	MatchWildcard   Match = "wildcard"   // "*.example.com"
	MatchAny        Match = "any"        // no hostname, or "*"
	MatchDefault    Match = "default"    // there are no rules: 503
	MatchManagement Match = "management" // the connector answers itself
)

var managementRule = Rule{Hostname: managementHost, Service: "management"}

// Decide finds the rule for a host and a percent-decoded path. A port in host is dropped; nothing else is normalised,
// and hosts are compared byte by byte. It allocates nothing.
func (t *Tunnel) Decide(host, path string) Decision {
	host = dropPort(host)
	if host == managementHost {
		return Decision{Index: -1, Rule: &managementRule, Match: MatchManagement}
	}
	i := t.index.find(host, path)
	k := &t.index.rules[i]
	return Decision{Index: i, Rule: k.rule, Match: k.match(host)}
}

// Serve carries one request to the origin of a decision that this Tunnel made. A returned error is an *OriginError, and
// then nothing was written: the connector would answer its Status without a body. When the origin or the client fails after the response
// has begun, Serve panics with http.ErrAbortHandler, so that the client sees a broken response and no whole one.
func (t *Tunnel) Serve(w http.ResponseWriter, r *http.Request, d Decision) error {
	// A request that loaded this Tunnel before Close must not leave an idle connection behind.
	defer func() {
		if t.closed.Load() {
			t.closeIdle()
		}
	}()
	if d.Index < 0 {
		return t.management.serve(t, w, r, d)
	}
	return t.origins[d.Index].serve(t, w, r, d)
}

// ServeHTTP decides and serves. An origin that cannot be reached is a 502 without a body, as the connector answers; a
// request without the Access token that its rule requires is a 403.
func (t *Tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := t.Serve(w, r, t.Decide(r.Host, r.URL.Path))
	if err == nil {
		return
	}
	t.options.Log.LogAttrs(r.Context(), slog.LevelDebug, "origin request failed", slog.String("error", err.Error()))
	status := http.StatusBadGateway
	var failed *OriginError
	if errors.As(err, &failed) {
		status = failed.Status()
	}
	w.WriteHeader(status)
}

// Close closes idle connections to origins, now and whenever a request that still runs leaves one. Running requests
// are not disturbed.
func (t *Tunnel) Close() {
	t.closed.Store(true)
	t.closeIdle()
}

func (t *Tunnel) closeIdle() {
	for _, tr := range t.transports {
		tr.CloseIdleConnections()
	}
}
