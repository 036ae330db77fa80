package edge

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// internal is a path that belongs to the edge on every proxied host.
type internal int

const (
	internalNone  internal = iota
	internalTrace          // /cdn-cgi/trace
	internalOther          // anything else under /cdn-cgi/ that Access does not take
)

func internalPath(path string) internal {
	if !strings.HasPrefix(path, "/cdn-cgi/") {
		return internalNone
	}
	if path == "/cdn-cgi/trace" {
		return internalTrace
	}
	return internalOther
}

// serveTrace answers /cdn-cgi/trace: one key=value a line, in the real order.
func (q *request) serveTrace(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/plain")
	h.Set("Cache-Control", "no-cache")
	h.Set("Expires", "Thu, 01 Jan 1970 00:00:01 GMT")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Access-Control-Allow-Origin", "*")
	version, tls, sni := strings.ToLower(r.Proto), "off", "off"
	if r.ProtoMajor == 2 {
		version = "http/2"
	}
	if q.admission.tls {
		tls, sni = "TLSv1.3", "plaintext"
		if r.TLS.Version == 0x0303 {
			tls = "TLSv1.2"
		}
	}
	loc := q.admission.client.Country
	if loc == "" {
		loc = "XX"
	}
	now := q.start.UnixMilli()
	if r.Method == http.MethodHead {
		return
	}
	fmt.Fprintf(w, "fl=1f1\nh=%s\nip=%s\nts=%d.%03d\nvisit_scheme=%s\nuag=%s\ncolo=%s\nsliver=none\nhttp=%s\nloc=%s\ntls=%s\nsni=%s\nwarp=off\ngateway=off\nrbi=off\nkex=X25519\n",
		q.admission.host.Name, q.admission.client.IP, now/1000, now%1000, q.admission.scheme(), r.UserAgent(), colo, version, loc, tls, sni)
}

// since is how long the request has taken on the edge's clock.
func (q *request) since() time.Duration { return q.edge.clock.Now().Sub(q.start) }
