package tunnelemu

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"golang.org/x/net/idna"
)

// builder makes the origins of one Tunnel. Rules that reach the same origin with the same settings share one, and
// with it its idle connections.
type builder struct {
	cfg        *Config
	options    Options
	profile    profile
	proxies    map[proxyKey]*proxy
	transports []*http.Transport
	hello      *hello
	client     *http.Client // fetches key sets; nil before the first
	keySets    map[string]*keySet
	errs       Errors
}

type proxyKey struct {
	kind         serviceKind
	scheme, addr string
	settings     settings
}

func (b *builder) origin(i int, k *compiled) origin {
	switch s := &k.service; s.kind {
	case kindStatus:
		return statusOrigin(s.status)
	case kindHello:
		if b.hello == nil {
			b.hello = newHello(b.options.Now)
		}
		return b.hello
	case kindStream:
		return newStream(b.dial(k.origin.settings()), s, k.origin.settings().socks)
	case kindSocks:
		return newSocksProxy(b.dial(k.origin.settings()), k.rule.OriginRequest.IPRules)
	case kindUnix, kindHTTP:
		key := proxyKey{kind: s.kind, scheme: "http", addr: s.socket, settings: k.origin.settings()}
		key.settings.socks = false
		if s.tls {
			key.scheme = "https"
		}
		if s.kind == kindHTTP {
			key.addr = s.url.Host
		} else {
			key.settings.hostHeader, key.settings.matchSNI = "", false
		}
		if p := b.proxies[key]; p != nil {
			return p
		}
		p, err := b.newProxy(key)
		if err != nil {
			err.Class = ClassFile
			field := fmt.Sprintf("ingress[%d].originRequest.caPool", i)
			if k.rule.OriginRequest.CAPool == nil {
				field = "originRequest.caPool"
			}
			b.errs = append(b.errs, b.cfg.errorAt(field, err))
			return nil
		}
		b.proxies[key] = p
		return p
	}
	panic("tunnelemu: no origin for service " + string(k.service.kind))
}

func (b *builder) newProxy(key proxyKey) (*proxy, *Error) {
	s := key.settings
	p := &proxy{scheme: key.scheme, host: key.addr, hostHeader: s.hostHeader, perHost: s.matchSNI && key.scheme == "https", unchunked: s.disableChunked}
	d := b.dial(s)
	switch {
	case key.kind == kindUnix:
		d.network, d.addr = "unix", key.addr
		p.host, p.socket = "localhost", true
		p.perHost = key.scheme == "https" && s.serverName == "" && !b.profile.unixTLSLocalhost
	case p.perHost:
		d.addr = dialAddress(key.scheme, key.addr)
	}
	tr := &http.Transport{
		DialContext:           d.open,
		TLSHandshakeTimeout:   s.tlsTimeout,
		MaxIdleConns:          s.keepAliveConnections,
		MaxIdleConnsPerHost:   s.keepAliveConnections,
		IdleConnTimeout:       s.keepAliveTimeout,
		ExpectContinueTimeout: time.Second,
		// A matched SNI forces HTTP/1.1 on TCP origins; sockets keep the choice.
		ForceAttemptHTTP2: s.http2 && !s.matchSNI,
	}
	if key.scheme == "https" {
		tr.TLSClientConfig = &tls.Config{ServerName: s.serverName, InsecureSkipVerify: s.noTLSVerify}
		if s.matchSNI {
			tr.TLSClientConfig.ServerName = ""
		}
		if s.caPool != "" {
			pool, err := loadPool(s.caPool)
			if err != nil {
				return nil, err
			}
			tr.TLSClientConfig.RootCAs = pool
		}
	}
	p.transport = tr
	b.transports = append(b.transports, tr)
	return p, nil
}

func (b *builder) dial(s settings) *dial {
	d := &dial{network: "tcp", timeout: s.connectTimeout, with: b.options.Dial}
	d.dialer = &net.Dialer{Timeout: s.connectTimeout, KeepAlive: s.tcpKeepAlive}
	if s.noHappyEyeballs {
		d.dialer.FallbackDelay = -1
	}
	return d
}

// loadPool is the system's roots and the file's.
func loadPool(file string) (*x509.CertPool, *Error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, &Error{Found: err.Error(), Allowed: "a PEM file with certificates"}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, &Error{Found: quoted(file) + " holds no certificate", Allowed: "a PEM file with certificates"}
	}
	return pool, nil
}

// dialAddress is host:port of an origin in the form that net/http dials.
func dialAddress(scheme, hostport string) string {
	u := url.URL{Host: hostport}
	host, port := u.Hostname(), u.Port()
	if ascii, err := idna.Lookup.ToASCII(host); err == nil && !isASCII(host) {
		host = ascii
	}
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	return net.JoinHostPort(host, port)
}

// dial opens connections for one origin.
type dial struct {
	network string
	addr    string // "": the address that the request's URL names
	timeout time.Duration
	dialer  *net.Dialer
	with    func(ctx context.Context, network, addr string) (net.Conn, error)
}

// dialError marks an error of connecting, as against one of the connection.
type dialError struct{ err error }

func (e *dialError) Error() string { return e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }

func (d *dial) open(ctx context.Context, _, addr string) (net.Conn, error) {
	if d.addr != "" {
		addr = d.addr
	}
	var conn net.Conn
	var err error
	if d.with == nil {
		conn, err = d.dialer.DialContext(ctx, d.network, addr)
	} else {
		ctx = context.WithValue(ctx, dialerKey{}, d.dialer)
		if d.timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, d.timeout)
			defer cancel()
		}
		conn, err = d.with(ctx, d.network, addr)
	}
	if err != nil {
		return nil, &dialError{err}
	}
	return conn, nil
}

type dialerKey struct{}

// ContextDialer is for an Options.Dial that ends in a real dial: the net.Dialer with the rule's connectTimeout,
// tcpKeepAlive and noHappyEyeballs. Outside of Options.Dial it is a zero Dialer.
func ContextDialer(ctx context.Context) *net.Dialer {
	if d, ok := ctx.Value(dialerKey{}).(*net.Dialer); ok {
		return d
	}
	return &net.Dialer{}
}
