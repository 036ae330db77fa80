package edge

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"

	"github.com/sundog-edge/sundog/edge/listen"
)

// Transport asks the edge in process: no socket, no name server, no certificate,
// and all of HTTP/1.1 all the same, since both sides are net/http's own. An https
// URL arrives with Request.TLS set. It is safe for concurrent use.
type Transport struct {
	edge *Edge
	info listen.Info

	once sync.Once
	base *http.Transport
}

// Transport returns a new transport. Its connections end with the edge.
func (e *Edge) Transport() *Transport { return &Transport{edge: e} }

// WithClient returns a transport whose requests come from that entry of clients:.
// The empty name is the default client.
func (t *Transport) WithClient(name string) *Transport {
	return &Transport{edge: t.edge, info: listen.Info{Client: name}}
}

// RoundTrip sends the request to the edge.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.once.Do(t.start)
	return t.base.RoundTrip(r)
}

// CloseIdleConnections ends connections that carry no request.
func (t *Transport) CloseIdleConnections() {
	t.once.Do(t.start)
	t.base.CloseIdleConnections()
}

func (t *Transport) start() {
	l := &t.edge.local
	l.mu.Lock()
	defer l.mu.Unlock()
	plainInfo, tlsInfo := t.info, t.info
	tlsInfo.TLS = true
	plain := l.serve(t.edge, nil, &plainInfo)
	secure := l.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.TLS = pretendTLS(r.Host)
		t.edge.ServeHTTP(w, r)
	}), nil, &tlsInfo)
	t.base = &http.Transport{
		DialContext:         dialQueue(plain),
		DialTLSContext:      dialQueue(secure),
		MaxIdleConnsPerHost: 64,
	}
}

// pretendTLS is the state of a connection that shows the right certificate.
func pretendTLS(authority string) *tls.ConnectionState {
	name := ""
	if h, err := canonicalHost(authority); err == nil {
		name = h.Name
	}
	return &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: name, NegotiatedProtocol: "http/1.1"}
}

func dialQueue(q *listen.Queue) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		if q == nil {
			return nil, net.ErrClosed
		}
		return q.Dial(ctx)
	}
}

// Client returns a client with its own cookie jar on a new Transport. It follows redirects, as
// http.Client does.
func (e *Edge) Client() *http.Client { return e.Transport().Client() }

// Client returns a client with its own cookie jar on this transport.
func (t *Transport) Client() *http.Client {
	return &http.Client{Transport: t, Jar: NewJar(t.edge.clock.Now)}
}
