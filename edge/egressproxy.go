package edge

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// ProxyFunc says by which proxy a connection to an address goes that egress admits; addr is "host:port". Nil: by
// none. The URL's scheme is http or https, and it may have a user and a password.
type ProxyFunc func(addr string) (*url.URL, error)

// WithEgressProxy sets by which proxy egress goes, as on networks that have no other way out. Origins of the world,
// its names, this machine and addresses of private networks are never reached by it. Nil: by none.
func WithEgressProxy(f ProxyFunc) Option {
	return func(o *options) { o.proxy = f }
}

// EgressProxyError is a dial that egress admits and that failed at the proxy on its way.
type EgressProxyError struct {
	Addr   string // "example.org:443"
	Proxy  string // "http://proxy.corp:3128", never with its password; empty: which one is not known
	Status int    // of the proxy's answer; 0: there was none
	Cause  string // what is wrong, without Addr and Proxy: "refuses (403 Forbidden)"
	Mend   string // what would change that

	timeout bool
}

func (e *EgressProxyError) Error() string { return e.why() + "; " + e.Mend }

func (e *EgressProxyError) why() string {
	if e.Proxy == "" {
		return e.Cause
	}
	return "the proxy " + e.Proxy + " on the way " + e.Cause
}

// Timeout says whether the proxy did not answer in time. What it is not is a connection that the origin refused:
// the error of the socket is not within.
func (e *EgressProxyError) Timeout() bool { return e.timeout }

// Temporary is always false.
func (e *EgressProxyError) Temporary() bool { return false }

var _ net.Error = (*EgressProxyError)(nil)

// proxyWithin bounds the proxy's answer, beside what the dial's own context says.
const proxyWithin = 30 * time.Second

// dialEgress connects to what egress admits.
func (e *Edge) dialEgress(ctx context.Context, network, addr string) (net.Conn, error) {
	if e.proxy == nil || nearLiteral(addr) {
		return e.dialer(nil).DialContext(ctx, network, addr)
	}
	via, err := e.proxy(addr)
	if err != nil {
		return nil, e.egressFailed(&EgressProxyError{Addr: addr, Cause: err.Error(), Mend: "correct the variable and start the edge again"})
	}
	if via == nil {
		return e.dialer(nil).DialContext(ctx, network, addr)
	}
	conn, err := connectThrough(ctx, e.dialer(nil), via, addr)
	var failed *EgressProxyError
	if errors.As(err, &failed) {
		return nil, e.egressFailed(failed)
	}
	return conn, err
}

// egressFailed tells the person too: a client shows little of what a proxy says.
func (e *Edge) egressFailed(err *EgressProxyError) error {
	e.refused(err.Addr, err.why(), err.Mend, err.Mend)
	return err
}

// nearLiteral is this machine, or an address of a private network.
func nearLiteral(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && isNear(ip) || err != nil && literal(addr)
}

// connectThrough asks a proxy for a connection.
func connectThrough(ctx context.Context, d *net.Dialer, via *url.URL, addr string) (net.Conn, error) {
	name := via.Scheme + "://" + via.Host
	failed := func(status int, cause, mend string) error {
		if err := ctx.Err(); errors.Is(err, context.Canceled) {
			return err
		}
		return &EgressProxyError{Addr: addr, Proxy: name, Status: status, Cause: cause, Mend: mend, timeout: errors.Is(ctx.Err(), context.DeadlineExceeded)}
	}
	const correct = "correct HTTP_PROXY and HTTPS_PROXY of the edge's own environment, or name the host in its NO_PROXY, and start it again"
	var port string
	switch via.Scheme {
	case "http":
		port = "80"
	case "https":
		port = "443"
	default:
		return nil, failed(0, "is of a kind that is not supported yet: "+via.Scheme, "name one of http:// or https://")
	}
	if p := via.Port(); p != "" {
		port = p
	}
	ctx, cancel := context.WithTimeout(ctx, proxyWithin)
	defer cancel()
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(via.Hostname(), port))
	if err != nil {
		return nil, failed(0, "cannot be reached: "+plainly(err), correct)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	if via.Scheme == "https" {
		secure := tls.Client(conn, &tls.Config{ServerName: via.Hostname(), NextProtos: []string{"http/1.1"}})
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, failed(0, "does not speak TLS that this machine trusts: "+plainly(err), "name it as http://, or trust its certificate (SSL_CERT_FILE)")
		}
		conn = secure
	}
	far, status, err := connect(conn, via.User, addr)
	switch {
	case !stop():
		conn.Close()
		return nil, failed(0, "did not answer in time", correct)
	case err != nil:
		conn.Close()
		return nil, failed(0, "does not answer as an HTTP proxy does: "+plainly(err), correct)
	}
	code := fmt.Sprintf("(%d %s)", status, http.StatusText(status))
	switch {
	case status/100 == 2:
		return far, nil
	case status == http.StatusProxyAuthRequired && via.User == nil:
		err = failed(status, "wants credentials for "+addr+" "+code, "write them into HTTPS_PROXY of the edge's own environment, as http://USER:PASSWORD@"+via.Host+", and start it again")
	case status == http.StatusProxyAuthRequired:
		err = failed(status, "does not take its credentials for "+addr+" "+code, "correct user and password in HTTPS_PROXY of the edge's own environment (other signs than letters and digits as %XX), and start it again")
	case strings.HasSuffix(addr, ":80"):
		err = failed(status, "refuses "+addr+" "+code, "many proxies connect to port 443 alone: ask by https://, or name the host in NO_PROXY if there is a way without the proxy")
	default:
		err = failed(status, "refuses "+addr+" "+code, "whoever runs it may admit the host; name it in NO_PROXY if there is a way without the proxy")
	}
	conn.Close()
	return nil, err
}

// maxProxyAnswer bounds the header of a proxy's answer.
const maxProxyAnswer = 64 << 10

// connect sends CONNECT and reads the answer. far begins with what came behind it.
func connect(conn net.Conn, user *url.Userinfo, addr string) (far net.Conn, status int, err error) {
	request := "CONNECT " + addr + " HTTP/1.1\r\nHost: " + addr + "\r\n"
	if user != nil {
		password, _ := user.Password()
		request += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)) + "\r\n"
	}
	if _, err := io.WriteString(conn, request+"\r\n"); err != nil {
		return nil, 0, err
	}
	r := bufio.NewReader(io.LimitReader(conn, maxProxyAnswer))
	resp, err := http.ReadResponse(r, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return nil, 0, err
	}
	if n := r.Buffered(); n > 0 && resp.StatusCode/100 == 2 {
		first, _ := r.Peek(n)
		return &begunConn{conn, first}, resp.StatusCode, nil
	}
	return conn, resp.StatusCode, nil
}

// begunConn is a connection of which the first bytes have been read already.
type begunConn struct {
	net.Conn
	first []byte
}

func (c *begunConn) Read(p []byte) (int, error) {
	if len(c.first) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.first)
	c.first = c.first[n:]
	return n, nil
}

// plainly is a failure in one line, without what the sentence around it says.
func plainly(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it closed the connection"
	}
	s := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, err.Error())
	const most = 200
	if len(s) > most {
		s = s[:most] + "..."
	}
	return s
}
