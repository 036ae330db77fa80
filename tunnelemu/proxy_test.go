package tunnelemu

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// parse is a tunnel that closes with the test.
func parse(t testing.TB, config string) *Tunnel {
	t.Helper()
	return parseWith(t, config, Options{})
}

func parseWith(t testing.TB, config string, o Options) *Tunnel {
	t.Helper()
	cfg, _, err := ParseConfig("config.yml", []byte(config))
	if err != nil {
		t.Fatal(err)
	}
	tunnel, err := New(cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tunnel.Close)
	return tunnel
}

// serve puts a tunnel on a socket.
func serve(t testing.TB, config string) *httptest.Server {
	t.Helper()
	return serveWith(t, config, Options{})
}

func serveWith(t testing.TB, config string, o Options) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(parseWith(t, config, o))
	// A panic that net/http logs is one that nobody meant.
	s.Config.ErrorLog = log.New(panics{t}, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

type panics struct{ t testing.TB }

func (p panics) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("panic serving")) {
		p.t.Errorf("%s", line)
	}
	return len(line), nil
}

// oneRule is a configuration with one origin and its originRequest lines.
func oneRule(service string, options ...string) string {
	config := "ingress:\n- service: " + service + "\n"
	if len(options) > 0 {
		config += "  originRequest:\n    " + strings.Join(options, "\n    ") + "\n"
	}
	return config
}

func httpOrigin(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// rawOrigin answers every connection by hand. The handler's connection is closed when it returns.
func rawOrigin(t testing.TB, h func(net.Conn, *bufio.Reader)) string {
	t.Helper()
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
			go func() {
				defer c.Close()
				h(c, bufio.NewReader(c))
			}()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return "http://" + l.Addr().String()
}

// wire is the bytes of one request's head, as the origin got them.
func wire(t testing.TB, br *bufio.Reader) []string {
	var lines []string
	for {
		line, err := br.ReadString('\n')
		if err != nil {
			return lines
		}
		line = strings.TrimSuffix(line, "\r\n")
		if line == "" {
			return lines
		}
		lines = append(lines, line)
	}
}

// raw sends bytes to a server and returns the connection.
func raw(t testing.TB, s *httptest.Server, text string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

// receive waits for a value, and fails rather than wait for ever.
func receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// What the connector sends to the origin for what the edge handed it, byte for byte but for the order of headers.
func TestRequestBytes(t *testing.T) {
	const tag = "Cf-Warp-Tag-Id: 00000000-0000-4000-8000-000000000001"
	for _, c := range []struct {
		name, options, send string
		want                []string
	}{
		{"plain", "", "GET /a%20b/../%2e%2e//c?x=%zz&y HTTP/1.1\r\nHost: app.example.com:4443\r\nX-Custom-CASE: 1\r\nX-Custom-Case: 2\r\nAccept-Encoding: br\r\n\r\n",
			[]string{"GET /a%20b/../%2e%2e//c?x=%zz&y HTTP/1.1", "Accept-Encoding: br", tag, "Connection: keep-alive", "Host: app.example.com:4443", "X-Custom-Case: 1", "X-Custom-Case: 2"}},
		{"double slash and empty query", "", "GET //a/?# HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n",
			[]string{"GET //a/?# HTTP/1.1", "Accept-Encoding: br", tag, "Connection: keep-alive", "Host: a"}},
		{"gzip is asked for when the client asks for nothing", "", "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\n\r\n",
			[]string{"GET / HTTP/1.1", "Accept-Encoding: gzip", tag, "Connection: keep-alive", "Host: a", "User-Agent: me"}},
		{"but not for a range", "", "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n",
			[]string{"GET / HTTP/1.1", tag, "Connection: keep-alive", "Host: a", "Range: bytes=0-1"}},
		{"nor for HEAD", "", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
			[]string{"HEAD / HTTP/1.1", tag, "Connection: keep-alive", "Host: a"}},
		{"client's own tag survives as the first value", "", "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nCf-Warp-Tag-Id: 0-mine\r\n\r\n",
			[]string{"GET / HTTP/1.1", "Accept-Encoding: br", "Cf-Warp-Tag-Id: 0-mine", tag, "Connection: keep-alive", "Host: a"}},
		{"hop-by-hop headers are the edge's business, Connection removes nothing", "", "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nConnection: close, cf-access-jwt-assertion\r\nCf-Access-Jwt-Assertion: token\r\nTE: trailers\r\nProxy-Authorization: p\r\nForwarded: for=1\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n",
			[]string{"GET / HTTP/1.1", "Accept-Encoding: br", "Cf-Access-Jwt-Assertion: token", tag, "Connection: keep-alive", "Forwarded: for=1", "Host: a", "Proxy-Authorization: p", "Te: trailers", "X-Forwarded-For: 1.2.3.4"}},
		{"notes between edge and connector, and upgrades that do not exist", "", "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nCf-Cloudflared-Proxy-Connection-Upgrade: websocket\r\nCf-Trace-Id: 1\r\n\r\n",
			[]string{"GET / HTTP/1.1", "Accept-Encoding: br", tag, "Connection: keep-alive", "Host: a"}},
		{"httpHostHeader", "httpHostHeader: inner.test", "GET / HTTP/1.1\r\nHost: app.example.com:4443\r\nAccept-Encoding: br\r\nX-Forwarded-Host: forged\r\n\r\n",
			[]string{"GET / HTTP/1.1", "Accept-Encoding: br", tag, "Connection: keep-alive", "Host: inner.test", "X-Forwarded-Host: app.example.com:4443"}},
		{"known length", "", "PUT / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nContent-Length: 2\r\n\r\nhi",
			[]string{"PUT / HTTP/1.1", "Accept-Encoding: br", tag, "Connection: keep-alive", "Content-Length: 2", "Host: a"}},
		{"unknown length", "", "DELETE / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
			[]string{"DELETE / HTTP/1.1", "Accept-Encoding: br", tag, "Connection: keep-alive", "Host: a", "Transfer-Encoding: chunked"}},
		{"empty POST", "", "POST / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n",
			[]string{"POST / HTTP/1.1", "Accept-Encoding: br", tag, "Connection: keep-alive", "Content-Length: 0", "Host: a"}},
		{"empty DELETE", "", "DELETE / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nContent-Length: 0\r\n\r\n",
			[]string{"DELETE / HTTP/1.1", "Accept-Encoding: br", tag, "Connection: keep-alive", "Host: a"}},
		{"cookies stay apart", "", "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n",
			[]string{"GET / HTTP/1.1", "Accept-Encoding: br", tag, "Connection: keep-alive", "Cookie: a=1", "Cookie: b=2", "Host: a"}},
		{"WebSocket", "", "GET /chat HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nConnection: keep-alive, upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Protocol: p\r\nSec-WebSocket-Extensions: e\r\nContent-Length: 2\r\n\r\nhi",
			[]string{"GET /chat HTTP/1.1", "Accept-Encoding: br", tag, "Connection: Upgrade", "Host: a", "Sec-Websocket-Extensions: e", "Sec-Websocket-Key: k", "Sec-Websocket-Protocol: p", "Sec-Websocket-Version: 13", "Upgrade: websocket"}},
		{"OPTIONS *", "", "OPTIONS * HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n",
			[]string{"OPTIONS * HTTP/1.1", "Accept-Encoding: br", tag, "Connection: keep-alive", "Host: a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := make(chan []string, 1)
			origin := rawOrigin(t, func(conn net.Conn, br *bufio.Reader) {
				got <- wire(t, br)
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			})
			var options []string
			if c.options != "" {
				options = append(options, c.options)
			}
			config, _, err := ParseConfig("t.yml", []byte(oneRule(origin, options...)))
			if err != nil {
				t.Fatal(err)
			}
			tunnel, err := New(config, Options{Connector: "00000000-0000-4000-8000-000000000001"})
			if err != nil {
				t.Fatal(err)
			}
			defer tunnel.Close()
			s := httptest.NewUnstartedServer(tunnel)
			s.Config.DisableGeneralOptionsHandler = true
			s.Start()
			defer s.Close()
			_, br := raw(t, s, c.send)
			lines := receive(t, got)
			slices.Sort(lines[1:])
			if diff := cmp.Diff(c.want, lines); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if _, err := http.ReadResponse(br, &http.Request{Method: strings.Fields(c.send)[0]}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestResponseHeaders(t *testing.T) {
	origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		wire(t, br)
		_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"+
			"HTTP/1.1 299 Odd\r\nDate: yesterday\r\nServer: mine\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: close, x-hop\r\nKeep-Alive: timeout=5\r\nCf-Int-X: y\r\nContent-Length: 5\r\n\r\n<html")
	})
	s := serve(t, oneRule(origin))
	var early []int
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
		early = append(early, code)
		return nil
	}})
	req, _ := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	want := http.Header{"Date": {"yesterday"}, "Server": {"mine"}, "Set-Cookie": {"a=1", "b=2"}, "Cf-Int-X": {"y"}, "Content-Length": {"5"}}
	if diff := cmp.Diff(want, resp.Header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if resp.StatusCode != 299 || resp.Close || len(early) > 0 {
		t.Errorf("status %d, close %v, early %v", resp.StatusCode, resp.Close, early)
	}
}

// Headers that a layer above set stay, beside the origin's own of that name.
func TestResponseHeadersOfTheLayerAbove(t *testing.T) {
	origin := httpOrigin(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Set-Cookie", "theirs=1") })
	tunnel := parse(t, oneRule(origin.URL))
	w := httptest.NewRecorder()
	w.Header().Set("Set-Cookie", "ours=1")
	tunnel.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if diff := cmp.Diff([]string{"ours=1", "theirs=1"}, w.Header()["Set-Cookie"]); diff != "" {
		t.Error(diff)
	}
}

func TestGzipIsUndoneOnlyWhenTheClientAskedForNothing(t *testing.T) {
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, "hello")
		z.Close()
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", fmt.Sprint(b.Len()))
		_, _ = w.Write(b.Bytes())
	})
	s := serve(t, oneRule(origin.URL))
	_, br := raw(t, s, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	if string(body) != "hello" || resp.Header.Get("Content-Encoding") != "" || resp.ContentLength != -1 {
		t.Errorf("%q %v %d", body, resp.Header, resp.ContentLength)
	}
	_, br = raw(t, s, "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n")
	resp, err = http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Header.Get("Content-Encoding") != "gzip" || resp.ContentLength <= 0 {
		t.Errorf("%v %d", resp.Header, resp.ContentLength)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/next", http.StatusFound) })
	w := httptest.NewRecorder()
	parse(t, oneRule(origin.URL)).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 302 || w.Header().Get("Location") != "/next" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestHead(t *testing.T) {
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Length", "12345") })
	s := serve(t, oneRule(origin.URL))
	resp, err := http.Head(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.ContentLength != 12345 {
		t.Errorf("length %d", resp.ContentLength)
	}
}

func TestTrailersBothWays(t *testing.T) {
	for _, declared := range []bool{true, false} {
		origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			name := http.TrailerPrefix + "X-Sum"
			if declared {
				w.Header().Set("Trailer", "X-Sum")
				name = "X-Sum"
			}
			_, _ = io.WriteString(w, "body")
			_ = http.NewResponseController(w).Flush()
			w.Header().Set(name, r.Trailer.Get("X-Up"))
		})
		s := serveWith(t, oneRule(origin.URL), Options{Transport: "http2"})
		req, _ := http.NewRequest("POST", s.URL, io.MultiReader(strings.NewReader("up")))
		req.Trailer = http.Header{"X-Up": {"42"}}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if got := resp.Trailer.Get("X-Sum"); got != "42" {
			t.Errorf("declared %v: trailer %q", declared, got)
		}
	}
}

func TestHTTPStatus(t *testing.T) {
	for code, want := range map[string]string{"404": "404 Not Found", "299": "299 status code 299", "700": "700 status code 700"} {
		s := serve(t, oneRule("http_status:"+code))
		resp, err := http.Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		resp.Header.Del("Date")
		if diff := cmp.Diff(http.Header{"Content-Length": {"0"}}, resp.Header); resp.Status != want || len(body) > 0 || diff != "" {
			t.Errorf("%s: %s %q %s", code, resp.Status, body, diff)
		}
	}
	s := serve(t, oneRule("http_status:101"))
	if resp, err := http.Get(s.URL); err == nil {
		t.Errorf("101 was answered with %s", resp.Status)
	}
}

func TestDefaultRuleIs503(t *testing.T) {
	w := httptest.NewRecorder()
	tunnel := parse(t, "tunnel: x\n")
	tunnel.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if d := tunnel.Decide("x", "/"); w.Code != 503 || w.Body.Len() > 0 || d.Match != MatchDefault {
		t.Errorf("%d %+v", w.Code, d)
	}
}

func TestManagementHostIsTheConnectors(t *testing.T) {
	tunnel := parse(t, "ingress:\n- {hostname: management.argotunnel.com, service: http_status:204}\n- service: http_status:404\n")
	w := httptest.NewRecorder()
	tunnel.ServeHTTP(w, httptest.NewRequest("GET", "https://management.argotunnel.com/ping", nil))
	if d := tunnel.Decide("management.argotunnel.com:443", "/"); w.Code != 400 || !strings.Contains(w.Body.String(), "1001") || d.Index != -1 || d.Match != MatchManagement {
		t.Errorf("%d %s %+v", w.Code, w.Body, d)
	}
}
