package tunnelemu

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// authority is a CA of the test's own, in a file.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA, not for production"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key, file}
}

func (a *authority) leaf(t testing.TB, names ...string) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
}

// tlsOrigin answers with protocol, server name and ALPN of the connection.
func tlsOrigin(t testing.TB, l net.Listener, cert tls.Certificate, protocols ...string) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s sni=%q host=%s", r.Proto, r.TLS.ServerName, r.Host)
	}))
	if l != nil {
		s.Listener.Close()
		s.Listener = l
	}
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: protocols}
	s.EnableHTTP2 = true
	s.Config.ErrorLog = quiet
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// ask sends one request for a host and returns the body, or the origin error.
func ask(t testing.TB, tunnel *Tunnel, host string) (string, *OriginError) {
	t.Helper()
	w := httptest.NewRecorder()
	err := tunnel.Serve(w, httptest.NewRequest("GET", "http://"+host+"/", nil), tunnel.Decide(host, "/"))
	var oe *OriginError
	if err != nil && !errors.As(err, &oe) {
		t.Fatal(err)
	}
	return w.Body.String(), oe
}

func TestTLSOptions(t *testing.T) {
	ca := newAuthority(t)
	origin := tlsOrigin(t, nil, ca.leaf(t, "127.0.0.1", "app.example.com", "inner.test"))
	pool := "caPool: " + ca.file
	for _, c := range []struct {
		name    string
		options []string
		want    string // body, or kind of error
	}{
		{"unknown authority", nil, "tls"},
		{"noTLSVerify", []string{"noTLSVerify: true"}, `HTTP/1.1 sni="" host=app.example.com`},
		{"caPool", []string{pool}, `HTTP/1.1 sni="" host=app.example.com`},
		{"originServerName", []string{pool, "originServerName: inner.test"}, `HTTP/1.1 sni="inner.test" host=app.example.com`},
		{"wrong originServerName", []string{pool, "originServerName: other.test"}, "tls"},
		{"matchSNItoHost", []string{pool, "matchSNItoHost: true"}, `HTTP/1.1 sni="app.example.com" host=app.example.com`},
		{"matchSNItoHost after httpHostHeader", []string{pool, "matchSNItoHost: true", "httpHostHeader: inner.test"}, `HTTP/1.1 sni="inner.test" host=inner.test`},
		{"matchSNItoHost beats originServerName", []string{pool, "matchSNItoHost: true", "originServerName: other.test"}, `HTTP/1.1 sni="app.example.com" host=app.example.com`},
		{"http2Origin", []string{pool, "http2Origin: true"}, `HTTP/2.0 sni="" host=app.example.com`},
		{"matchSNItoHost forces HTTP/1.1", []string{pool, "http2Origin: true", "matchSNItoHost: true"}, `HTTP/1.1 sni="app.example.com" host=app.example.com`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ask(t, parse(t, oneRule(origin.URL, c.options...)), "app.example.com")
			if err != nil {
				got = string(err.Kind)
			}
			if got != c.want {
				t.Errorf("got %s (%v), want %s", got, err, c.want)
			}
		})
	}
}

// One rule, two hosts: connections are not shared between server names.
func TestMatchSNIToHostKeepsHostsApart(t *testing.T) {
	ca := newAuthority(t)
	origin := tlsOrigin(t, nil, ca.leaf(t, "a.example.com", "b.example.com"))
	tunnel := parse(t, oneRule(origin.URL, "matchSNItoHost: true", "caPool: "+ca.file))
	for range 2 {
		for _, host := range []string{"a.example.com", "b.example.com"} {
			got, err := ask(t, tunnel, host)
			if err != nil || !strings.Contains(got, fmt.Sprintf("sni=%q", host)) {
				t.Errorf("%s: %q, %v", host, got, err)
			}
		}
	}
	if _, err := ask(t, tunnel, "c.example.com"); err == nil || err.Kind != KindTLS {
		t.Errorf("a host outside the certificate: %v", err)
	}
}

func TestHTTP1HasNoALPN(t *testing.T) {
	ca := newAuthority(t)
	var protos atomic.Pointer[[]string]
	origin := tlsOrigin(t, nil, ca.leaf(t, "127.0.0.1"))
	origin.TLS.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		protos.Store(&h.SupportedProtos)
		return nil, nil
	}
	if _, err := ask(t, parse(t, oneRule(origin.URL, "noTLSVerify: true")), "a"); err != nil {
		t.Fatal(err)
	}
	if got := protos.Load(); got == nil || len(*got) > 0 {
		t.Errorf("offered %v", got)
	}
}

func TestUnixSockets(t *testing.T) {
	ca := newAuthority(t)
	dir, err := os.MkdirTemp("", "u") // socket paths are short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	listen := func(name string) net.Listener {
		l, err := net.Listen("unix", filepath.Join(dir, name))
		if err != nil {
			t.Skip("no unix sockets here: ", err)
		}
		return l
	}
	plain := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "plain host="+r.Host) })}
	l := listen("plain")
	go func() { _ = plain.Serve(l) }()
	t.Cleanup(func() { plain.Close() })
	tlsOrigin(t, listen("tls"), ca.leaf(t, "app.example.com", "inner.test"))

	for _, c := range []struct{ service, options, want string }{
		{"unix:" + dir + "/plain", "", "plain host=app.example.com"},
		{"unix:" + dir + "/plain", "httpHostHeader: x", "plain host=app.example.com"},
		{"unix+tls:" + dir + "/tls", "caPool: " + ca.file, `HTTP/1.1 sni="app.example.com" host=app.example.com`},
		{"unix+tls:" + dir + "/tls", "{caPool: " + ca.file + ", originServerName: inner.test}", `HTTP/1.1 sni="inner.test" host=app.example.com`},
		{"unix+tls:" + dir + "/tls", "{caPool: " + ca.file + ", http2Origin: true}", `HTTP/2.0 sni="app.example.com" host=app.example.com`},
		{"unix:" + dir + "/none", "", "missing"},
	} {
		config := "ingress:\n- service: " + c.service + "\n"
		if c.options != "" {
			if !strings.HasPrefix(c.options, "{") {
				c.options = "{" + c.options + "}"
			}
			config += "  originRequest: " + c.options + "\n"
		}
		got, err := ask(t, parse(t, config), "app.example.com")
		if err != nil {
			got = string(err.Kind)
		}
		if got != c.want {
			t.Errorf("%s %s: got %s (%v), want %s", c.service, c.options, got, err, c.want)
		}
	}
}

func TestCAPoolUnreadable(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"/does/not/exist.pem", empty} {
		for _, config := range []string{
			oneRule("https://localhost", "caPool: "+file),
			"originRequest: {caPool: " + file + "}\ningress:\n- service: https://localhost\n",
		} {
			_, err := Parse([]byte(config))
			var e *Error
			if !errors.As(err, &e) || e.Class != ClassFile || e.Line == 0 {
				t.Errorf("%s: %v", config, err)
			}
		}
	}
}
