package edge

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sundog-edge/sundog/edge/problem"
	"github.com/sundog-edge/sundog/edge/worker"
)

// outbound takes whatever Workers ask for: the front door of the edge when the host is the world's, VPC services, and
// what egress admits. A Worker has no loopback.
type outbound Edge

func (o *outbound) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := (*Edge)(o)
	caller := worker.CallerOf(r.Context())
	if caller == nil {
		http.Error(w, "no Worker asks", http.StatusForbidden)
		return
	}
	switch {
	case caller.VPC != nil:
		e.serveVPC(w, r, caller)
	case caller.Server != "":
		e.passDevServer(w, r, caller.Server)
	case r.Method == http.MethodConnect:
		e.connectFor(w, r, caller)
	default:
		e.fetchFor(w, r, caller)
	}
}

// fetchFor is a Worker's fetch().
func (e *Edge) fetchFor(w http.ResponseWriter, r *http.Request, caller *worker.Caller) {
	s := e.snap.Load()
	h, err := canonicalHost(r.Host)
	if err != nil {
		e.refuseFetch(w, r, problem.BadRequest(err.Error(), "name a host"))
		return
	}
	at, where, err := s.locate(h.Name)
	switch {
	case err == nil && where == served && at == h.Name:
		e.frontDoor(w, r, s, caller)
	case err != nil:
		e.refuseFetch(w, r, problem.OriginName("the Worker "+caller.Worker+" asks for "+h.Name+", which does not resolve: "+err.Error(), "add a record, or correct the name", ""))
	default:
		e.passOutside(w, r, e.outside.by(e, e.dialForWorker))
	}
}

// frontDoor sends a Worker's request the way that everybody's go, as the Worker it is.
func (e *Edge) frontDoor(w http.ResponseWriter, r *http.Request, s *snapshot, caller *worker.Caller) {
	sub := &subrequest{worker: caller.Worker, zone: caller.Zone, hops: hopsLeft(r.Header), public: e.fetchesPublicly(s, caller), client: workerAddress}
	if forwarded, err := netip.ParseAddr(r.Header.Get("Cf-Connecting-Ip")); err == nil && s.inZone(r.Host, caller.Zone) {
		sub.client = forwarded
	}
	in := r.WithContext(context.WithValue(r.Context(), subrequestKey{}, sub))
	in.RemoteAddr = "" // no address of this machine
	in.RequestURI = r.URL.RequestURI()
	if r.URL.Scheme == "https" {
		in.TLS = pretendTLS(r.Host)
	}
	url := *r.URL
	url.Scheme, url.Host = "", ""
	in.URL = &url
	delete(in.Header, "X-Forwarded-Proto")
	e.ServeHTTP(w, in)
}

// fetchesPublicly tells whether a Worker's fetch of its own zone goes through the front door.
func (e *Edge) fetchesPublicly(s *snapshot, caller *worker.Caller) bool {
	const private, public = "global_fetch_private_origin", "global_fetch_strictly_public"
	strictly := false
	for _, flag := range s.flagsOf(caller.Worker, caller.Version) {
		strictly = strictly && flag != private || flag == public
	}
	return strictly
}

// outside is a transport of Workers' requests to hosts that are not the world's.
type outside struct {
	once sync.Once
	made atomic.Pointer[http.Transport]
}

// by is the transport, which is made for the first request; dial opens its connections.
func (o *outside) by(e *Edge, dial func(ctx context.Context, network, addr string) (net.Conn, error)) *http.Transport {
	o.once.Do(func() {
		t := e.direct.transport().Clone()
		t.DialContext = dial
		o.made.Store(t)
	})
	return o.made.Load()
}

func (o *outside) close() {
	if t := o.made.Load(); t != nil {
		t.CloseIdleConnections()
	}
}

// passOutside sends a request on and its answer back.
func (e *Edge) passOutside(w http.ResponseWriter, r *http.Request, by http.RoundTripper) {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.Host = r.Host
			removeEdgeHeaders(p.Out.Header)
		},
		Transport:     by,
		FlushInterval: -1,
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) {
			if r.Context().Err() != nil {
				panic(http.ErrAbortHandler)
			}
			e.refuseFetch(w, r, fetchProblem(r.URL.Host, err))
		},
	}
	proxy.ServeHTTP(w, r)
}

// fetchProblem is what becomes of a fetch() that could not be sent.
func fetchProblem(host string, err error) *problem.Problem {
	var refused *EgressError
	var proxy *EgressProxyError
	var name *net.DNSError
	switch {
	case errors.As(err, &refused):
		return problem.OriginUnreachable(refused.Addr+" is outside this world", refused.Mend, "")
	case errors.As(err, &proxy):
		return problem.OriginUnreachable(host+" cannot be reached: "+proxy.why(), proxy.Mend, "")
	case errors.As(err, &name):
		return problem.OriginName("the name "+name.Name+" does not resolve on this machine", "correct it, or map it in origins:", "")
	}
	return problem.OriginDown(host+" cannot be reached: "+err.Error(), "start what listens there", "")
}

// passDevServer sends a request to the dev server that runs a Worker.
func (e *Edge) passDevServer(w http.ResponseWriter, r *http.Request, server string) {
	to, err := url.Parse(server)
	if err != nil {
		e.refuseFetch(w, r, problem.BadRequest(err.Error(), "give the Worker the URL of its dev server"))
		return
	}
	out := *r.URL
	out.Scheme, out.Host = to.Scheme, to.Host
	r.URL = &out
	e.passOutside(w, r, e.devServers.by(e, e.dialNamed))
}

// refuseFetch answers a Worker's fetch() with a problem, and tells the person at the terminal.
func (e *Edge) refuseFetch(w http.ResponseWriter, r *http.Request, p *problem.Problem) {
	name := ""
	if caller := worker.CallerOf(r.Context()); caller != nil {
		name = caller.Worker
	}
	e.log.Warn("the Worker "+name+" asks for "+r.URL.Scheme+"://"+r.Host+": "+p.Cause, "mend", p.Mend)
	h := w.Header()
	h.Set("Sundog-Why", p.Why())
	h.Set("Sundog-Answered-By", p.AnsweredBy())
	p.Render(w, problem.About{Host: r.Host, Accept: r.Header.Get("Accept"), Head: r.Method == http.MethodHead})
}

// connectFor is a Worker's connect().
func (e *Edge) connectFor(w http.ResponseWriter, r *http.Request, caller *worker.Caller) {
	if h, err := canonicalHost(r.Host); err == nil {
		if at, where, err := e.snap.Load().locate(h.Name); err == nil && where == served {
			e.refuseFetch(w, r, problem.OriginUnreachable("connect() reaches no address of the edge itself, which "+at+" is at", "use fetch()", ""))
			return
		}
	}
	conn, err := e.dialForWorker(r.Context(), "tcp", r.Host)
	if err != nil {
		e.refuseFetch(w, r, fetchProblem(r.Host, err))
		return
	}
	join(w, conn)
}

// join answers a CONNECT and carries bytes both ways until either side has ended.
func join(w http.ResponseWriter, conn net.Conn) {
	defer conn.Close()
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer client.Close()
	if _, err := io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() {
		io.Copy(conn, buffered)
		closeWrite(conn)
	})
	io.Copy(client, conn)
	closeWrite(client)
	both.Wait()
}

func closeWrite(c net.Conn) {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
		return
	}
	c.Close()
}

// dialForWorker is dial without this machine and its networks: what origins leads elsewhere, hosts of the world, and what
// egress admits.
func (e *Edge) dialForWorker(ctx context.Context, network, addr string) (net.Conn, error) {
	s := e.snap.Load()
	if _, ok := find(s.origins, strings.ToLower(addr)); ok || s.egressAllows(addr) {
		return e.dial(ctx, network, addr)
	}
	if conn, ok, err := e.dialGiven(ctx, network, addr); ok {
		return conn, err
	}
	name, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	if _, where, err := s.locate(name); where != stranger || err != nil {
		return e.dial(ctx, network, addr)
	}
	refused := &EgressError{Addr: addr, Mend: s.egressMend(addr)}
	if literal(addr) {
		refused.Mend = "on the real network a Worker has no machine of its own around it; to let it reach this one all the same, add " + `"` + addr + `" to egress:`
	}
	return nil, refused
}
