package tunnelemu

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkProxy is one request over keep-alive connections: to the origin itself, through a bare
// httputil.ReverseProxy, and through a tunnel.
func BenchmarkProxy(b *testing.B) {
	for _, c := range []struct {
		name    string
		body    string
		chunked bool
		upload  string
	}{
		{name: "1KB", body: strings.Repeat("x", 1<<10)},
		{name: "1KB chunked", body: strings.Repeat("x", 1<<10), chunked: true},
		{name: "1MB", body: strings.Repeat("x", 1<<20)},
		{name: "1KB upload", body: "ok", upload: strings.Repeat("x", 1<<10)},
	} {
		origin := httpOrigin(b, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/octet-stream")
			if c.chunked {
				_ = http.NewResponseController(w).Flush()
			}
			_, _ = io.WriteString(w, c.body)
		})
		target, _ := url.Parse(origin.URL)
		reverse := httputil.NewSingleHostReverseProxy(target)
		reverse.Transport = &http.Transport{MaxIdleConnsPerHost: 100}
		proxied := httptest.NewServer(reverse)
		b.Cleanup(proxied.Close)
		tunnel := serve(b, oneRule(origin.URL))
		for _, way := range []struct{ name, url string }{{"bare", origin.URL}, {"ReverseProxy", proxied.URL}, {"tunnel", tunnel.URL}} {
			b.Run(c.name+"/"+way.name, func(b *testing.B) {
				b.ReportAllocs()
				client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
				defer client.CloseIdleConnections()
				for b.Loop() {
					var resp *http.Response
					var err error
					if c.upload != "" {
						resp, err = client.Post(way.url, "text/plain", strings.NewReader(c.upload))
					} else {
						resp, err = client.Get(way.url)
					}
					if err != nil {
						b.Fatal(err)
					}
					if n, err := io.Copy(io.Discard, resp.Body); int(n) != len(c.body) || err != nil {
						b.Fatal(n, err)
					}
					resp.Body.Close()
				}
			})
		}
	}
}

// BenchmarkForward is the handlers' own cost: no socket to the client, a pipe of canned bytes to the origin.
func BenchmarkForward(b *testing.B) {
	tunnel, err := New(&Config{Ingress: []Rule{{Service: "http://origin.test"}}}, Options{Dial: canned})
	if err != nil {
		b.Fatal(err)
	}
	defer tunnel.Close()
	target, _ := url.Parse("http://origin.test")
	transport := &http.Transport{DialContext: canned}
	defer transport.CloseIdleConnections()
	reverse := httputil.NewSingleHostReverseProxy(target)
	reverse.Transport = transport
	over2, err := New(&Config{Ingress: []Rule{{Service: "http://origin.test"}}}, Options{Dial: canned, Transport: "http2"})
	if err != nil {
		b.Fatal(err)
	}
	defer over2.Close()
	for _, way := range []struct {
		name string
		h    http.Handler
	}{{"ReverseProxy", reverse}, {"tunnel", tunnel}, {"tunnel over http2", over2}} {
		h := way.h
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			r := httptest.NewRequest("GET", "/a/b?c=d", nil)
			r.Header = http.Header{"Accept": {"*/*"}, "Accept-Encoding": {"gzip"}, "User-Agent": {"bench"}, "Cookie": {"a=b"}, "Cf-Ray": {"x"}, "X-Forwarded-For": {"1.2.3.4"}, "Cf-Connecting-Ip": {"1.2.3.4"}}
			for b.Loop() {
				h.ServeHTTP(&discard{header: http.Header{}}, r)
			}
		})
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Flush()                      {}

// canned is an origin that gives the same answer to whatever it is sent.
func canned(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	go func() {
		defer server.Close()
		buf := make([]byte, 8192)
		for {
			if _, err := server.Read(buf); err != nil {
				return
			}
			if _, err := io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"); err != nil {
				return
			}
		}
	}()
	return client, nil
}

// BenchmarkCarry is one message to an echo behind a tcp service, and its way back.
func BenchmarkCarry(b *testing.B) {
	s := serve(b, oneRule("tcp://"+echoOrigin(b)))
	for _, size := range []int{64, maxMessage} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size))
			c := dialWS(b, s, someKey)
			_ = c.conn.SetDeadline(time.Time{})
			message, back := frameOf(finBit|opBinary, make([]byte, size)), make([]byte, size)
			for b.Loop() {
				if _, err := c.conn.Write(message); err != nil {
					b.Fatal(err)
				}
				for left := size; left > 0; {
					f, err := readFrameHeader(c.in)
					if err != nil {
						b.Fatal(err)
					}
					if _, err := io.ReadFull(c.in, back[:f.size]); err != nil {
						b.Fatal(err)
					}
					left -= int(f.size)
				}
			}
		})
	}
}

// BenchmarkAccess is the connector's check of a token with its keys at hand.
func BenchmarkAccess(b *testing.B) {
	a := &team{t: b}
	tunnel := accessTunnel(b, a, oneRule("http_status:204", accessRule))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cf-Access-Jwt-Assertion", a.token())
	b.ReportAllocs()
	for b.Loop() {
		tunnel.ServeHTTP(&discard{header: http.Header{}}, r)
	}
}

func BenchmarkNewAndClose(b *testing.B) {
	cfg, _, err := ParseConfig("t.yml", []byte("ingress:\n- {hostname: a.example.com, service: 'http://localhost:8080'}\n- {hostname: b.example.com, service: 'http://localhost:8080'}\n- service: http_status:404\n"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		t, err := New(cfg, Options{})
		if err != nil {
			b.Fatal(err)
		}
		t.Close()
	}
}
