package origins

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client asks through the set as an edge does.
func client(t *testing.T, s *Set) *http.Client {
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, ok, err := s.Dial(ctx, network, addr)
		if !ok {
			return nil, fmt.Errorf("nobody at %s", addr)
		}
		return conn, err
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func get(t *testing.T, c *http.Client, url string) (string, error) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) })
}

func TestSet(t *testing.T) {
	var s Set
	c := client(t, &s)
	api, err := s.Put("http://LocalHost:8080", says("one"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := get(t, c, "http://localhost:8080/"); got != "one" || err != nil {
		t.Errorf("up: %q, %v", got, err)
	}
	api.Down()
	if _, err := get(t, c, "http://localhost:8080/"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("down: %v; want a refused connection", err)
	}
	api.Up()
	if got, err := get(t, c, "http://localhost:8080/"); got != "one" || err != nil {
		t.Errorf("up again: %q, %v", got, err)
	}
	if _, err := s.Put("localhost:8080", says("two")); err != nil {
		t.Fatal(err)
	}
	if got, err := get(t, c, "http://localhost:8080/"); got != "two" || err != nil {
		t.Errorf("replaced: %q, %v", got, err)
	}
	if _, err := get(t, c, "http://localhost:9090/"); err == nil || !strings.Contains(err.Error(), "nobody at localhost:9090") {
		t.Errorf("another address: %v", err)
	}
	c.CloseIdleConnections()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Put("localhost:1", says("")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Put after Close: %v", err)
	}
}

func TestRealPort(t *testing.T) {
	var s Set
	api, err := s.Put("http://localhost:8080", says("real"))
	if err != nil {
		t.Fatal(err)
	}
	at, err := api.Listen()
	if err != nil {
		t.Fatal(err)
	}
	again, _ := api.Listen()
	if again != at {
		t.Errorf("a second port was opened: %s and %s", at, again)
	}
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if got, err := get(t, c, at); got != "real" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	api.Down()
	if _, err := get(t, c, at); err == nil {
		t.Error("the port answers after Down")
	}
	if _, err := api.Listen(); err == nil {
		t.Error("an origin that is down opened a port")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Close waits for a handler that ends when its request does.
func TestCloseWaits(t *testing.T) {
	var s Set
	entered, ended := make(chan struct{}), false
	_, err := s.Put("localhost:8080", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		ended = true
	}))
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan error)
	c := client(t, &s)
	go func() {
		_, err := get(t, c, "http://localhost:8080/")
		asked <- err
	}()
	<-entered
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if !ended {
		t.Error("Close did not wait for the handler")
	}
	if err := <-asked; err == nil {
		t.Error("the request got an answer")
	}
}

func TestAddresses(t *testing.T) {
	for _, tt := range []struct{ in, want, err string }{
		{"http://localhost:8080", "http localhost:8080", ""},
		{"http://Grafana/", "http grafana:80", ""},
		{"[::1]:3000", "http [::1]:3000", ""},
		{"https://localhost:8443", "https localhost:8443", ""},
		{"https://localhost", "https localhost:443", ""},
		{"ssh://localhost", "ssh localhost:22", ""},
		{"ftp://localhost", " ", "speaks http, https, tcp"},
		{"http://localhost:8080/health", " ", "without a path"},
		{"http://", " ", "no address"},
		{"http://%zz", " ", "no address"},
	} {
		scheme, addr, err := dialled(tt.in)
		got := scheme + " " + addr
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%q is %q, %v; want %q, %q", tt.in, got, err, tt.want, tt.err)
		}
	}
}

func TestEcho(t *testing.T) {
	var s Set
	e := new(Echo)
	if _, err := s.Put("localhost:8080", e); err != nil {
		t.Fatal(err)
	}
	c := client(t, &s)
	r, _ := http.NewRequest("POST", "http://localhost:8080/a?b=c", strings.NewReader("hello\n"))
	r.Header = http.Header{"X-B": {"2", "3"}, "X-A": {"1"}, "User-Agent": {""}}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	want := "POST /a?b=c HTTP/1.1\nHost: localhost:8080\nAccept-Encoding: gzip\nContent-Length: 6\nX-A: 1\nX-B: 2\nX-B: 3\n\nhello\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("echo (-want +got):\n%s", diff)
	}
	body := "gone"
	e.Answer(Answer{Status: 410, Header: http.Header{"Content-Type": {"text/x"}}, Body: &body})
	resp, err = c.Get("http://localhost:8080/")
	if err != nil {
		t.Fatal(err)
	}
	got, _ = io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 410 || string(got) != "gone" || resp.Header.Get("Content-Type") != "text/x" {
		t.Errorf("told answer: %d %q %v", resp.StatusCode, got, resp.Header)
	}
	if seen := e.Seen(); len(seen) != 2 || cmp.Diff(seen[0].Values("x-b"), []string{"2", "3"}) != "" || seen[1].Values("host")[0] != "localhost:8080" {
		t.Errorf("seen: %v", seen)
	}
	c.CloseIdleConnections()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
