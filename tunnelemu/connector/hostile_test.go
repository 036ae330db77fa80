package connector_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// rawQUIC is a QUIC connection of somebody who may be no connector.
func rawQUIC(t *testing.T, e *edge) *quic.Conn {
	t.Helper()
	conn, err := quic.DialAddr(within(t), e.addr, &tls.Config{ServerName: connector.QUICName, RootCAs: e.roots, NextProtos: []string{wire.ALPN}},
		&quic.Config{EnableDatagrams: true, MaxIncomingStreams: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseWithError(0, "") })
	return conn
}

// rawHTTP2 serves the edge's requests with a handler.
func rawHTTP2(t *testing.T, e *edge, h http.Handler) <-chan struct{} {
	t.Helper()
	conn, err := tls.Dial("tcp", e.addr, &tls.Config{ServerName: connector.H2Name, RootCAs: e.roots})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		wire.ServeHTTP2(context.Background(), conn, h)
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return done
}

// Who never registers is sent away in time, however far he came, and others are served meanwhile.
func TestNeverRegisters(t *testing.T) {
	e := newEdge(t, connector.Options{RegisterWithin: 300 * time.Millisecond})
	o := e.options(connector.HTTP2)
	o.Origin = named("x")
	start(t, o)

	ended := make(chan string, 9)
	closes := func(what string, wait func() error) {
		go func() {
			_ = wait()
			ended <- what
		}()
	}
	tcp, err := net.Dial("tcp", e.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	closes("no TLS", func() error { _, err := io.Copy(io.Discard, tcp); return err })
	mute, err := tls.Dial("tcp", e.addr, &tls.Config{ServerName: connector.H2Name, RootCAs: e.roots})
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	closes("no HTTP/2", func() error { _, err := io.Copy(io.Discard, mute); return err })
	idle := rawHTTP2(t, e, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	closes("no RPC over HTTP/2", func() error { <-idle; return nil })
	silent := rawQUIC(t, e)
	closes("no stream over QUIC", func() error { <-silent.Context().Done(); return nil })
	half := rawQUIC(t, e)
	stream, err := half.OpenStreamSync(within(t))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = stream.Write([]byte{0})
	closes("no RPC over QUIC", func() error { <-half.Context().Done(); return nil })
	for range 5 {
		select {
		case <-ended:
		case <-within(t).Done():
			t.Fatal("somebody stays")
		}
	}
	e.logged(t, "the connector did not register in time", "protocol=http2")
	e.logged(t, "the connector did not register in time", "protocol=quic")
	if got := ask(t, e, web.ID); got != "x" {
		t.Error(got)
	}
}

// A flood of strangers is held off, whoever has registered is served, and there is room again afterwards.
func TestFloodOfStrangers(t *testing.T) {
	e := newEdge(t, connector.Options{Strangers: 4})
	o := e.options(connector.HTTP2)
	o.Origin = named("x")
	start(t, o)
	var conns []net.Conn
	for range 60 {
		conn, err := net.Dial("tcp", e.addr)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	closed := make(chan struct{}, len(conns))
	for _, conn := range conns {
		go func() {
			_, _ = io.Copy(io.Discard, conn)
			closed <- struct{}{}
		}()
	}
	for range len(conns) - 4 {
		<-closed
	}
	e.logged(t, "too many connections have not registered")
	if got := ask(t, e, web.ID); got != "x" {
		t.Error(got)
	}
	for _, conn := range conns {
		conn.Close()
	}
	eventually(t, func() bool {
		c, err := tls.Dial("tcp", e.addr, &tls.Config{ServerName: connector.H2Name, RootCAs: e.roots})
		if err == nil {
			c.Close()
		}
		return err == nil
	}, func() string { return "no room again" })
}

// Streams that a connector opens and nobody expects end, and nothing else does.
func TestUnsignedStreams(t *testing.T) {
	e := newEdge(t, connector.Options{})
	conn := registeredQUIC(t, e)
	for range 40 {
		stream, err := conn.OpenStreamSync(within(t))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = stream.Write([]byte("unsigned stream"))
		var reset *quic.StreamError
		if _, err := stream.Read(make([]byte, 1)); !errors.As(err, &reset) {
			t.Fatal(err)
		}
	}
	if err := conn.SendDatagram([]byte("nobody listens")); err != nil {
		t.Error(err)
	}
	if !e.Ready(web.ID) || conn.Context().Err() != nil {
		t.Error("the connection is gone")
	}
}

// Answers that are none are errors of the one request.
func TestMalformedAnswers(t *testing.T) {
	e := newEdge(t, connector.Options{})
	conn := registeredQUIC(t, e)
	status := func(v string, more ...wire.Metadata) func(io.Writer) {
		return func(w io.Writer) {
			_ = wire.WriteConnectResponse(w, &wire.ConnectResponse{Metadata: append([]wire.Metadata{{Key: wire.KeyStatus, Val: v}}, more...)})
		}
	}
	for name, answer := range map[string]func(io.Writer){
		"noise":            func(w io.Writer) { _, _ = io.WriteString(w, "HTTP/1.1 200 OK\r\n\r\n") },
		"RPC":              func(w io.Writer) { _ = wire.WriteRPCHead(w) },
		"no status":        func(w io.Writer) { _ = wire.WriteConnectResponse(w, &wire.ConnectResponse{}) },
		"status 42":        status("42"),
		"status 1000":      status("1000"),
		"status 100":       status("100"),
		"a word":           status("OK"),
		"101 unasked":      status("101"),
		"a split header":   status("200", wire.Metadata{Key: "HttpHeader:A", Val: "b\r\nc: d"}),
		"no name":          status("200", wire.Metadata{Key: "HttpHeader:", Val: "b"}),
		"no length":        status("200", wire.Metadata{Key: "HttpHeader:Content-Length", Val: "-1"}),
		"a head of 2 MB":   status("200", wire.Metadata{Key: "HttpHeader:A", Val: strings.Repeat("x", 2<<20)}),
		"too many headers": status("200", make([]wire.Metadata, 5000)...),
	} {
		t.Run(name, func(t *testing.T) {
			go func() {
				stream, err := conn.AcceptStream(context.Background())
				if err != nil {
					return
				}
				answer(stream)
				_ = stream.Close()
			}()
			_, err := e.RoundTrip(request(t, "GET", "http://a/", nil).WithContext(within(t)), web.ID)
			var failed *connector.Error
			if !errors.As(err, &failed) || failed.Kind != connector.KindMalformed {
				t.Error(err)
			}
		})
	}
	if !e.Ready(web.ID) {
		t.Error("the connection is gone")
	}
}

// Over HTTP/2 too, and a head that is too long.
func TestMalformedHTTP2Answers(t *testing.T) {
	for name, answer := range map[string]http.Header{
		"no base64":      {wire.HeaderResponse: {"!"}},
		"a split header": {wire.HeaderResponse: {"QQ:DQo"}},
		"3 MB":           {wire.HeaderResponse: {strings.Repeat("QQ:;", 800_000)}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEdge(t, connector.Options{})
			registered := make(chan *wire.ControlClient, 1)
			rawHTTP2(t, e, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get(wire.HeaderUpgrade) != wire.UpgradeControl {
					for name, values := range answer {
						w.Header()[name] = values
					}
					return
				}
				_ = http.NewResponseController(w).Flush()
				client := wire.DialControl(r.Context(), &handlerStream{r.Body, w}, discard)
				if _, err := client.Register(r.Context(), wire.Registration{Tunnel: webID, AccountTag: web.AccountTag, Secret: web.Secret}); err != nil {
					t.Error(err)
				}
				registered <- client
				<-client.Done()
			}))
			client := <-registered
			_, err := e.RoundTrip(request(t, "GET", "http://a/", nil).WithContext(within(t)), web.ID)
			var failed *connector.Error
			if !errors.As(err, &failed) || failed.Kind != connector.KindMalformed && failed.Kind != connector.KindLost {
				t.Error(err)
			}
			e.Close()
			client.Close()
		})
	}
}

type handlerStream struct {
	io.ReadCloser
	w http.ResponseWriter
}

func (s *handlerStream) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	_ = http.NewResponseController(s.w).Flush()
	return n, err
}
