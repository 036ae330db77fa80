package connector_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
	"github.com/sundog-edge/sundog/tunnelemu/connector/connectortest"
	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

var protocols = []connector.Protocol{connector.HTTP2, connector.QUIC}

// web is the tunnel of most tests.
var web = connector.Tunnel{
	ID: "6f5e4d3c-2b1a-4987-8765-43210fedcba9", AccountTag: "0123456789abcdef0123456789abcdef",
	Secret: []byte("0123456789abcdef0123456789abcdef"), Name: "web",
}

// edge is a Server on loopback that knows the tunnel web, and a front that hands it every request.
type edge struct {
	*connector.Server
	addr  string
	roots *x509.CertPool
	pem   []byte
	front *httptest.Server
	log   *logBuffer

	mu     sync.Mutex
	events []connector.Event
	news   chan struct{}
}

// logBuffer is what a Server has logged.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newEdge(t testing.TB, o connector.Options) *edge {
	t.Helper()
	e := &edge{log: new(logBuffer), news: make(chan struct{})}
	if o.Lookup == nil {
		o.Lookup = func(id string) (connector.Tunnel, bool) { return web, id == web.ID }
	}
	o.Log = slog.New(slog.NewTextHandler(e.log, nil))
	o.OnChange = func(ev connector.Event) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.events = append(e.events, ev)
		close(e.news)
		e.news = make(chan struct{})
	}
	e.Server = connector.New(o)
	var config *tls.Config
	config, e.roots, e.pem = certificates(t)
	tcp, udp := listen(t)
	e.addr = tcp.Addr().String()
	served := make(chan error, 1)
	go func() { served <- e.Serve(context.Background(), tcp, udp, config) }()
	e.front = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		err := e.ServeTunnel(w, r, web.ID)
		if err == nil {
			return
		}
		var failed *connector.Error
		if !errors.As(err, &failed) {
			t.Errorf("%T: %v", err, err)
			return
		}
		w.Header().Set("X-Kind", string(failed.Kind))
		status := http.StatusBadGateway
		if failed.Kind == connector.KindNoConnector {
			status = 530
		}
		http.Error(w, err.Error(), status)
	}))
	e.front.EnableHTTP2 = true
	e.front.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	e.front.StartTLS()
	t.Cleanup(func() {
		e.front.CloseClientConnections()
		e.front.Close()
		e.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(e.log.String())
		}
	})
	return e
}

// listen takes a port that is free for TCP and UDP.
func listen(t testing.TB) (net.Listener, net.PacketConn) {
	t.Helper()
	for range 20 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		udp, err := net.ListenPacket("udp", tcp.Addr().String())
		if err == nil {
			return tcp, udp
		}
		tcp.Close()
	}
	t.Fatal("no port is free for both TCP and UDP")
	return nil, nil
}

// certificates makes a CA and a leaf for the names of the edge.
func certificates(t testing.TB) (*tls.Config, *x509.CertPool, []byte) {
	t.Helper()
	key := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	caKey, leafKey := key(), key()
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: connector.Names(), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, leafKey.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	asPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(asPEM)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: leafKey}}}, roots, asPEM
}

// origin makes connectors send every request to a server, whatever its host.
func origin(t testing.TB, h http.Handler) http.RoundTripper {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	server.Start()
	addr := server.Listener.Addr().String()
	transport := &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.CloseClientConnections()
		server.Close()
	})
	return transport
}

func (e *edge) options(p connector.Protocol) connectortest.Options {
	return connectortest.Options{Edge: e.addr, Protocol: p, Roots: e.roots, Tunnel: web, Connections: 1}
}

func start(t testing.TB, o connectortest.Options) *connectortest.Connector {
	t.Helper()
	c, err := connectortest.Start(within(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// within is a context for what must not take long.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func (e *edge) client() *http.Client { return e.front.Client() }

// event waits for an event, and returns the first that is one.
func (e *edge) event(t testing.TB, kind connector.EventKind) connector.Event {
	t.Helper()
	return e.eventWith(t, func(ev connector.Event) bool { return ev.Kind == kind })
}

func (e *edge) eventWith(t testing.TB, ok func(connector.Event) bool) connector.Event {
	t.Helper()
	ctx := within(t)
	for {
		e.mu.Lock()
		events, news := e.events, e.news
		e.mu.Unlock()
		for _, ev := range events {
			if ok(ev) {
				return ev
			}
		}
		select {
		case <-news:
		case <-ctx.Done():
			t.Fatalf("no such event: %+v\n%s", events, e.log.String())
		}
	}
}

// logged waits until the log has a line with all the words.
func (e *edge) logged(t testing.TB, words ...string) {
	t.Helper()
	eventually(t, func() bool {
		for line := range strings.Lines(e.log.String()) {
			all := true
			for _, w := range words {
				all = all && strings.Contains(line, w)
			}
			if all {
				return true
			}
		}
		return false
	}, func() string { return strings.Join(words, " … ") + " is not in\n" + e.log.String() })
}

// eventually polls a condition that nothing announces.
func eventually(t testing.TB, ok func() bool, what func() string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	ctx := within(t)
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(what())
		}
	}
}

func writeFile(t testing.TB, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

var discard = slog.New(slog.DiscardHandler)

// counter counts bytes.
type counter struct {
	mu sync.Mutex
	n  int64
}

func (c *counter) add(n int) {
	c.mu.Lock()
	c.n += int64(n)
	c.mu.Unlock()
}

func (c *counter) value() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// endless is an origin whose response does not end; what was read of it is counted.
type endless struct{ sent *counter }

func (o endless) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, ProtoMajor: 1, ContentLength: -1, Request: r, Body: endlessBody{o.sent, r.Context()}}, nil
}

type endlessBody struct {
	sent *counter
	ctx  context.Context
}

func (b endlessBody) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil {
		return 0, b.ctx.Err()
	}
	b.sent.add(len(p))
	return len(p), nil
}

func (b endlessBody) Close() error { return nil }

// quicClient is a connector that has registered and does nothing else.
type quicClient struct {
	*quic.Conn
	socket net.PacketConn
	client *wire.ControlClient
}

// vanish closes the socket under the connection.
func (c *quicClient) vanish() { c.socket.Close() }

var webID = wire.ID{0x6f, 0x5e, 0x4d, 0x3c, 0x2b, 0x1a, 0x49, 0x87, 0x87, 0x65, 0x43, 0x21, 0x0f, 0xed, 0xcb, 0xa9}

func registeredQUIC(t *testing.T, e *edge) *quicClient {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr, err := net.ResolveUDPAddr("udp", e.addr)
	if err != nil {
		t.Fatal(err)
	}
	transport := &quic.Transport{Conn: socket}
	conn, err := transport.Dial(within(t), addr, &tls.Config{ServerName: connector.QUICName, RootCAs: e.roots, NextProtos: []string{wire.ALPN}}, &quic.Config{EnableDatagrams: true, MaxIncomingStreams: 100})
	if err != nil {
		t.Fatal(err)
	}
	control, err := conn.OpenStreamSync(within(t))
	if err != nil {
		t.Fatal(err)
	}
	c := &quicClient{conn, socket, wire.DialControl(within(t), control, discard)}
	t.Cleanup(func() {
		_ = conn.CloseWithError(0, "")
		c.client.Close()
		transport.Close()
		socket.Close()
	})
	if _, err := c.client.Register(within(t), wire.Registration{Tunnel: webID, AccountTag: web.AccountTag, Secret: web.Secret}); err != nil {
		t.Fatal(err)
	}
	return c
}
