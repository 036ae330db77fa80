package edge_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strconv"
	"strings"
	"testing"
)

// One table of what HTTP promises, run over every way into the edge and every kind of target.
// A cell that is not "pass" names what the transport or the target does instead.

// way is one way of reaching the edge.
type way struct {
	name   string
	client func(t *testing.T, r *running) *http.Client
}

var ways = []way{
	{"in-process", func(t *testing.T, r *running) *http.Client { return &http.Client{Transport: r.edge.Transport()} }},
	{"h1", func(t *testing.T, r *running) *http.Client { return r.overTLS(t, false) }},
	{"h2", func(t *testing.T, r *running) *http.Client { return r.overTLS(t, true) }},
}

var targets = []string{"tunnel", "quic", "direct"}

// quirk is why a cell differs, by way, target, or "way/target".
type quirk map[string]string

type promise struct {
	name   string
	quirks quirk
	origin http.HandlerFunc
	check  func(t *testing.T, c *http.Client, url, quirk string)
}

func do(t *testing.T, c *http.Client, r *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func newRequest(t *testing.T, method, url string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var promises = []promise{
	{
		name: "status, headers and body arrive",
		origin: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-A", "1")
			w.Header().Add("X-A", "2")
			w.WriteHeader(418)
			io.WriteString(w, "tea")
		},
		check: func(t *testing.T, c *http.Client, url, _ string) {
			resp, body := do(t, c, newRequest(t, "GET", url, nil))
			if resp.StatusCode != 418 || body != "tea" || strings.Join(resp.Header["X-A"], ",") != "1,2" || resp.Header.Get("Sundog-Answered-By") != "origin" {
				t.Errorf("%d %q %v", resp.StatusCode, body, resp.Header)
			}
		},
	},
	{
		name:   "path and query arrive as sent",
		origin: func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.RequestURI) },
		check: func(t *testing.T, c *http.Client, url, _ string) {
			const path = "/a%2Fb/c%20d;e=1/?q=1&q=%26&empty="
			if _, body := do(t, c, newRequest(t, "GET", url+path, nil)); body != path {
				t.Errorf("the origin saw %q", body)
			}
		},
	},
	{
		name:   "HEAD has headers and no body",
		origin: func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Length", "7") },
		check: func(t *testing.T, c *http.Client, url, _ string) {
			resp, body := do(t, c, newRequest(t, "HEAD", url, nil))
			if resp.ContentLength != 7 || body != "" {
				t.Errorf("length %d body %q", resp.ContentLength, body)
			}
		},
	},
	{
		name: "a body of unknown length arrives whole both ways",
		origin: func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).EnableFullDuplex()
			io.Copy(w, r.Body)
		},
		check: func(t *testing.T, c *http.Client, url, _ string) {
			sent := make([]byte, 3<<20)
			rand.Read(sent)
			_, body := do(t, c, newRequest(t, "POST", url, struct{ io.Reader }{bytes.NewReader(sent)}))
			if sha256.Sum256([]byte(body)) != sha256.Sum256(sent) {
				t.Errorf("%d bytes came back, other than sent", len(body))
			}
		},
	},
	{
		name:   "the length of a body is kept",
		origin: func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.ContentLength) },
		check: func(t *testing.T, c *http.Client, url, _ string) {
			if _, body := do(t, c, newRequest(t, "PUT", url, strings.NewReader("12345"))); body != "5" {
				t.Errorf("the origin saw length %s", body)
			}
		},
	},
	{
		name: "each flush arrives before the next is written",
		origin: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/x-ndjson")
			in := bufio.NewReader(r.Body)
			http.NewResponseController(w).EnableFullDuplex()
			for i := range 3 {
				fmt.Fprintf(w, "{\"line\":%d}\n", i)
				http.NewResponseController(w).Flush()
				if _, err := in.ReadString('\n'); err != nil { // the client has the line
					return
				}
			}
		},
		check: func(t *testing.T, c *http.Client, url, _ string) {
			up, down := io.Pipe()
			defer down.Close()
			resp, err := c.Do(newRequest(t, "POST", url, up))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			lines := bufio.NewReader(resp.Body)
			for i := range 3 {
				line, err := lines.ReadString('\n')
				if err != nil || line != fmt.Sprintf("{\"line\":%d}\n", i) {
					t.Fatalf("line %d: %q, %v", i, line, err)
				}
				fmt.Fprintln(down, "seen")
			}
		},
	},
	{
		name:   "trailers arrive",
		quirks: quirk{"quic": "the QUIC transport drops trailers", "connector-quic": "the QUIC transport drops trailers"},
		origin: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Trailer", "X-Sum")
			io.WriteString(w, "body")
			w.Header().Set("X-Sum", "42")
			w.Header().Set(http.TrailerPrefix+"X-Late", "43")
		},
		check: func(t *testing.T, c *http.Client, url, quirk string) {
			resp, _ := do(t, c, newRequest(t, "GET", url, nil))
			if quirk != "" {
				if resp.Trailer.Get("X-Sum") != "" {
					t.Errorf("trailers %v", resp.Trailer)
				}
				return
			}
			if resp.Trailer.Get("X-Sum") != "42" || resp.Trailer.Get("X-Late") != "43" {
				t.Errorf("trailers %v", resp.Trailer)
			}
		},
	},
	{
		name:   "early hints arrive",
		quirks: quirk{"quic": "the connector swallows 1xx answers", "connector-http2": "the connector swallows 1xx answers", "connector-quic": "the connector swallows 1xx answers"},
		origin: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "</style.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			io.WriteString(w, "done")
		},
		check: func(t *testing.T, c *http.Client, url, quirk string) {
			hints := 0
			r := newRequest(t, "GET", url, nil)
			r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
				Got1xxResponse: func(code int, h textproto.MIMEHeader) error { hints += code; return nil },
			}))
			_, body := do(t, c, r)
			want := 103
			if quirk != "" {
				want = 0
			}
			if hints != want || body != "done" {
				t.Errorf("hints %d, want %d; body %q", hints, want, body)
			}
		},
	},
	{
		name: "a client that leaves cancels the origin's request",
		origin: func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
			left <- struct{}{}
		},
		check: func(t *testing.T, c *http.Client, url, _ string) {
			ctx, cancel := context.WithCancel(t.Context())
			resp, err := c.Do(newRequest(t, "GET", url, nil).WithContext(ctx))
			if err != nil {
				t.Fatal(err)
			}
			cancel()
			resp.Body.Close()
			<-left
		},
	},
	{
		name: "an answer before the body is read arrives",
		origin: func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		},
		check: func(t *testing.T, c *http.Client, url, _ string) {
			resp, err := c.Do(newRequest(t, "POST", url, io.LimitReader(zeros{}, 1<<20)))
			if err != nil {
				t.Skipf("the client saw its upload cut: %v", err) // RFC 9110 lets a server close here
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("status %d", resp.StatusCode)
			}
		},
	},
	{
		name:   "an origin that dies mid-body cuts the client's body",
		quirks: quirk{"connector-quic": "a stream that is reset loses what was not read yet, the head too: 502"},
		origin: func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "half")
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		check: func(t *testing.T, c *http.Client, url, quirk string) {
			resp, err := c.Do(newRequest(t, "GET", url, nil))
			if err != nil {
				return // cut before the headers went out
			}
			defer resp.Body.Close()
			if quirk != "" && resp.StatusCode == http.StatusBadGateway {
				return
			}
			if body, err := io.ReadAll(resp.Body); err == nil {
				t.Errorf("the body ended cleanly after %q", body)
			}
		},
	},
	{
		name:   "a WebSocket upgrade passes bytes both ways",
		quirks: quirk{"h2": "an HTTP/2 client has no Upgrade"},
		origin: echoUpgrade,
		check: func(t *testing.T, c *http.Client, url, quirk string) {
			if quirk != "" {
				return
			}
			r := newRequest(t, "GET", url, nil)
			r.Header.Set("Connection", "Upgrade")
			r.Header.Set("Upgrade", "websocket")
			r.Header.Set("Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
			r.Header.Set("Sec-Websocket-Version", "13")
			resp, err := c.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusSwitchingProtocols {
				t.Fatalf("status %d", resp.StatusCode)
			}
			if resp.Header.Get("Cf-Ray") == "" || resp.Header.Get("Sundog-Answered-By") != "origin" {
				t.Errorf("headers %v", resp.Header)
			}
			conn := resp.Body.(io.ReadWriteCloser)
			for _, word := range []string{"hello\n", "again\n"} {
				io.WriteString(conn, word)
				got := make([]byte, len(word))
				if _, err := io.ReadFull(conn, got); err != nil || string(got) != word {
					t.Fatalf("echo %q, %v", got, err)
				}
			}
		},
	},
	{
		name:   "large headers arrive",
		origin: func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, len(r.Header.Get("X-Large"))) },
		check: func(t *testing.T, c *http.Client, url, _ string) {
			r := newRequest(t, "GET", url, nil)
			r.Header.Set("X-Large", strings.Repeat("x", 60_000))
			if _, body := do(t, c, r); body != "60000" {
				t.Errorf("the origin saw %s bytes", body)
			}
		},
	},
	{
		name:   "Expect: 100-continue holds the body until the edge wants it",
		origin: func(w http.ResponseWriter, r *http.Request) { n, _ := io.Copy(io.Discard, r.Body); fmt.Fprint(w, n) },
		check: func(t *testing.T, c *http.Client, url, _ string) {
			r := newRequest(t, "POST", url, strings.NewReader("body"))
			r.Header.Set("Expect", "100-continue")
			if _, body := do(t, c, r); body != "4" {
				t.Errorf("the origin saw %s bytes", body)
			}
		},
	},
	{
		name: "status without body",
		origin: func(w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(r.URL.Query().Get("s"))
			w.WriteHeader(n)
		},
		check: func(t *testing.T, c *http.Client, url, _ string) {
			for _, status := range []int{204, 304} {
				if resp, body := do(t, c, newRequest(t, "GET", fmt.Sprint(url, "/?s=", status), nil)); resp.StatusCode != status || body != "" {
					t.Errorf("status %d body %q, want %d", resp.StatusCode, body, status)
				}
			}
		},
	},
}

// left gets a word from the origin whose client went away.
var left = make(chan struct{}, 1)

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func echoUpgrade(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Sec-Websocket-Key") == "" {
		http.Error(w, "no upgrade asked for", http.StatusUpgradeRequired)
		return
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	defer conn.Close()
	io.WriteString(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	rw.Flush()
	io.Copy(conn, rw)
}

func TestConformance(t *testing.T) {
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			r := start(t, p.origin)
			for _, way := range ways {
				for _, target := range targets {
					t.Run(way.name+"/"+target, func(t *testing.T) {
						why := p.quirks[way.name]
						if why == "" {
							why = p.quirks[target]
						}
						p.check(t, way.client(t, r), "https://"+target+".example.com", why)
					})
				}
			}
		})
	}
}

// overTLS is a client whose name server and trust are the edge's.
func (r *running) overTLS(t *testing.T, h2 bool) *http.Client {
	tr := &http.Transport{
		TLSClientConfig:    &tls.Config{RootCAs: r.roots},
		DialContext:        r.dialHTTPS,
		ForceAttemptHTTP2:  h2,
		DisableCompression: true,
	}
	if !h2 {
		tr.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{
		Transport: tr,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}
