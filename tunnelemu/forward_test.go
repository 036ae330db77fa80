package tunnelemu

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// wiretap is an origin that answers every request and keeps what it was sent. It is closed with its last connection.
type wiretap struct {
	mu   sync.Mutex
	sent bytes.Buffer
}

func (w *wiretap) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	go func() {
		defer server.Close()
		in := bufio.NewReader(io.TeeReader(server, w))
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
			if _, err := io.WriteString(server, "HTTP/1.1 204 No Content\r\n\r\n"); err != nil {
				return
			}
		}
	}()
	return client, nil
}

func (w *wiretap) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent.Write(p)
}

func (w *wiretap) take() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.sent.String()
	w.sent.Reset()
	return s
}

// FuzzForward holds the bytes that a tunnel sends against those of net/http's own transport, for the same request and
// the headers that the connector adds.
func FuzzForward(f *testing.F) {
	f.Add("GET", "/a%20b/../c?x=1&y", "a.example.com:4443", "X-Custom", "1", "", false)
	f.Add("POST", "//", "a", "User-Agent", "me", "body", false)
	f.Add("PUT", "/", "a", "Te", "trailers", "body", true)
	f.Add("DELETE", "/?", "a", "Cookie", "a=1", "", true)
	f.Add("PATCH", "*", "a", "Range", "bytes=0-1", "", false)
	f.Add("HEAD", "/", "a", "Transfer-Encoding", "chunked", "", false)
	f.Add("PROPFIND", "/\u00fc", "xn--a", "Content-Length", "5", "12345", false)
	f.Add("REPORT", "/", "a", "Expect", "nothing", "", true)
	ours, theirs := new(wiretap), new(wiretap)
	cfg, _, err := ParseConfig("f", []byte(oneRule("http://origin.test")))
	if err != nil {
		f.Fatal(err)
	}
	tunnel, err := New(cfg, Options{Transport: "none", Dial: ours.dial, Connector: "c"})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(tunnel.Close)
	reference := &http.Transport{DialContext: theirs.dial}
	f.Cleanup(reference.CloseIdleConnections)

	f.Fuzz(func(t *testing.T, method, target, host, name, value, body string, chunked bool) {
		name = http.CanonicalHeaderKey(name)
		switch {
		case len(body) > 1<<10, len(target) > 1<<10, method == "CONNECT":
			return
		case name == "Expect" && strings.Contains(strings.ToLower(value), "100-continue"):
			return // a second's wait, in both
		case name == "Upgrade", name == "Connection", name == "Host", name == "Cf-Trace-Id", name == "Cf-Cloudflared-Proxy-Connection-Upgrade", name == "Cf-Warp-Tag-Id":
			return // what the connector changes has its own tests
		}
		head := method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + name + ": " + value + "\r\n\r\n"
		in, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
		if err != nil || in.Header.Get(name) != value {
			return // not what a server would hand on
		}
		give := func() (io.ReadCloser, int64) {
			switch {
			case chunked:
				return io.NopCloser(strings.NewReader(body)), -1
			case body == "":
				return http.NoBody, 0
			}
			return io.NopCloser(strings.NewReader(body)), int64(len(body))
		}

		in.Body, in.ContentLength = give()
		w := httptest.NewRecorder()
		gotErr := tunnel.Serve(w, in, tunnel.Decide(in.Host, in.URL.Path))

		u := &url.URL{Scheme: "http", Host: "origin.test", Opaque: in.URL.Opaque, Path: in.URL.Path, RawPath: in.URL.RawPath, ForceQuery: in.URL.ForceQuery, RawQuery: in.URL.RawQuery}
		want := &http.Request{Method: in.Method, URL: u, Host: in.Host, Header: maps.Clone(in.Header)}
		want.Body, want.ContentLength = give()
		want.Header.Set("Connection", "keep-alive")
		want.Header.Set("Cf-Warp-Tag-Id", "c")
		if _, ok := want.Header["User-Agent"]; !ok {
			want.Header.Set("User-Agent", "")
		}
		resp, wantErr := reference.RoundTrip(want)
		if wantErr == nil {
			resp.Body.Close()
		}
		if (gotErr == nil) != (wantErr == nil) {
			t.Fatalf("ours: %v, net/http's: %v", gotErr, wantErr)
		}
		got, wanted := ours.take(), theirs.take()
		if wantErr != nil { // the origin hung up at something that it could not read
			got, _, _ = strings.Cut(got, "\r\n\r\n")
			wanted, _, _ = strings.Cut(wanted, "\r\n\r\n")
		}
		if got != wanted {
			t.Errorf("ours:\n%q\nnet/http's:\n%q", got, wanted)
		}
	})
}
