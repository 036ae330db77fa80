package connector_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// conformance is what passes through a tunnel. Where a transport cannot, lost names it.
var conformance = []struct {
	name string
	lost connector.Protocol
	run  func(t *testing.T, e *edge, front string)
}{
	{"a GET with a query keeps method, path, host and headers", "", testGet},
	{"repeated headers keep their order", "", testRepeated},
	{"a HEAD has a length and no body", "", testHead},
	{"204 and 304 have no body", "", testNoContent},
	{"a POST of known length", "", testPostKnown},
	{"a POST of unknown length", "", testPostUnknown},
	{"a POST without a body", connector.HTTP2, testPostEmpty}, // the origin sees chunks, as it does behind cloudflared
	{"10 MB up and down", "", testLarge},
	{"headers of 60 KB", "", testLargeHeaders},
	{"full duplex: each side waits for the other", "", testDuplex},
	{"server-sent events arrive one by one", "", testEvents},
	{"the client's leaving cancels the origin's request", "", testCancel},
	{"an origin that breaks off breaks the response", "", testAbort},
	{"an origin that answers early is heard", "", testEarly},
	{"trailers of requests and responses", connector.QUIC, testTrailers},
	{"WebSocket", "", testWebSocket},
	{"a WebSocket that is refused", "", testWebSocketRefused},
	{"an unreachable origin is the connector's error", "", testUnreachable},
	{"a client cannot give the connector orders", "", testReserved},
	{"no User-Agent stays none", "", testNoUserAgent},
	{"a path that is not clean", "", testRawPath},
}

func TestConformance(t *testing.T) {
	for _, p := range protocols {
		t.Run(string(p), func(t *testing.T) {
			e := newEdge(t, connector.Options{})
			o := e.options(p)
			o.Origin = origin(t, originMux())
			start(t, o)
			for _, tt := range conformance {
				if tt.lost == p {
					continue
				}
				t.Run(tt.name, func(t *testing.T) { tt.run(t, e, e.front.URL) })
			}
		})
	}
}

// originMux is the origin of the table.
func originMux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/echo/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Method", r.Method)
		w.Header().Set("X-Uri", r.RequestURI)
		w.Header().Set("X-Host", r.Host)
		w.Header().Set("X-Length", fmt.Sprint(r.ContentLength))
		w.Header().Set("X-Agent", fmt.Sprintf("%q", r.Header["User-Agent"]))
		w.Header()["X-Custom"] = r.Header["X-Custom"]
		w.Header()["X-Reserved"] = r.Header["Cf-Cloudflared-Proxy-Connection-Upgrade"]
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.Copy(w, r.Body)
	})
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		var code int
		_, _ = fmt.Sscan(r.PathValue("code"), &code)
		w.WriteHeader(code)
	})
	mux.HandleFunc("/bytes", func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("X-Received", fmt.Sprint(n))
		_, _ = io.Copy(w, io.LimitReader(zeros{}, n))
	})
	mux.HandleFunc("/headers", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Large", r.Header.Get("X-Large"))
	})
	mux.HandleFunc("/duplex", func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		_ = rc.EnableFullDuplex()
		in := bufio.NewReader(r.Body)
		w.WriteHeader(200)
		_ = rc.Flush()
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			_, _ = io.WriteString(w, strings.ToUpper(line))
			_ = rc.Flush()
		}
	})
	mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := 0; ; i++ {
			if _, err := fmt.Fprintf(w, "data: %d\n\n", i); err != nil || r.Context().Err() != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-eventTurn:
			}
		}
	})
	mux.HandleFunc("/hang", func(w http.ResponseWriter, r *http.Request) {
		hanging <- struct{}{}
		<-r.Context().Done()
		hanging <- struct{}{}
	})
	mux.HandleFunc("/abort", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "some")
		_ = http.NewResponseController(w).Flush()
		<-eventTurn // a reset may overtake what was sent
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/early", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		_, _ = io.WriteString(w, "too much")
	})
	mux.HandleFunc("/trailers", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "body")
		_ = http.NewResponseController(w).Flush() // else it has a length, and no trailers
		w.Header().Set(http.TrailerPrefix+"X-Sum", r.Trailer.Get("X-Sum")+"!")
	})
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-Websocket-Accept: " + r.Header.Get("Sec-Websocket-Key") + "\r\n\r\nhello ")
		_ = rw.Flush()
		_, _ = io.Copy(conn, rw)
	})
	return mux
}

var (
	eventTurn = make(chan struct{})
	hanging   = make(chan struct{})
)

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func send(t *testing.T, e *edge, r *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := e.client().Do(r.WithContext(within(t)))
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

func request(t *testing.T, method, url string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func testGet(t *testing.T, e *edge, front string) {
	r := request(t, "GET", front+"/echo/a?b=c&d", nil)
	r.Host = "app.example.com"
	r.Header.Set("X-Custom", "one")
	resp, body := send(t, e, r)
	got := []any{resp.StatusCode, resp.Header.Get("X-Method"), resp.Header.Get("X-Uri"), resp.Header.Get("X-Host"), resp.Header.Get("X-Custom"), body}
	if diff := cmp.Diff([]any{201, "GET", "/echo/a?b=c&d", "app.example.com", "one", ""}, got); diff != "" {
		t.Error(diff)
	}
}

func testRepeated(t *testing.T, e *edge, front string) {
	r := request(t, "GET", front+"/echo/", nil)
	r.Header["X-Custom"] = []string{"one", "two"}
	resp, _ := send(t, e, r)
	if diff := cmp.Diff(map[string][]string{"X": {"one", "two"}, "C": {"a=1", "b=2"}},
		map[string][]string{"X": resp.Header["X-Custom"], "C": resp.Header["Set-Cookie"]}); diff != "" {
		t.Error(diff)
	}
}

func testHead(t *testing.T, e *edge, front string) {
	resp, body := send(t, e, request(t, "HEAD", front+"/status/200", nil))
	if resp.StatusCode != 200 || body != "" {
		t.Errorf("%d %q", resp.StatusCode, body)
	}
}

func testNoContent(t *testing.T, e *edge, front string) {
	for _, code := range []int{204, 304, 404} {
		resp, body := send(t, e, request(t, "GET", fmt.Sprintf("%s/status/%d", front, code), nil))
		if resp.StatusCode != code || body != "" {
			t.Errorf("%d %q", resp.StatusCode, body)
		}
	}
}

func testPostKnown(t *testing.T, e *edge, front string) {
	resp, body := send(t, e, request(t, "POST", front+"/echo/", strings.NewReader("hello")))
	if resp.Header.Get("X-Length") != "5" || body != "hello" {
		t.Errorf("%s %q", resp.Header.Get("X-Length"), body)
	}
}

func testPostUnknown(t *testing.T, e *edge, front string) {
	resp, body := send(t, e, request(t, "POST", front+"/echo/", io.MultiReader(strings.NewReader("hel"), strings.NewReader("lo"))))
	if resp.Header.Get("X-Length") != "-1" || body != "hello" {
		t.Errorf("%s %q", resp.Header.Get("X-Length"), body)
	}
}

func testPostEmpty(t *testing.T, e *edge, front string) {
	resp, body := send(t, e, request(t, "POST", front+"/echo/", nil))
	if resp.Header.Get("X-Length") != "0" || body != "" {
		t.Errorf("%s %q", resp.Header.Get("X-Length"), body)
	}
}

func testLarge(t *testing.T, e *edge, front string) {
	const n = 10_000_000
	for _, known := range []bool{true, false} {
		r := request(t, "POST", front+"/bytes", io.LimitReader(zeros{}, n))
		if known {
			r.ContentLength = n
		}
		resp, body := send(t, e, r)
		if resp.Header.Get("X-Received") != fmt.Sprint(n) || len(body) != n {
			t.Errorf("%s up, %d down", resp.Header.Get("X-Received"), len(body))
		}
	}
}

func testLargeHeaders(t *testing.T, e *edge, front string) {
	r := request(t, "GET", front+"/headers", nil)
	large := strings.Repeat("x", 60<<10)
	r.Header.Set("X-Large", large)
	if resp, _ := send(t, e, r); resp.Header.Get("X-Large") != large {
		t.Errorf("%d bytes", len(resp.Header.Get("X-Large")))
	}
}

func testDuplex(t *testing.T, e *edge, front string) {
	pr, pw := io.Pipe()
	r := request(t, "POST", front+"/duplex", pr).WithContext(within(t))
	resp, err := e.client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out := bufio.NewReader(resp.Body)
	for _, line := range []string{"one\n", "two\n"} {
		_, _ = io.WriteString(pw, line)
		if got, err := out.ReadString('\n'); err != nil || got != strings.ToUpper(line) {
			t.Fatalf("%q %v", got, err)
		}
	}
	pw.Close()
	if rest, err := io.ReadAll(out); err != nil || len(rest) > 0 {
		t.Errorf("%q %v", rest, err)
	}
}

func testEvents(t *testing.T, e *edge, front string) {
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	resp, err := e.client().Do(request(t, "GET", front+"/events", nil).WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	in := bufio.NewReader(resp.Body)
	for i := range 3 {
		line, err := in.ReadString('\n')
		if want := fmt.Sprintf("data: %d\n", i); err != nil || line != want {
			t.Fatalf("%q %v", line, err)
		}
		_, _ = in.ReadString('\n')
		eventTurn <- struct{}{}
	}
}

func testCancel(t *testing.T, e *edge, front string) {
	ctx, cancel := context.WithCancel(within(t))
	failed := make(chan error, 1)
	go func() {
		_, err := e.client().Do(request(t, "GET", front+"/hang", nil).WithContext(ctx))
		failed <- err
	}()
	<-hanging
	cancel()
	<-hanging // the origin has noticed
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func testAbort(t *testing.T, e *edge, front string) {
	resp, err := e.client().Do(request(t, "GET", front+"/abort", nil).WithContext(within(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	begin := make([]byte, 4)
	if _, err := io.ReadFull(resp.Body, begin); err != nil || string(begin) != "some" {
		t.Fatalf("%q %v", begin, err)
	}
	eventTurn <- struct{}{}
	if rest, err := io.ReadAll(resp.Body); err == nil || len(rest) > 0 {
		t.Errorf("%q %v", rest, err)
	}
}

func testEarly(t *testing.T, e *edge, front string) {
	pr, pw := io.Pipe()
	defer pw.Close()
	go func() { _, _ = io.Copy(pw, zeros{}) }() // ends when the pipe is closed
	resp, err := e.client().Do(request(t, "POST", front+"/early", pr).WithContext(within(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode != 413 || string(body) != "too much" || err != nil {
		t.Errorf("%d %q %v", resp.StatusCode, body, err)
	}
}

func testTrailers(t *testing.T, e *edge, front string) {
	r := request(t, "POST", front+"/trailers", io.MultiReader(strings.NewReader("x")))
	r.Trailer = http.Header{"X-Sum": {"7"}}
	resp, body := send(t, e, r)
	if resp.Trailer.Get("X-Sum") != "7!" || body != "body" {
		t.Errorf("%v %q", resp.Trailer, body)
	}
}

// dialWebSocket asks for a WebSocket over HTTP/1.1.
func dialWebSocket(t *testing.T, e *edge, front, path string) (*tls.Conn, *bufio.Reader, *http.Response) {
	t.Helper()
	config := e.client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.NextProtos = nil
	conn, err := tls.Dial("tcp", strings.TrimPrefix(front, "https://"), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_, _ = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: key\r\nSec-WebSocket-Version: 13\r\n\r\n")
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return conn, in, resp
}

func testWebSocket(t *testing.T, e *edge, front string) {
	conn, in, resp := dialWebSocket(t, e, front, "/ws")
	got := []any{resp.StatusCode, resp.Header.Get("Upgrade"), resp.Header.Get("Connection"), resp.Header.Get("Sec-Websocket-Accept")}
	if diff := cmp.Diff([]any{101, "websocket", "Upgrade", "key"}, got); diff != "" {
		t.Fatal(diff)
	}
	buf := make([]byte, len("hello "))
	for _, word := range []string{"", "world ", "again "} {
		_, _ = io.WriteString(conn, word)
		if word != "" {
			buf = buf[:len(word)]
		}
		if _, err := io.ReadFull(in, buf); err != nil || word != "" && string(buf) != word {
			t.Fatalf("%q %v", buf, err)
		}
	}
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(in); len(rest) > 0 {
		t.Errorf("%q", rest)
	}
}

func testWebSocketRefused(t *testing.T, e *edge, front string) {
	_, _, resp := dialWebSocket(t, e, front, "/status/403")
	if resp.StatusCode != 403 || resp.Header.Get("Upgrade") != "" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
}

func testUnreachable(t *testing.T, e *edge, front string) {
	resp, _ := send(t, e, request(t, "GET", front+"/status/0", nil)) // the origin's handler panics: no answer
	if resp.StatusCode != 502 || resp.Header.Get("X-Kind") != string(connector.KindOrigin) {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
}

func testReserved(t *testing.T, e *edge, front string) {
	r := request(t, "POST", front+"/echo/", strings.NewReader(`{"version":9,"config":{}}`))
	r.Header.Set("Cf-Cloudflared-Proxy-Connection-Upgrade", "update-configuration")
	r.Header.Set("Cf-Cloudflared-Proxy-Src", "1.2.3.4")
	resp, body := send(t, e, r)
	if resp.StatusCode != 201 || body == "" || len(resp.Header["X-Reserved"]) > 0 {
		t.Errorf("%d %q %v", resp.StatusCode, body, resp.Header)
	}
}

func testNoUserAgent(t *testing.T, e *edge, front string) {
	r := request(t, "GET", front+"/echo/", nil)
	r.Header["User-Agent"] = []string{""}
	if resp, _ := send(t, e, r); resp.Header.Get("X-Agent") != "[]" {
		t.Error(resp.Header.Get("X-Agent"))
	}
}

func testRawPath(t *testing.T, e *edge, front string) {
	if resp, _ := send(t, e, request(t, "GET", front+"/echo/a%2Fb%20c?", nil)); resp.Header.Get("X-Uri") != "/echo/a%2Fb%20c?" {
		t.Error(resp.Header.Get("X-Uri"))
	}
}

// Informational responses pass HTTP/2, though no cloudflared sends any.
func TestEarlyHints(t *testing.T) {
	e := newEdge(t, connector.Options{})
	o := e.options(connector.HTTP2)
	o.Origin = origin(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(200) }))
	o.Hint = http.Header{"Link": {"</a.css>; rel=preload"}}
	start(t, o)
	var got []string
	trace := &httptrace.ClientTrace{Got1xxResponse: func(status int, h textproto.MIMEHeader) error {
		got = append(got, fmt.Sprint(status, h["Link"]))
		return nil
	}}
	r := request(t, "GET", e.front.URL, nil)
	resp, err := e.client().Do(r.WithContext(httptrace.WithClientTrace(within(t), trace)))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if diff := cmp.Diff([]string{"103 [</a.css>; rel=preload]"}, got); diff != "" || resp.Header.Get("Link") != "" {
		t.Error(diff, resp.Header)
	}
}
