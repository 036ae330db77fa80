package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
	"time"
)

// proxy answers on the port that is proxy and plain HTTP at once.
type proxy struct {
	edge        http.Handler
	policy      ProxyPolicy
	dial        DialFunc
	credentials credentials
	info        *Info
	tls, plain  *Queue // tls is nil without Handlers.TLS
	forward     *httputil.ReverseProxy
	firstByte   time.Duration
	idle        time.Duration
}

// dialTimeout bounds connecting to what the policy passes through.
const dialTimeout = 30 * time.Second

func newProxy(cfg Config, h Handlers, info *Info, tls, plain *Queue) *proxy {
	p := &proxy{
		edge:        h.Edge,
		policy:      h.Proxy,
		dial:        h.Dial,
		credentials: newCredentials(cfg.ProxyPassword),
		info:        info,
		tls:         tls,
		plain:       plain,
		firstByte:   orDefault(cfg.HeaderTimeout, defaultHeaderTimeout),
		idle:        orDefault(cfg.TunnelIdle, defaultTunnelIdle),
	}
	if p.dial == nil {
		p.dial = (&net.Dialer{}).DialContext
	}
	p.dial = nearOnly(p.dial)
	p.forward = newForwarder(p.dial)
	return p
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.connect(w, r)
	case r.URL.Scheme != "":
		p.absolute(w, r)
	case p.credentials.wanted:
		p.origin(w, r)
	default:
		p.edge.ServeHTTP(w, r)
	}
}

// origin answers a request in origin form where the port has a password: it guards the
// hosts as much as the proxy.
func (p *proxy) origin(w http.ResponseWriter, r *http.Request) {
	client, ok := p.credentials.admit(r)
	if !ok {
		demandCredentials(w)
		return
	}
	info := *p.info
	info.Client = client
	p.edge.ServeHTTP(w, r.WithContext(With(r.Context(), &info)))
}

// absolute answers a request whose target is a whole URL. The URL's authority
// decides, whatever the Host field says.
func (p *proxy) absolute(w http.ResponseWriter, r *http.Request) {
	client, ok := p.credentials.admit(r)
	if !ok {
		demandCredentials(w)
		return
	}
	if r.URL.Scheme != "http" {
		refuse(w, http.StatusBadRequest, "the proxy takes http:// URLs in a request line; use CONNECT for "+r.URL.Scheme+"://")
		return
	}
	if m := checkTarget(r); m != nil {
		refuse(w, http.StatusBadRequest, m.Error())
		return
	}
	authority := r.URL.Host
	if r.URL.Port() == "" {
		authority = strings.TrimSuffix(authority, ":") + ":80"
	}
	host, port, err := ParseTarget(authority)
	if err != nil {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("%q: %v", r.URL.Host, err))
		return
	}
	switch a := p.admit(r.Context(), host, port, client); {
	case a.Terminate:
		info := *p.info
		info.Client, info.Proxied = client, true
		originForm(r)
		delete(r.Header, "Proxy-Connection")
		p.edge.ServeHTTP(w, r.WithContext(With(r.Context(), &info)))
	case a.Dial:
		r.URL.Host = net.JoinHostPort(host, strconv.Itoa(port))
		p.forward.ServeHTTP(w, r.WithContext(fromAfar(r)))
	default:
		refuse(w, a.Status, a.Text)
	}
}

func (p *proxy) admit(ctx context.Context, host string, port int, client string) Admission {
	if p.policy == nil {
		return Admission{Status: http.StatusForbidden, Text: host + " is refused: the proxy has no policy that admits it"}
	}
	a := p.policy.Admit(ctx, host, port, client)
	if a.Text == "" {
		a.Text = fmt.Sprintf("%s is refused by the proxy's policy", net.JoinHostPort(host, strconv.Itoa(port)))
	}
	return a
}

// dialFailed answers for a target that was admitted and cannot be reached.
func dialFailed(w http.ResponseWriter, target string, err error) {
	if own := (*ownMachineError)(nil); errors.As(err, &own) {
		refuse(w, http.StatusForbidden, own.Error())
		return
	}
	status := http.StatusBadGateway
	var ne net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout() {
		status = http.StatusGatewayTimeout
	}
	refuse(w, status, fmt.Sprintf("cannot reach %s: %v", target, err))
}
