package origins

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/sundog-edge/sundog/edge/script/grpcframe"
)

func dial(t *testing.T, s *Set, addr string) net.Conn {
	t.Helper()
	conn, ok, err := s.Dial(t.Context(), "tcp", addr)
	if err != nil || !ok {
		t.Fatalf("%s: %v, %v", addr, ok, err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// A raw origin says its text first and sends back what it gets, until it goes down.
func TestRaw(t *testing.T) {
	var s Set
	e := new(Echo)
	banner := "SSH-2.0-x\n"
	e.Answer(Answer{Body: &banner})
	o, err := s.PutRaw("ssh://localhost", e.Speak)
	if err != nil {
		t.Fatal(err)
	}
	conn := dial(t, &s, "localhost:22")
	in := bufio.NewReader(conn)
	if line, err := in.ReadString('\n'); err != nil || line != banner {
		t.Errorf("%q, %v", line, err)
	}
	io.WriteString(conn, "hello\n")
	if line, err := in.ReadString('\n'); err != nil || line != "hello\n" {
		t.Errorf("%q, %v", line, err)
	}
	at, err := o.Listen()
	if err != nil || !strings.HasPrefix(at, "ssh://127.0.0.1:") {
		t.Fatalf("%s, %v", at, err)
	}
	real, err := net.Dial("tcp", strings.TrimPrefix(at, "ssh://"))
	if err != nil {
		t.Fatal(err)
	}
	defer real.Close()
	o.Down()
	for _, c := range []net.Conn{conn, real} {
		if _, err := io.Copy(io.Discard, c); err != nil && !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "reset") {
			t.Errorf("the connection ends with %v", err)
		}
	}
	if _, ok, err := s.Dial(t.Context(), "tcp", "localhost:22"); !ok || err == nil {
		t.Errorf("a dial to what is down: %v, %v", ok, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestHandlersAndBytesDoNotMix(t *testing.T) {
	var s Set
	if _, err := s.Put("ssh://localhost", http.NotFoundHandler()); err == nil {
		t.Error("a handler speaks ssh")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// over is a client whose every dial is to the set.
func over(s *Set) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, _, err := s.Dial(ctx, network, addr)
			return conn, err
		},
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // whom nobody trusts
		ForceAttemptHTTP2: true,
	}
}

// An https origin speaks HTTP/2, and a gRPC call gets each message back before the next
// is sent.
func TestGRPC(t *testing.T) {
	var s Set
	e := new(Echo)
	if _, err := s.Put("https://localhost:50051", e); err != nil {
		t.Fatal(err)
	}
	tr := over(&s)
	body, up := io.Pipe()
	r, _ := http.NewRequestWithContext(t.Context(), "POST", "https://localhost:50051/echo.Echo/Chat", body)
	r.Header.Set("Content-Type", "application/grpc")
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{"one", "", "three"} {
		if err := grpcframe.Write(up, []byte(m)); err != nil {
			t.Fatal(err)
		}
		if got, err := grpcframe.Read(resp.Body); err != nil || string(got) != m {
			t.Fatalf("%q, %v", got, err)
		}
	}
	up.Close()
	if _, err := grpcframe.Read(resp.Body); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	resp.Body.Close()
	if resp.ProtoMajor != 2 || resp.Trailer.Get("Grpc-Status") != "0" || len(e.Seen()) != 1 || e.Seen()[0].URI != "/echo.Echo/Chat" {
		t.Errorf("%s, trailers %v, seen %v", resp.Proto, resp.Trailer, e.Seen())
	}
	tr.CloseIdleConnections()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestWebSocket(t *testing.T) {
	var s Set
	e := new(Echo)
	if _, err := s.Put("http://localhost:8080", e); err != nil {
		t.Fatal(err)
	}
	tr := over(&s)
	open := func() (*websocket.Conn, *http.Response, error) {
		return websocket.Dial(t.Context(), "ws://localhost:8080/chat", &websocket.DialOptions{HTTPClient: &http.Client{Transport: tr}})
	}
	conn, _, err := open()
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Write(t.Context(), websocket.MessageText, []byte("hi")); err != nil {
		t.Fatal(err)
	}
	if kind, got, err := conn.Read(t.Context()); err != nil || kind != websocket.MessageText || string(got) != "hi" {
		t.Errorf("%v %q %v", kind, got, err)
	}
	conn.CloseNow()
	e.Answer(Answer{Status: 403})
	if _, resp, err := open(); err == nil || resp == nil || resp.StatusCode != 403 {
		t.Errorf("told to refuse: %v", err)
	}
	tr.CloseIdleConnections()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// What holds sends its lines, and ends when the client leaves.
func TestHold(t *testing.T) {
	var s Set
	e := new(Echo)
	body := "one\ntwo\n"
	e.Answer(Answer{Body: &body, Hold: true})
	if _, err := s.Put("localhost:8080", e); err != nil {
		t.Fatal(err)
	}
	tr := over(&s)
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://localhost:8080/", nil)
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(resp.Body)
	for _, want := range []string{"one\n", "two\n"} {
		if line, err := in.ReadString('\n'); err != nil || line != want {
			t.Errorf("%q, %v", line, err)
		}
	}
	resp.Body.Close()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
