package listen

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestCloseWaitsForRequestsUnderWay(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	s := start(t, func(c *Config, h *Handlers) {
		c.Grace = time.Minute
		h.Edge = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(entered)
			<-release
			io.WriteString(w, "finished")
		})
	})
	_, r := say(t, s.Addrs().Proxy, "GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n")
	<-entered
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	for { // Close has begun when the port no longer accepts
		c, err := net.Dial("tcp", s.Addrs().Proxy)
		if err != nil {
			break
		}
		c.Close()
	}
	select {
	case err := <-closed:
		t.Fatalf("Close did not wait: %v", err)
	default:
	}
	close(release)
	if _, body := readResponse(t, r, ""); body != "finished" {
		t.Errorf("body %q", body)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
}

// Everything that can hold a connection open holds one; Close ends them all
// and leaves no goroutine.
func TestCloseEndsEverything(t *testing.T) {
	target := echoServer(t)
	leak := goleak.IgnoreCurrent()
	reached := make(chan string, 10)
	s := start(t, func(c *Config, h *Handlers) {
		c.Grace = 20 * time.Millisecond
		h.Edge = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			reached <- r.URL.Path
			if r.URL.Path == "/hijack" {
				c, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				io.Copy(io.Discard, c)
				return
			}
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
	})
	a := s.Addrs()
	var readers []*bufio.Reader
	hold := func(addr, raw string) *bufio.Reader {
		_, r := say(t, addr, raw)
		readers = append(readers, r)
		return r
	}
	hold(a.Proxy, "")          // spare
	hold(a.HTTPS, "")          // spare, before its handshake
	hold(a.Proxy, "GET / HT")  // half a head
	hold(a.Admin, "GET / HTT") // half a head
	hold(a.DNS, "\x00")        // half a length
	hold(a.Proxy, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
	hold(a.Proxy, "GET /hijack HTTP/1.1\r\nHost: x\r\n\r\n")
	readResponse(t, hold(a.Proxy, "CONNECT a.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n"), "CONNECT") // no first byte
	readResponse(t, hold(a.Proxy, "CONNECT "+target+" HTTP/1.1\r\nHost: x\r\n\r\n"), "CONNECT")
	inside, r := say(t, a.Proxy, "CONNECT a.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
	readResponse(t, r, "CONNECT")
	tc := tls.Client(inside, clientTLS("a.example.com"))
	io.WriteString(tc, "GET /hijack HTTP/1.1\r\nHost: x\r\n\r\n")
	readers = append(readers, bufio.NewReader(tc))
	_, spare := sayTLS(t, a.HTTPS, "http/1.1", "") // spare, after its handshake
	readers = append(readers, spare)
	tr := &http.Transport{TLSClientConfig: clientTLS("a.example.com"), ForceAttemptHTTP2: true}
	resp, err := tr.RoundTrip(must(http.NewRequest("GET", "https://"+a.HTTPS+"/stream", nil)))
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		<-reached
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	for i, r := range readers {
		if _, err := io.Copy(io.Discard, r); err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				t.Errorf("connection %d is still open", i)
			}
		}
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	tr.CloseIdleConnections()
	inside.Close()
	goleak.VerifyNone(t, leak)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestCloseDoesNotWaitForSpareConnections(t *testing.T) {
	s := start(t, func(c *Config, _ *Handlers) { c.Grace = time.Hour })
	say(t, s.Addrs().Proxy, "")
	sayTLS(t, s.Addrs().HTTPS, "h2", "")
	_, r := say(t, s.Addrs().Proxy, "CONNECT a.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
	readResponse(t, r, "CONNECT")
	get(t, client(t, s, ""), "https://a.example.com/")
	done := make(chan error)
	go func() { done <- s.Close() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(4 * time.Second): // net/http alone would take five
		t.Error("Close waits for connections without a request")
		<-done
	}
}

func TestContextClosesTheServer(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s, err := Serve(ctx, Config{Proxy: "127.0.0.1:0"}, Handlers{Edge: mirror})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.Close(); err != nil { // the same Close, waited for
		t.Error(err)
	}
	if _, err := net.Dial("tcp", s.Addrs().Proxy); err == nil {
		t.Error("still accepts")
	}
	if _, err := Serve(ctx, Config{}, Handlers{}); err != context.Canceled {
		t.Errorf("Serve under an ended context: %v", err)
	}
}

func TestCloseNamesWhatDoesNotEnd(t *testing.T) {
	var g gate
	if !g.enter() {
		t.Fatal("an open gate refuses")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if n := g.drain(ctx); n != 1 {
		t.Errorf("%d left, want 1", n)
	}
	if g.enter() {
		t.Error("a closed gate admits")
	}
	g.leave()
	if n := g.drain(context.Background()); n != 0 {
		t.Errorf("%d left, want 0", n)
	}
}

func ExampleServe() {
	edge := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := From(r.Context())
		fmt.Fprintf(w, "%s%s, through the proxy: %v, as %q", r.Host, r.URL.Path, info.Proxied, info.Client)
	})
	s, err := Serve(context.Background(), Config{Proxy: "127.0.0.1:0"}, Handlers{
		Edge: edge, Proxy: policy{}, // policy terminates *.example.com
	})
	if err != nil {
		panic(err)
	}
	defer s.Close()

	c, _ := net.Dial("tcp", s.Addrs().Proxy)
	defer c.Close()
	io.WriteString(c, "GET http://a.example.com/hello HTTP/1.0\r\nProxy-Authorization: Basic YWxpY2U6\r\n\r\n")
	answer, _ := io.ReadAll(c)
	fmt.Println(string(answer[strings.Index(string(answer), "\r\n\r\n")+4:]))
	// Output: a.example.com/hello, through the proxy: true, as "alice"
}
