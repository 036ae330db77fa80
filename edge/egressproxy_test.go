package edge_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge"
)

// corporate is a proxy that answers every CONNECT with one text, and notes what it was asked.
func corporate(t *testing.T, answer string) (addr string, asked func() string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	requests := make(chan string, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			r := bufio.NewReader(conn)
			var head strings.Builder
			for {
				line, err := r.ReadString('\n')
				head.WriteString(line)
				if err != nil || line == "\r\n" {
					break
				}
			}
			requests <- head.String()
			io.WriteString(conn, answer)
			if strings.Contains(answer, " 200 ") {
				io.Copy(conn, r)
			}
			conn.Close()
		}
	}()
	t.Cleanup(func() { ln.Close(); <-done })
	return ln.Addr().String(), func() string {
		select {
		case r := <-requests:
			return r
		default:
			return ""
		}
	}
}

// through asks the edge's own proxy for a target, and returns the connection and its answer.
func through(t *testing.T, r *running, target string) (net.Conn, *bufio.Reader, *http.Response) {
	t.Helper()
	conn, err := net.Dial("tcp", r.server.Addrs().Proxy)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	io.WriteString(conn, "CONNECT "+target+" HTTP/1.1\r\nHost: "+target+"\r\n\r\n")
	br := bufio.NewReader(conn)
	resp, err := http.ReadResponse(br, &http.Request{Method: http.MethodConnect})
	if err != nil {
		t.Fatal(err)
	}
	return conn, br, resp
}

const withEgress = guarded + "egress: ['outside.test:443', 'outside.test:80', '*.example.com:443', '10.9.8.7:1', '127.0.0.1:*']\n"

func by(proxy string) edge.Option {
	return edge.WithEgressProxy(func(string) (*url.URL, error) { return url.Parse(proxy) })
}

func TestEgressGoesThroughTheProxy(t *testing.T) {
	addr, asked := corporate(t, "HTTP/1.1 200 OK\r\n\r\nfirst ")
	r := startWorld(t, withEgress, by("http://me:p%40ss@"+addr))
	conn, br, resp := through(t, r, "outside.test:443")
	if resp.StatusCode != 200 {
		t.Fatalf("%s: %s", resp.Status, resp.Header.Get("Sundog-Why"))
	}
	io.WriteString(conn, "then")
	got := make([]byte, len("first then"))
	if _, err := io.ReadFull(br, got); err != nil || string(got) != "first then" {
		t.Errorf("%q, %v", got, err)
	}
	if want := "CONNECT outside.test:443 HTTP/1.1\r\nHost: outside.test:443\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n"; asked() != want {
		t.Errorf("the proxy was not asked %q", want)
	}
}

func TestEgressProxySaysWhy(t *testing.T) {
	for name, tt := range map[string]struct {
		answer, user, target string
		want                 string
	}{
		"no credentials":       {"HTTP/1.1 407 X\r\nContent-Length: 0\r\n\r\n", "", "outside.test:443", "wants credentials for outside.test:443 (407 Proxy Authentication Required); write them into HTTPS_PROXY"},
		"wrong credentials":    {"HTTP/1.1 407 X\r\nContent-Length: 0\r\n\r\n", "me:hush@", "outside.test:443", "does not take its credentials for outside.test:443 (407 Proxy Authentication Required); correct user and password"},
		"refused":              {"HTTP/1.1 403 X\r\nContent-Length: 0\r\n\r\n", "me:hush@", "outside.test:443", "refuses outside.test:443 (403 Forbidden); whoever runs it"},
		"plain HTTP":           {"HTTP/1.1 403 X\r\n\r\n", "", "outside.test:80", "port 443 alone"},
		"nonsense":             {"SSH-2.0-OpenSSH_9.6\r\n", "", "outside.test:443", "does not answer as an HTTP proxy does"},
		"nothing":              {"", "", "outside.test:443", "does not answer as an HTTP proxy does: it closed the connection; correct HTTP_PROXY and HTTPS_PROXY"},
		"a header without end": {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<17), "", "outside.test:443", "does not answer as an HTTP proxy does"},
		"to the terminal":      {"\x1b[2J\r\n", "", "outside.test:443", "does not answer as an HTTP proxy does"},
	} {
		t.Run(name, func(t *testing.T) {
			addr, _ := corporate(t, tt.answer)
			r := startWorld(t, withEgress, by("http://"+tt.user+addr))
			_, _, resp := through(t, r, tt.target)
			why := resp.Header.Get("Sundog-Why")
			if resp.StatusCode != 502 || !strings.Contains(why, tt.want) || !strings.Contains(why, "http://"+addr) {
				t.Errorf("%s: %q, want %q", resp.Status, why, tt.want)
			}
			if strings.Contains(why, "hush") || strings.Contains(why, "\x1b") {
				t.Errorf("%q tells what it must not", why)
			}
		})
	}
}

func TestEgressProxyIsDown(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := ln.Addr().String()
	ln.Close()
	for proxy, want := range map[string]string{
		"http://me:hush@" + gone:  "the proxy http://" + gone + " on the way cannot be reached: ",
		"https://me:hush@" + gone: "the proxy https://" + gone + " on the way cannot be reached: ",
		"socks5://" + gone:        "is of a kind that is not supported yet: socks5; name one of http:// or https://",
	} {
		r := startWorld(t, withEgress, by(proxy))
		_, _, resp := through(t, r, "outside.test:443")
		if why := resp.Header.Get("Sundog-Why"); resp.StatusCode != 502 || !strings.Contains(why, want) || strings.Contains(why, "hush") {
			t.Errorf("%s: %s %q", proxy, resp.Status, why)
		}
	}
	r := startWorld(t, withEgress, edge.WithEgressProxy(func(string) (*url.URL, error) { return nil, errors.New("HTTPS_PROXY is no URL") }))
	_, _, resp := through(t, r, "outside.test:443")
	if why := resp.Header.Get("Sundog-Why"); resp.StatusCode != 502 || !strings.Contains(why, "HTTPS_PROXY is no URL; correct the variable") {
		t.Errorf("%s %q", resp.Status, why)
	}
}

func TestWhatNeverGoesThroughTheProxy(t *testing.T) {
	here, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	r := startWorld(t, withEgress, originOption(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})),
		edge.WithEgressProxy(func(addr string) (*url.URL, error) {
			t.Errorf("the proxy is asked for %s", addr)
			return nil, context.Canceled
		}))
	for target, want := range map[string]int{
		"app.example.com:443":    200, // a name of the world, although egress covers it
		"nobody.example.com:443": 502,
		here.Addr().String():     200,
		"stranger.test:443":      403,
	} {
		if _, _, resp := through(t, r, target); resp.StatusCode != want {
			t.Errorf("%s: %s, want %d", target, resp.Status, want)
		}
	}
}
