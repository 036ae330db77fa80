package listen

import (
	"bufio"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// testCert covers the hosts of the tests; it is its own authority.
var testCert = sync.OnceValues(func() (tls.Certificate, *x509.Certificate) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "listen test"},
		NotAfter:     time.Now().Add(time.Hour),
		IsCA:         true, BasicConstraintsValid: true,
		DNSNames:    []string{"a.example.com", "b.example.com"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	parsed, _ := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, parsed
})

func serverTLS() *tls.Config {
	cert, _ := testCert()
	return &tls.Config{Certificates: []tls.Certificate{cert}}
}

func clientTLS(name string, protos ...string) *tls.Config {
	_, ca := testCert()
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	return &tls.Config{RootCAs: pool, ServerName: name, NextProtos: protos}
}

// caFile writes the certificate that curl shall trust.
func caFile(t *testing.T) string {
	_, ca := testCert()
	file := filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// seen is what Edge saw of a request.
type seen struct {
	Method, Host, Target, Path, Proto, Body string
	Auth                                    string
	Info                                    Info
	TLS                                     bool
}

// mirror answers what it saw, or the 400 of Check.
var mirror = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if err := Check(r); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	info := From(r.Context())
	if info == nil {
		info = &Info{Client: "no info"}
	}
	json.NewEncoder(w).Encode(seen{
		Method: r.Method, Host: r.Host, Target: r.RequestURI, Path: r.URL.String(), Proto: r.Proto,
		Body: string(body), Auth: r.Header.Get("Proxy-Authorization"), Info: *info, TLS: r.TLS != nil,
	})
})

// policy terminates *.example.com, dials what it is told, refuses the rest.
type policy map[string]bool

func (p policy) Admit(_ context.Context, host string, port int, client string) Admission {
	switch {
	case strings.HasSuffix(host, ".example.com"):
		return Admission{Terminate: true}
	case p[host]:
		return Admission{Dial: true}
	}
	return Admission{Status: 403, Text: host + " is not in this world; --egress " + host + " would admit it"}
}

// held keeps the tunnel listener's sockets until it is to end.
func held(ctx context.Context, tcp net.Listener, udp net.PacketConn) error {
	<-ctx.Done()
	tcp.Close()
	udp.Close()
	return nil
}

// start serves mirror everywhere and closes with the test.
func start(t testing.TB, change ...func(*Config, *Handlers)) *Server {
	t.Helper()
	cfg, h := Ports0(), Handlers{
		Edge: mirror, Admin: mirror, TLS: serverTLS(), Proxy: policy{"127.0.0.1": true}, Tunnel: held,
		DNS: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
			w.WriteMsg(new(dns.Msg).SetReply(q))
		}),
	}
	for _, c := range change {
		c(&cfg, &h)
	}
	s, err := Serve(context.Background(), cfg, h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// client goes through the proxy as user ("" for none).
func client(t testing.TB, s *Server, user string, protos ...string) *http.Client {
	proxyURL := &url.URL{Scheme: "http", Host: s.Addrs().Proxy}
	if user != "" {
		name, password, _ := strings.Cut(user, ":")
		proxyURL.User = url.UserPassword(name, password)
	}
	tr := &http.Transport{
		Proxy:             http.ProxyURL(proxyURL),
		TLSClientConfig:   clientTLS(""),
		ForceAttemptHTTP2: len(protos) > 0,
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func get(t testing.TB, c *http.Client, url string) (int, http.Header, string) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(body)
}

func getSeen(t testing.TB, c *http.Client, url string) seen {
	t.Helper()
	status, _, body := get(t, c, url)
	var got seen
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
		t.Fatalf("%s: %d %s", url, status, body)
	}
	return got
}

// say dials addr, writes raw bytes and returns the connection to read from.
func say(t testing.TB, addr, raw string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, raw); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

// sayTLS is say inside TLS with the given ALPN.
func sayTLS(t testing.TB, addr, proto, raw string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := tls.Dial("tcp", addr, clientTLS("a.example.com", proto))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, raw); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

func readResponse(t testing.TB, r *bufio.Reader, method string) (*http.Response, string) {
	t.Helper()
	resp, err := http.ReadResponse(r, &http.Request{Method: cmp.Or(method, "GET")})
	if err != nil {
		t.Fatal(err)
	}
	if method == "CONNECT" && resp.StatusCode == 200 {
		return resp, ""
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp, string(body)
}
