package edge

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/sundog-edge/sundog/edge/worker"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// Codes of a call to a VPC service that failed, by RFC 9209.
const (
	vpcNotFound    = "destination_not_found"
	vpcUnavailable = "destination_unavailable"
	vpcDNS         = "dns_error"
	vpcRefused     = "connection_refused"
	vpcTerminated  = "connection_terminated"
	vpcTimeout     = "connection_timeout"
	vpcTLS         = "tls_protocol_error"
	vpcCertificate = "tls_certificate_error"
	vpcProtocol    = "http_protocol_error"
)

// vpcPlace is where a call to a VPC binding goes.
type vpcPlace struct {
	tunnel *tunnel
	addr   string // "10.0.0.5:8080"
	mode   string // of verifying certificates
	name   string // that the certificate is for
	label  string // for people
}

// vpcError is why a call has no place to go.
type vpcError struct{ code, why, mend string }

func (e *vpcError) Error() string { return e.why }

type vpcKey struct{}

// vpcs carry the calls of VPC bindings, with one pool of connections for each way of verifying certificates.
type vpcs struct {
	edge  *Edge
	once  sync.Once
	pools atomic.Pointer[map[string]*http.Transport]
}

func (v *vpcs) pool(mode string) *http.Transport {
	v.once.Do(func() {
		pools := map[string]*http.Transport{}
		for _, mode := range []string{"verify_full", "verify_ca", "disabled"} {
			pools[mode] = &http.Transport{
				DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
					return v.edge.dialVPC(ctx, ctx.Value(vpcKey{}).(*vpcPlace))
				},
				DialTLSContext:      func(ctx context.Context, network, _ string) (net.Conn, error) { return v.dialTLS(ctx, mode) },
				MaxIdleConnsPerHost: 16,
				DisableCompression:  true,
			}
		}
		v.pools.Store(&pools)
	})
	pools := *v.pools.Load()
	if t := pools[mode]; t != nil {
		return t
	}
	return pools["verify_full"]
}

func (v *vpcs) dialTLS(ctx context.Context, mode string) (net.Conn, error) {
	place := ctx.Value(vpcKey{}).(*vpcPlace)
	conn, err := v.edge.dialVPC(ctx, place)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{ServerName: place.name, RootCAs: v.edge.direct.roots(), NextProtos: []string{"http/1.1"}, InsecureSkipVerify: mode != "verify_full"}
	if mode == "verify_ca" {
		config.VerifyConnection = func(state tls.ConnectionState) error {
			between := x509.NewCertPool()
			for _, c := range state.PeerCertificates[1:] {
				between.AddCert(c)
			}
			_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: config.RootCAs, Intermediates: between})
			return err
		}
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}

func (v *vpcs) close() {
	if pools := v.pools.Load(); pools != nil {
		for _, t := range *pools {
			t.CloseIdleConnections()
		}
	}
}

// serveVPC is a call to a VPC binding: an answer of the service is passed on whatever it says, and a failure to get one
// is thrown in the Worker.
func (e *Edge) serveVPC(w http.ResponseWriter, r *http.Request, caller *worker.Caller) {
	place, err := e.vpcPlace(e.snap.Load(), r, caller)
	if err != nil {
		e.vpcFailed(w, caller, nil, err)
		return
	}
	ctx := context.WithValue(r.Context(), vpcKey{}, place)
	if r.Method == http.MethodConnect {
		conn, err := e.dialVPC(ctx, place)
		if err != nil {
			e.vpcFailed(w, caller, place, err)
			return
		}
		join(w, conn)
		return
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			// Connections are shared by who means the same place by the same name.
			key := strings.NewReplacer(":", "-", "[", "", "]", "").Replace(place.addr)
			p.Out.URL = &url.URL{Scheme: r.URL.Scheme, Host: key + "." + strings.ToLower(place.tunnel.def.UUID) + "." + strings.ReplaceAll(place.name, ":", "-") + ".vpc", Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery}
			p.Out.Host = r.Host
			removeEdgeHeaders(p.Out.Header)
		},
		Transport:     e.vpc.pool(place.mode),
		FlushInterval: -1,
		ModifyResponse: func(res *http.Response) error {
			worker.DropProxyError(res.Header) // the service has an answer, and does not speak for the edge
			return nil
		},
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) {
			if r.Context().Err() != nil {
				panic(http.ErrAbortHandler)
			}
			e.vpcFailed(w, caller, place, err)
		},
	}
	proxy.ServeHTTP(w, r.WithContext(ctx))
}

// vpcFailed throws in the Worker, and tells the person at the terminal why. place is nil when the call has none.
func (e *Edge) vpcFailed(w http.ResponseWriter, caller *worker.Caller, place *vpcPlace, err error) {
	code := vpcCode(err)
	e.log.Warn("the Worker "+caller.Worker+" calls "+caller.VPC.Name+": ProxyError: "+code+": "+err.Error(), "mend", vpcMend(place, err))
	worker.WriteProxyError(w, code)
}

// vpcMend is what to do about a call that failed; empty: not known.
func vpcMend(place *vpcPlace, err error) string {
	var known *vpcError
	code := vpcCode(err)
	switch {
	case errors.As(err, &known):
		return known.mend
	case place == nil:
	case code == vpcDNS:
		return "say where it is: " + originsHint(place.addr)
	case code == vpcRefused:
		return "start what listens there, or say where else it is: " + originsHint(place.addr)
	}
	return ""
}

func vpcCode(err error) string {
	var (
		known   *vpcError
		name    *net.DNSError
		timeout net.Error
		unknown x509.UnknownAuthorityError
		wrong   x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		conn    *connector.Error
	)
	switch {
	case errors.As(err, &known):
		return known.code
	case errors.As(err, &conn) && conn.Kind == connector.KindNoConnector:
		return vpcUnavailable
	case errors.As(err, &name):
		return vpcDNS
	case errors.Is(err, syscall.ECONNREFUSED):
		return vpcRefused
	case errors.As(err, &unknown), errors.As(err, &wrong), errors.As(err, &invalid):
		return vpcCertificate
	case errors.As(err, &record):
		return vpcTLS
	case errors.As(err, &timeout) && timeout.Timeout():
		return vpcTimeout
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return vpcUnavailable
	case strings.Contains(err.Error(), "malformed HTTP"):
		return vpcProtocol
	}
	return vpcTerminated
}

// vpcPlace reads a binding and a request's URL: of a service the URL says scheme and path, and the service where;
// of a network the URL says all.
func (e *Edge) vpcPlace(s *snapshot, r *http.Request, caller *worker.Caller) (*vpcPlace, error) {
	b := caller.VPC
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, ""
	}
	if b.Type == "vpc_network" {
		return s.networkPlace(r, host, port, b.TunnelID, b.NetworkID)
	}
	svc, ok := find(s.scripts.vpc, b.ServiceID)
	if !ok {
		return nil, &vpcError{vpcNotFound, "there is no VPC service " + b.ServiceID + " in this world", "add it under vpc_services:"}
	}
	p := &vpcPlace{name: host, label: svc.Name}
	if svc.TLSSettings != nil {
		p.mode = svc.TLSSettings.Mode
	}
	number := svc.TCPPort
	if svc.Type != "tcp" {
		number, err = servicePort(svc, r)
		if err != nil {
			return nil, err
		}
	}
	network, at := svc.Host.Network, svc.Host.IPv4
	if at == "" {
		at = svc.Host.IPv6
	}
	if svc.Host.Hostname != "" {
		network, at = svc.Host.ResolverNetwork, svc.Host.Hostname
	}
	p.addr = net.JoinHostPort(at, strconv.Itoa(number))
	id := ""
	if network != nil {
		id = network.TunnelID
	}
	if p.tunnel, err = s.tunnelNamed(id); err != nil {
		return nil, &vpcError{vpcUnavailable, "of the VPC service " + svc.Name + ": " + err.Error(), "add the tunnel under tunnels:"}
	}
	return p, nil
}

// servicePort is the port of a URL's scheme. A service that gives one port only has one scheme only.
func servicePort(svc *world.VPCService, r *http.Request) (int, error) {
	port, other, standard := svc.HTTPPort, svc.HTTPSPort, 80
	if r.URL.Scheme == "https" {
		port, other, standard = svc.HTTPSPort, svc.HTTPPort, 443
	}
	switch {
	case port != 0:
		return port, nil
	case other != 0:
		return 0, &vpcError{vpcUnavailable, "the VPC service " + svc.Name + " has no port for " + r.URL.Scheme, "give it " + r.URL.Scheme + "_port, or ask by the other scheme"}
	}
	return standard, nil
}

func (s *snapshot) networkPlace(r *http.Request, host, port, tunnelID, networkID string) (*vpcPlace, error) {
	if port == "" {
		port = "80"
		if r.URL.Scheme == "https" {
			port = "443"
		}
	}
	p := &vpcPlace{addr: net.JoinHostPort(host, port), name: host, label: "network"}
	if tunnelID != "" {
		t, err := s.tunnelNamed(tunnelID)
		if err != nil {
			return nil, &vpcError{vpcUnavailable, err.Error(), "add the tunnel under tunnels:"}
		}
		p.tunnel = t
		return p, nil
	}
	// The account's whole private network: the one tunnel there is.
	for doc := range s.layers.All(world.KindTunnel) {
		if p.tunnel != nil {
			return nil, &vpcError{vpcUnavailable, "the network " + networkID + " has more than one tunnel, and none of them says which addresses are behind it", "bind tunnel_id in place of network_id"}
		}
		p.tunnel, _ = find(s.tunnels, doc.Key.ID)
	}
	if p.tunnel == nil {
		return nil, &vpcError{vpcUnavailable, "the network " + networkID + " has no tunnel in this world", "add one under tunnels:"}
	}
	return p, nil
}

// dialVPC connects from where a tunnel's connector stands: the real one when it has dialled in, else here.
func (e *Edge) dialVPC(ctx context.Context, p *vpcPlace) (net.Conn, error) {
	s := e.snap.Load()
	if e.connectors.Ready(p.tunnel.def.UUID) {
		return e.dialBehind(ctx, s, p)
	}
	if p.tunnel.def.DialledIn() {
		return nil, &vpcError{vpcUnavailable, "tunnel " + tunnelName(p.tunnel) + " has no connector", "start one: sundog tunnel run-command " + p.tunnel.def.Label() + " prints how"}
	}
	return e.dialNamed(ctx, "tcp", p.addr)
}

// dialBehind connects through a real connector, which takes addresses alone. Names are resolved here, as they would be
// beside the connector; one that dialled in over HTTP/2 has no way to, as on the real network.
func (e *Edge) dialBehind(ctx context.Context, s *snapshot, p *vpcPlace) (net.Conn, error) {
	for _, c := range e.connectors.Connectors(p.tunnel.def.UUID) {
		for _, conn := range c.Connections {
			if conn.Protocol == connector.HTTP2 {
				return nil, &vpcError{vpcDNS, "a connector of tunnel " + tunnelName(p.tunnel) + " has dialled in over HTTP/2", "let it use QUIC: cloudflared tunnel run --protocol quic"}
			}
		}
	}
	addr := p.addr
	if to, ok := find(s.origins, strings.ToLower(addr)); ok && to.network != "unix" {
		addr = to.addr
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(host); err != nil {
		list, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		if err != nil {
			return nil, err
		}
		addr = net.JoinHostPort(list[0].Unmap().String(), port)
	}
	return e.connectors.DialContext(ctx, p.tunnel.def.UUID, "tcp", addr)
}
