package worker

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// Caller is whose request came to Outbound.
type Caller struct {
	Worker, Version string           // empty for a request that the edge itself sends to a dev server
	Zone            string           // Worker.Zone
	VPC             *version.Binding // the vpc_service or vpc_network binding that it was fetched through; nil: fetch() or connect()
	Server          string           // the dev server that the request is for, as Worker.URL; empty: the URL's host
	Hops            int              // what Cf-Ew-Via says if the Worker passed it on; 0: it did not
	CF              json.RawMessage  // what the Worker gave as cf; nil: nothing
}

type callerKey struct{}

// CallerOf is the caller of a request in Outbound; nil: the request is none of a Worker's.
func CallerOf(ctx context.Context) *Caller {
	c, _ := ctx.Value(callerKey{}).(*Caller)
	return c
}

// proxyErrorHeader carries the code of WriteProxyError.
const proxyErrorHeader = "Sundog-Proxy-Error"

// WriteProxyError answers a request of a VPC binding that did not reach the service: fetch() throws
// "ProxyError: <code>" then. Codes are those of RFC 9209, as "dns_error" or "connection_refused".
func WriteProxyError(w http.ResponseWriter, code string) {
	w.Header().Set(proxyErrorHeader, code)
	w.WriteHeader(http.StatusBadGateway)
}

// DropProxyError takes from an answer of a service what [WriteProxyError] alone may say.
func DropProxyError(h http.Header) { delete(h, proxyErrorHeader) }

// outbound takes a Worker's request at its endpoint.
func (e *Engine) outbound(w http.ResponseWriter, r *http.Request, from *Caller) {
	caller := *from
	if cf := r.Header.Get(cfHeader); cf != "" {
		caller.CF = json.RawMessage(cf)
	}
	if via, _, _ := strings.Cut(r.Header.Get("Cf-Ew-Via"), ";"); via != "" {
		caller.Hops, _ = strconv.Atoi(strings.TrimSpace(via))
	}
	scheme := r.Header.Get(schemeHeader)
	if scheme != "https" {
		scheme = "http"
	}
	r = r.WithContext(context.WithValue(r.Context(), callerKey{}, &caller))
	dropOwn(r.Header)
	if r.Method != http.MethodConnect {
		r.URL.Scheme, r.URL.Host = scheme, r.Host
	}
	// The Worker may read the answer while it still sends.
	_ = http.NewResponseController(w).EnableFullDuplex()
	e.opts.Outbound.ServeHTTP(w, r)
}
