package tunnelemu

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seen is what a raw origin gets of one request: its head, sorted, and the raw bytes after it, up to want of them or
// the connection's end.
type seen struct {
	head []string
	body string
}

func (s seen) has(line string) bool { return slices.Contains(s.head, line) }

// framing are the lines that tell the origin where the body ends.
func (s seen) framing() string {
	var lines []string
	for _, l := range s.head {
		if strings.HasPrefix(l, "Content-Length") || strings.HasPrefix(l, "Transfer-Encoding") {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "|")
}

// capture sends raw bytes to a tunnel over the origin's URL, and gives what the origin got and the client's answer.
func capture(t *testing.T, o Options, send string, body int, options ...string) (seen, *http.Response) {
	t.Helper()
	got := make(chan seen, 1)
	origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		s := seen{head: wire(t, br)}
		b := make([]byte, body)
		n, _ := io.ReadFull(br, b)
		s.body = string(b[:n])
		slices.Sort(s.head)
		got <- s
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	})
	s := serveWith(t, oneRule(origin, options...), o)
	_, br := raw(t, s, send)
	resp, err := http.ReadResponse(br, &http.Request{Method: strings.Fields(send)[0]})
	if err != nil {
		t.Fatal(err)
	}
	return receive(t, got), resp
}

// answered sends a GET and gives the answer to what the origin wrote.
func answered(t *testing.T, o Options, origin string) (*http.Response, string) {
	t.Helper()
	s := serveWith(t, oneRule(rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		wire(t, br)
		_, _ = io.WriteString(c, origin)
	})), o)
	resp, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp, string(body)
}

// quirkTests tell, for each quirk, whether a tunnel shows it.
var quirkTests = map[string]func(t *testing.T, o Options) bool{
	"quic-drops-trailers": func(t *testing.T, o Options) bool {
		resp, body := answered(t, o, "HTTP/1.1 200 OK\r\nTrailer: Grpc-Status\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nGrpc-Status: 0\r\n\r\n")
		if body != "x" {
			t.Errorf("%q", body)
		}
		up, _ := capture(t, o, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n", 11)
		if strings.HasSuffix(up.body, "0\r\nX-") == (resp.Trailer == nil) {
			t.Errorf("up %q, down %v", up.body, resp.Trailer)
		}
		return resp.Trailer == nil
	},
	"quic-needs-chunked": func(t *testing.T, o Options) bool {
		// The form of a client that speaks HTTP/2: no length, and no word of chunked.
		got := make(chan seen, 1)
		origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
			got <- seen{head: wire(t, br)}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		})
		r, _ := http.NewRequest("POST", "http://a/", io.NopCloser(strings.NewReader("body")))
		r.ContentLength = -1
		tunnel := parseWith(t, oneRule(origin), o)
		tunnel.ServeHTTP(&discard{header: http.Header{}}, r)
		framing := receive(t, got).framing()
		if chunked, _ := capture(t, o, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 8); chunked.body != "1\r\nx\r\n0\r" {
			t.Errorf("chunked: %v %q", chunked.head, chunked.body)
		}
		return framing != "Transfer-Encoding: chunked"
	},
	"http2-chunks-empty-body": func(t *testing.T, o Options) bool {
		quirk := 0
		for _, method := range []string{"POST", "PUT", "PATCH"} {
			body := ""
			got, _ := capture(t, o, method+" / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 0)
			if got.framing() == "Transfer-Encoding: chunked" {
				quirk++
				got, _ = capture(t, o, method+" / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 5)
				body = "0\r\n\r\n"
			} else if got.framing() != "Content-Length: 0" {
				t.Errorf("%s: %v", method, got.head)
			}
			if got.body != body {
				t.Errorf("%s: %q", method, got.body)
			}
		}
		for _, method := range []string{"GET", "DELETE", "OPTIONS"} {
			if got, _ := capture(t, o, method+" / HTTP/1.1\r\nHost: a\r\n\r\n", 0); got.framing() != "" {
				t.Errorf("%s: %v", method, got.head)
			}
		}
		if quirk != 0 && quirk != 3 {
			t.Errorf("%d of 3 methods", quirk)
		}
		return quirk > 0
	},
	"http2-drops-control-headers": func(t *testing.T, o Options) bool {
		resp, _ := answered(t, o, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nCf-Int-A: 1\r\ncf-cloudflared-b: 2\r\nCF-PROXY-c: 3\r\nCf-Internal: 4\r\nCf-Ray: 5\r\n\r\n")
		h := resp.Header
		if h.Get("Cf-Internal") != "4" || h.Get("Cf-Ray") != "5" {
			t.Errorf("%v", h)
		}
		gone := h.Get("Cf-Int-A") == ""
		if (h.Get("Cf-Cloudflared-B") == "") != gone || (h.Get("Cf-Proxy-C") == "") != gone {
			t.Errorf("%v", h)
		}
		return gone
	},
	"http2-holds-known-length": func(t *testing.T, o Options) bool {
		pieces := func(kind string) []int {
			var sizes []int
			w := &pieceWriter{header: http.Header{}}
			var body io.Reader = strings.NewReader(strings.Repeat("x", 30))
			body = &slices3{body}
			resp := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {kind}, "Content-Length": {"30"}}, ContentLength: 30, Body: io.NopCloser(body)}
			tunnel := parseWith(t, oneRule("http_status:200"), o)
			tunnel.profile.respond(w, resp)
			last := 0
			for _, at := range w.flushed {
				sizes = append(sizes, at-last)
				last = at
			}
			return sizes
		}
		for _, kind := range []string{"text/event-stream; charset=utf-8", "application/grpc+proto", "Application/X-NDJSON"} {
			// The headers first, and each piece when it comes; the end of the handler sends the last one.
			if diff := cmp.Diff([]int{0, 10, 10}, pieces(kind)); diff != "" {
				t.Errorf("%s: %s", kind, diff)
			}
		}
		plain := pieces("text/plain")
		// The headers alone go first when the body is slower than they are.
		if len(plain) > 0 && !cmp.Equal(plain, []int{10, 10}) && !cmp.Equal(plain, []int{0, 10, 10}) {
			t.Errorf("%v", plain)
		}
		return len(plain) == 0
	},
	"http2-refuses-unix-websocket": func(t *testing.T, o Options) bool {
		s := serveWith(t, oneRule("unix:"+unixOrigin(t, func(c net.Conn, br *bufio.Reader) {
			wire(t, br)
			_, _ = io.WriteString(c, switching)
		})), o)
		_, br := raw(t, s, hello101)
		resp, err := http.ReadResponse(br, nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode == 502 {
			if oe := upgradeTo(t, parseWith(t, oneRule("unix+tls:/x"), o)); oe == nil || oe.Kind != KindTransport || !strings.Contains(oe.Error(), "http2-refuses-unix-websocket") {
				t.Errorf("%v", oe)
			}
		} else if resp.StatusCode != 101 {
			t.Errorf("%s", resp.Status)
		}
		return resp.StatusCode == 502
	},
	"http2-joins-cookies": func(t *testing.T, o Options) bool {
		got, _ := capture(t, o, "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nCookie: b=2; c=3\r\n\r\n", 0)
		if got.has("Cookie: a=1; b=2; c=3") {
			return true
		}
		if !got.has("Cookie: a=1") || !got.has("Cookie: b=2; c=3") {
			t.Errorf("%v", got.head)
		}
		return false
	},
	"http2-consumes-expect": func(t *testing.T, o Options) bool {
		sees := make(chan bool, 1)
		s := serveWith(t, oneRule(rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
			head := wire(t, br)
			sees <- slices.Contains(head, "Expect: 100-continue")
			_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
			b := make([]byte, 4)
			_, _ = io.ReadFull(br, b)
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n%s", b)
		})), o)
		c, br := raw(t, s, "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
		resp, err := http.ReadResponse(br, &http.Request{Method: "PUT"})
		if err != nil || resp.StatusCode != 100 {
			t.Fatal(resp, err)
		}
		_, _ = io.WriteString(c, "data")
		if resp, err = http.ReadResponse(br, &http.Request{Method: "PUT"}); err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); string(body) != "data" || err != nil {
			t.Errorf("%q %v", body, err)
		}
		return !receive(t, sees)
	},
	"http2-unix-tls-localhost": func(t *testing.T, o Options) bool {
		ca := newAuthority(t)
		l := unixListener(t)
		tlsOrigin(t, l, ca.leaf(t, "localhost", "a", "named.test"))
		got, oe := ask(t, parseWith(t, oneRule("unix+tls:"+l.Addr().String(), "caPool: "+ca.file), o), "a")
		if oe != nil {
			t.Fatal(oe)
		}
		if named, _ := ask(t, parseWith(t, oneRule("unix+tls:"+l.Addr().String(), "caPool: "+ca.file, "originServerName: named.test"), o), "a"); !strings.Contains(named, `sni="named.test"`) {
			t.Errorf("originServerName: %s", named)
		}
		return strings.Contains(got, `sni="localhost" host=a`)
	},
	"swallows-early-hints": func(t *testing.T, o Options) bool {
		s := serveWith(t, oneRule(rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
			wire(t, br)
			_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		})), o)
		var early []string
		ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			early = append(early, fmt.Sprint(code, h))
			return nil
		}})
		req, _ := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.Header.Get("Link") != "" || len(early) > 0 && !cmp.Equal(early, []string{"103 map[Link:[<x>]]"}) {
			t.Errorf("%v %v", early, resp.Header)
		}
		return len(early) == 0
	},
	"disable-chunked-unframed": func(t *testing.T, o Options) bool {
		const key = "disableChunkedEncoding: true"
		if known, _ := capture(t, o, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody", 4, key); known.framing() != "Content-Length: 4" || known.body != "body" {
			t.Errorf("known length: %v %q", known.head, known.body)
		}
		got, _ := capture(t, o, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", 4, key)
		if got.body != "body" || got.framing() != "" && got.framing() != "Content-Length: 4" {
			t.Errorf("%v %q", got.head, got.body)
		}
		return got.framing() == ""
	},
	"top-level-access-ignored": func(t *testing.T, o Options) bool {
		status, _ := knock(t, parseWith(t, "originRequest: {"+accessRule+"}\n"+oneRule("http_status:204"), o), "")
		return status == 204
	},
}

// Each quirk shows where it should and nowhere else, and can be turned off and on alone.
func TestQuirks(t *testing.T) {
	for _, q := range Quirks() {
		shows := quirkTests[q.Name]
		if shows == nil {
			t.Errorf("%s has no test", q.Name)
			continue
		}
		t.Run(q.Name, func(t *testing.T) {
			for _, transport := range []string{"quic", "http2", "none"} {
				want := q.Transport == "" || strings.Contains(q.Transport, transport)
				if got := shows(t, Options{Transport: transport}); got != want {
					t.Errorf("%s: %v, want %v", transport, got, want)
				}
				if got := shows(t, Options{Transport: transport, Quirks: map[string]bool{q.Name: !want}}); got == want {
					t.Errorf("%s, chosen %v: %v", transport, !want, got)
				}
			}
			if q.What == "" || q.Source == "" || !strings.HasSuffix(q.What, ".") {
				t.Errorf("%+v", q)
			}
		})
	}
	if len(quirkTests) != len(Quirks()) {
		t.Error("a test without a quirk")
	}
}

func TestTransportChoice(t *testing.T) {
	for _, c := range []struct{ protocol, option, want string }{
		{"", "", "quic"}, {"", "auto", "quic"}, {"", "http2", "http2"}, {"", "none", "none"},
		{"auto", "", "quic"}, {"quic", "", "quic"}, {"http2", "", "http2"}, {"h2mux", "", "http2"},
		{"http2", "auto", "quic"}, {"http2", "none", "none"}, {"nonsense", "quic", "quic"},
	} {
		cfg := &Config{}
		if c.protocol != "" {
			cfg.Settings = map[string]any{"protocol": c.protocol}
		}
		if got, err := cfg.transport(c.option); got != c.want || err != nil {
			t.Errorf("protocol %q, option %q: %s %v, want %s", c.protocol, c.option, got, err, c.want)
		}
	}
	cfg, findings, err := ParseConfig("f", []byte("protocol: htpp2\n"+oneRule("http_status:200")))
	if err != nil || len(findings) != 1 || findings[0].Field != "protocol" || ValidateReport("f", []byte("protocol: htpp2\n"+oneRule("http_status:200"))).Code != 0 {
		t.Errorf("%v %v", findings, err)
	}
	for _, c := range []struct {
		o     Options
		class Class
		want  string
	}{
		{Options{}, ClassProtocol, `f:1:1: protocol: "htpp2"; allowed: auto, quic, http2; did you mean http2?`},
		{Options{Transport: "htp2"}, ClassOption, `Options.Transport: "htp2"; allowed: auto, quic, http2, none; did you mean http2?`},
		{Options{Transport: "quic", Quirks: map[string]bool{"quic-drops-trailer": false}}, ClassOption, `Options.Quirks: no quirk is called "quic-drops-trailer"; allowed: `},
	} {
		_, err := New(cfg, c.o)
		var e *Error
		if !errors.As(err, &e) || e.Class != c.class || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.o, err)
		}
	}
}

// slices3 gives ten bytes a read.
type slices3 struct{ r io.Reader }

func (s *slices3) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), 10)]) }

// pieceWriter notes how much had been written at each flush.
type pieceWriter struct {
	header  http.Header
	n       int
	flushed []int
}

func (w *pieceWriter) Header() http.Header         { return w.header }
func (w *pieceWriter) WriteHeader(int)             {}
func (w *pieceWriter) Write(p []byte) (int, error) { w.n += len(p); return len(p), nil }
func (w *pieceWriter) Flush()                      { w.flushed = append(w.flushed, w.n) }

func unixListener(t testing.TB) net.Listener {
	t.Helper()
	dir, err := os.MkdirTemp("", "u") // socket paths are short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Skip("no unix sockets here: ", err)
	}
	return l
}

// unixOrigin is rawOrigin on a socket; it answers the path.
func unixOrigin(t testing.TB, h func(net.Conn, *bufio.Reader)) string {
	t.Helper()
	l := unixListener(t)
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
	return l.Addr().String()
}
