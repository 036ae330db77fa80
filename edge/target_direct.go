package edge

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sundog-edge/sundog/edge/problem"
	"github.com/sundog-edge/sundog/internal/reqbody"
)

// direct reaches origins that a proxied A, AAAA or CNAME record names, without a tunnel.
// It speaks the scheme that the client spoke, on its port, and verifies certificates, as
// the mode "full (strict)" does.
type direct struct {
	edge *Edge
	once sync.Once
	made atomic.Pointer[http.Transport]
}

// Times that the real edge waits for a direct origin.
const (
	directConnect = 15 * time.Second  // then 522
	directAnswer  = 100 * time.Second // then 524
)

type directKey struct{}

func (d *direct) transport() *http.Transport {
	d.once.Do(func() {
		d.made.Store(&http.Transport{
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				if to, ok := ctx.Value(directKey{}).(string); ok {
					addr = to
				}
				ctx, cancel := context.WithTimeout(ctx, directConnect)
				defer cancel()
				return d.edge.dial(ctx, network, addr)
			},
			TLSClientConfig:       &tls.Config{RootCAs: d.roots()},
			TLSHandshakeTimeout:   directConnect,
			ResponseHeaderTimeout: directAnswer,
			MaxIdleConnsPerHost:   64,
			IdleConnTimeout:       90 * time.Second,
			DisableCompression:    true,
		})
	})
	return d.made.Load()
}

// roots are what this machine trusts, and the edge's own CA, whose certificates in-process
// origins show.
func (d *direct) roots() *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	pool.AppendCertsFromPEM(d.edge.ca.CertPEM())
	return pool
}

// forget drops idle connections, since a record may lead elsewhere now.
func (d *direct) forget() {
	if base := d.made.Load(); base != nil {
		base.CloseIdleConnections()
	}
}

// directTarget is the origin that a record names.
type directTarget request

func (t *directTarget) Serve(w http.ResponseWriter, r *http.Request) error {
	q := (*request)(t)
	q.answered(&byOrigin)
	port := "80"
	if q.admission.tls {
		port = "443"
	}
	to := net.JoinHostPort(strings.TrimSuffix(q.route.record.Content, "."), port)
	back := q.keepBody(r)
	var failed error
	var handshakeFailed atomic.Bool
	var body *reqbody.Body
	if r.Body != nil && r.Body != http.NoBody {
		body = reqbody.New(r.Body)
		r.Body = body
		defer body.Stop()
	}
	proxy := &httputil.ReverseProxy{
		ModifyResponse: func(*http.Response) error {
			if body != nil {
				body.AnswerEarly(w)
			}
			return nil
		},
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL = &url.URL{Scheme: q.admission.scheme(), Host: q.admission.host.Name, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery}
			p.Out.Host = r.Host
			for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Proto"} { // ReverseProxy drops what it did not set
				p.Out.Header[name] = r.Header[name]
			}
		},
		Transport:     q.edge.direct.transport(),
		FlushInterval: -1,
		ErrorHandler:  func(_ http.ResponseWriter, _ *http.Request, err error) { failed = err },
		ErrorLog:      log.New(io.Discard, "", 0),
	}
	ctx := httptrace.WithClientTrace(context.WithValue(r.Context(), directKey{}, to), &httptrace.ClientTrace{
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) { handshakeFailed.Store(err != nil) },
	})
	proxy.ServeHTTP(w, r.WithContext(ctx))
	if failed == nil {
		if body != nil {
			body.Leave(w, r)
		}
		return nil
	}
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // the client left
	}
	if back != nil && errors.Is(failed, syscall.ECONNREFUSED) {
		return q.standIn(q.admission.scheme()+"://"+to, q.snap.recordMark(q.route.record), back).Serve(w, r)
	}
	return q.directProblem(to, failed, handshakeFailed.Load())
}

func (q *request) directProblem(to string, err error, handshake bool) *problem.Problem {
	where := q.snap.recordMark(q.route.record)
	var (
		refused  *EgressError
		proxy    *EgressProxyError
		name     *net.DNSError
		unknown  x509.UnknownAuthorityError
		wrong    x509.HostnameError
		invalid  x509.CertificateInvalidError
		verify   *tls.CertificateVerificationError
		timeout  net.Error
		isDial   *net.OpError
		dialling = errors.As(err, &isDial) && isDial.Op == "dial"
	)
	switch {
	case errors.As(err, &refused):
		return problem.OriginUnreachable("the origin "+to+" is outside this world", refused.Mend, where)
	case errors.As(err, &proxy):
		return problem.OriginUnreachable("the origin "+to+" cannot be reached: "+proxy.why(), proxy.Mend, where)
	case errors.As(err, &name):
		return problem.OriginName("the origin's name "+name.Name+" does not resolve on this machine",
			`correct the record, or send the dial elsewhere with origins: {"`+q.admission.scheme()+"://"+to+`": "`+q.admission.scheme()+`://127.0.0.1:PORT"}`, where)
	case errors.Is(err, syscall.ECONNREFUSED):
		return problem.OriginDown("nothing listens at "+to, "start the origin, or correct the record", where)
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return problem.OriginUnreachable("there is no way to "+to+" from this machine", "correct the record, or add an entry to origins:", where)
	case errors.As(err, &verify), errors.As(err, &unknown), errors.As(err, &wrong), errors.As(err, &invalid):
		return problem.OriginCertificate("the certificate of "+to+" does not verify: "+err.Error(), "give the origin a certificate that this machine trusts (SSL_CERT_FILE), or ask by http://", where)
	case handshake:
		return problem.OriginHandshake("the TLS handshake with "+to+" failed: "+err.Error(), "serve TLS there, or ask by http://", where)
	case dialling && (errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()):
		return problem.OriginTimeout(to+" did not take the connection in time", "check the origin, or add an entry to origins:", where)
	case errors.As(err, &timeout) && timeout.Timeout():
		return problem.OriginSilent(to+" took the request and did not answer in time", "look into the origin's own log", where)
	}
	return problem.OriginUnknown(to+" answered something that is no HTTP response: "+err.Error(), "look into the origin's own log", where)
}
