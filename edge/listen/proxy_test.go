package listen

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

func TestProxyRefuses(t *testing.T) {
	s := start(t, func(_ *Config, h *Handlers) {
		h.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("nobody home") }
	})
	tests := []struct {
		name, raw string
		status    int
		body      string
	}{
		{"CONNECT outside the world", "CONNECT elsewhere.test:443 HTTP/1.1\r\nHost: elsewhere.test:443\r\n\r\n", 403, "elsewhere.test is not in this world; --egress elsewhere.test would admit it"},
		{"absolute form outside the world", "GET http://elsewhere.test/ HTTP/1.1\r\nHost: a.example.com\r\n\r\n", 403, "elsewhere.test is not in this world"},
		{"CONNECT to a dead target", "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n", 502, "cannot reach 127.0.0.1:1: nobody home"},
		{"absolute form to a dead target", "GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: x\r\n\r\n", 502, "cannot reach 127.0.0.1:1: nobody home"},
		{"CONNECT without port", "CONNECT a.example.com HTTP/1.1\r\nHost: a.example.com\r\n\r\n", 400, `"a.example.com": a CONNECT target is host:port`},
		{"CONNECT with a path", "CONNECT /a.example.com:443 HTTP/1.1\r\nHost: a.example.com\r\n\r\n", 400, "a CONNECT target"},
		{"CONNECT with a user", "CONNECT u@a.example.com:443 HTTP/1.1\r\nHost: a.example.com\r\n\r\n", 400, "a CONNECT target"},
		{"CONNECT with a body", "CONNECT a.example.com:443 HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 3\r\n\r\nabc", 400, "a CONNECT has no body"},
		{"short form of loopback", "CONNECT 127.1:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "a CONNECT target's host"},
		{"absolute https", "GET https://a.example.com/ HTTP/1.1\r\nHost: a.example.com\r\n\r\n", 400, "use CONNECT for https://"},
		{"absolute form with a user", "GET http://u:p@a.example.com/ HTTP/1.1\r\nHost: a.example.com\r\n\r\n", 400, "a target has no user name"},
		{"absolute form with credentials of another scheme", "GET http://a.example.com/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Bearer x\r\n\r\n", 407, "the proxy wants Basic credentials"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, r := say(t, s.Addrs().Proxy, tt.raw)
			method, _, _ := strings.Cut(tt.raw, " ")
			resp, body := readResponse(t, r, method)
			if resp.StatusCode != tt.status || !strings.Contains(body, tt.body) {
				t.Errorf("%d %q, want %d %q", resp.StatusCode, body, tt.status, tt.body)
			}
			if why := resp.Header.Get("Sundog-Why"); why+"\n" != body || resp.Header.Get("Sundog-Answered-By") != "edge" {
				t.Errorf("Sundog-Why %q beside body %q", why, body)
			}
		})
	}
}

func TestProxyWithoutPolicyRefuses(t *testing.T) {
	s := start(t, func(_ *Config, h *Handlers) { h.Proxy = nil })
	_, r := say(t, s.Addrs().Proxy, "CONNECT a.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
	if resp, body := readResponse(t, r, "CONNECT"); resp.StatusCode != 403 || !strings.Contains(body, "no policy") {
		t.Errorf("%d %q", resp.StatusCode, body)
	}
}

func TestProxyPassword(t *testing.T) {
	s := start(t, func(c *Config, _ *Handlers) { c.ProxyPassword = "sesame" })
	for _, target := range []string{"https://a.example.com/", "http://a.example.com/"} {
		if got := getSeen(t, client(t, s, "alice:sesame"), target); got.Info.Client != "alice" || got.Auth != "" {
			t.Errorf("%s: client %q, credentials that reached Edge %q", target, got.Info.Client, got.Auth)
		}
	}
	for _, auth := range []string{
		"",
		"Proxy-Authorization: Basic YWxpY2U6d3Jvbmc=\r\n", // alice:wrong
		"Proxy-Authorization: Basic YWxpY2U=\r\n",         // no colon
		"Proxy-Authorization: Basic !\r\n",
		"Proxy-Authorization: Basic YTpzZXNhbWU=\r\nProxy-Authorization: Basic YTpzZXNhbWU=\r\n", // twice
	} {
		for _, raw := range []string{"CONNECT a.example.com:443 HTTP/1.1\r\n", "GET http://a.example.com/ HTTP/1.1\r\n"} {
			_, r := say(t, s.Addrs().Proxy, raw+"Host: a.example.com\r\n"+auth+"\r\n")
			resp, _ := readResponse(t, r, "CONNECT")
			if resp.StatusCode != 407 || !strings.HasPrefix(resp.Header.Get("Proxy-Authenticate"), "Basic ") {
				t.Errorf("%q with %q: %d, %v", raw, auth, resp.StatusCode, resp.Header)
			}
		}
	}
}

func TestAbsoluteFormDecidesOverHost(t *testing.T) {
	s := start(t)
	for name, say := range map[string]func() (*http.Response, string){
		"proxy": func() (*http.Response, string) {
			_, r := say(t, s.Addrs().Proxy, "GET http://A.example.com/p?q#x HTTP/1.1\r\nHost: b.example.com\r\n\r\n")
			return readResponse(t, r, "")
		},
		"https": func() (*http.Response, string) {
			_, r := sayTLS(t, s.Addrs().HTTPS, "http/1.1", "GET https://A.example.com/p?q#x HTTP/1.1\r\nHost: b.example.com\r\n\r\n")
			return readResponse(t, r, "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, body := say()
			var got seen
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			if got.Host != "A.example.com" || got.Target != "/p?q#x" || strings.Contains(got.Path, "example.com") {
				t.Errorf("Edge saw %+v", got)
			}
		})
	}
}

// echoServer ends its sending only after it has read the client's end.
func echoServer(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all, _ := io.ReadAll(c)
			c.Write(bytes.ToUpper(all))
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

func TestPassThroughHalfClose(t *testing.T) {
	s := start(t)
	target := echoServer(t)
	// The bytes after the head travel in the same segment: the proxy's buffer holds them.
	big := strings.Repeat("payload ", 100_000)
	c, r := say(t, s.Addrs().Proxy, "CONNECT "+target+" HTTP/1.1\r\nHost: x\r\n\r\nfirst ")
	if resp, _ := readResponse(t, r, "CONNECT"); resp.StatusCode != 200 {
		t.Fatal(resp.Status)
	}
	io.WriteString(c, big)
	c.(*net.TCPConn).CloseWrite()
	got, err := io.ReadAll(r)
	if want := strings.ToUpper("first " + big); err != nil || sha256.Sum256(got) != sha256.Sum256([]byte(want)) {
		t.Errorf("got %d bytes, %v; want %d", len(got), err, len(want))
	}
}

func TestPassThroughEndsWhenIdle(t *testing.T) {
	s := start(t, func(c *Config, _ *Handlers) { c.TunnelIdle = 20 * time.Millisecond })
	_, r := say(t, s.Addrs().Proxy, "CONNECT "+echoServer(t)+" HTTP/1.1\r\nHost: x\r\n\r\n")
	readResponse(t, r, "CONNECT")
	if _, err := r.ReadByte(); err == nil {
		t.Error("read a byte that nobody sent")
	} else if ne, ok := err.(net.Error); ok && ne.Timeout() {
		t.Error("the connection was still open")
	}
}

func TestConnectEndsWithoutAFirstByte(t *testing.T) {
	s := start(t, func(c *Config, _ *Handlers) { c.HeaderTimeout = 20 * time.Millisecond })
	_, r := say(t, s.Addrs().Proxy, "CONNECT a.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
	readResponse(t, r, "CONNECT")
	if _, err := r.ReadByte(); err != io.EOF {
		t.Errorf("read: %v", err)
	}
}

func TestForward(t *testing.T) {
	var got http.Header
	var host, query string
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, host, query = r.Header, r.Host, r.URL.RawQuery
		w.Header().Set("Keep-Alive", "timeout=5")
		w.Header().Set("X-Kept", "1")
		w.WriteHeader(http.StatusTeapot)
	}))
	defer origin.Close()
	s := start(t)
	addr := origin.Listener.Addr().String()
	_, r := say(t, s.Addrs().Proxy, "GET http://"+addr+"/p?a=;b HTTP/1.1\r\nHost: evil.test\r\nX-Forwarded-For: 192.0.2.7\r\n"+
		"Proxy-Authorization: Basic YWxpY2U6\r\nProxy-Connection: keep-alive\r\nConnection: X-Drop\r\nX-Drop: 1\r\nX-Keep: 1\r\n\r\n")
	resp, _ := readResponse(t, r, "")
	if resp.StatusCode != http.StatusTeapot || resp.Header.Get("Keep-Alive") != "" || resp.Header.Get("X-Kept") != "1" {
		t.Errorf("answer: %d %v", resp.StatusCode, resp.Header)
	}
	want := http.Header{"X-Forwarded-For": {"192.0.2.7"}, "X-Keep": {"1"}, "Connection": {"close"}}
	if diff := cmp.Diff(want, got); diff != "" || host != addr || query != "a=;b" {
		t.Errorf("origin saw host %q, query %q, fields (-want +got):\n%s", host, query, diff)
	}
}

// A browser opens wss:// and ws:// through CONNECT.
func TestWebSocketThroughConnect(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		for {
			kind, data, err := c.Read(r.Context())
			if err != nil {
				return
			}
			c.Write(r.Context(), kind, append([]byte(From(r.Context()).ConnectHost+" "), data...))
		}
	})
	s := start(t, func(_ *Config, h *Handlers) { h.Edge = echo })
	for _, scheme := range []string{"wss", "ws"} {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		hc := client(t, s, "")
		if scheme == "ws" {
			hc = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
				c, r := say(t, s.Addrs().Proxy, "CONNECT "+addr+" HTTP/1.1\r\nHost: "+addr+"\r\n\r\n")
				readResponse(t, r, "CONNECT")
				return c, nil
			}}}
		}
		c, _, err := websocket.Dial(ctx, scheme+"://a.example.com/", &websocket.DialOptions{HTTPClient: hc})
		if err != nil {
			t.Fatal(err)
		}
		c.Write(ctx, websocket.MessageText, []byte("hello"))
		_, got, err := c.Read(ctx)
		if string(got) != "a.example.com hello" || err != nil {
			t.Errorf("%s: %q, %v", scheme, got, err)
		}
		c.Close(websocket.StatusNormalClosure, "")
	}
}

func TestProxyCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("no curl on PATH")
	}
	s := start(t)
	run := func(args ...string) (string, error) {
		cmd := exec.Command(curl, append([]string{"-sS", "--max-time", "10", "--cacert", caFile(t), "-x", "http://alice:@" + s.Addrs().Proxy}, args...)...)
		cmd.Env = []string{"PATH=/nowhere"}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, args := range [][]string{{"https://a.example.com/"}, {"--http1.1", "https://a.example.com/"}, {"http://a.example.com/"}, {"-p", "http://a.example.com/"}} {
		out, err := run(args...)
		if err != nil || !strings.Contains(out, `"Client":"alice"`) || !strings.Contains(out, `"Host":"a.example.com"`) {
			t.Errorf("curl %v: %v %s", args, err, out)
		}
	}
	if out, err := run("https://elsewhere.test/"); err == nil || !strings.Contains(out, "403") {
		t.Errorf("curl of a refused host: %v %s", err, out)
	}
	if out, err := run("-v", "https://elsewhere.test/"); err == nil || !strings.Contains(out, "Sundog-Why: elsewhere.test is not in this world") {
		t.Errorf("curl -v of a refused host: %v %s", err, out)
	}
}

func BenchmarkConnect(b *testing.B) {
	s := start(b)
	tlsConfig := clientTLS("a.example.com")
	tlsConfig.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	b.ReportAllocs()
	for b.Loop() {
		c, err := net.Dial("tcp", s.Addrs().Proxy)
		if err != nil {
			b.Fatal(err)
		}
		io.WriteString(c, "CONNECT a.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
		head := make([]byte, len("HTTP/1.1 200 Connection Established\r\n\r\n"))
		if _, err := io.ReadFull(c, head); err != nil {
			b.Fatal(err)
		}
		if err := tls.Client(c, tlsConfig).Handshake(); err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}
