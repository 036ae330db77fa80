package tunnelemu

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Each line must reach the client before the origin makes the next one, so a line held back anywhere is a deadlock
// and no matter of timing.
func TestStreamsLineByLine(t *testing.T) {
	for _, c := range []struct{ name, contentType, length string }{
		{"ndjson", "application/x-ndjson", ""},
		{"event stream", "text/event-stream", ""},
		{"grpc", "application/grpc+proto", ""},
		{"unknown length", "text/plain", ""},
		{"ndjson of known length", "application/x-ndjson", "54"},
		{"known length", "text/plain", "54"},
	} {
		t.Run(c.name, func(t *testing.T) {
			read := make(chan struct{})
			origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", c.contentType)
				if c.length != "" {
					w.Header().Set("Content-Length", c.length)
				}
				rc := http.NewResponseController(w)
				_ = rc.Flush()
				for i := range 3 {
					select {
					case <-read:
					case <-r.Context().Done():
						return
					}
					fmt.Fprintf(w, "{\"n\":%d,\"d\":%5t}\n", i, i == 2)
					_ = rc.Flush()
				}
			})
			s := serve(t, oneRule(origin.URL))
			resp, err := http.Get(s.URL) // returns only when the headers came, which the origin sent before any line
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			lines := bufio.NewReader(resp.Body)
			for i := range 3 {
				read <- struct{}{}
				line, err := lines.ReadString('\n')
				if want := fmt.Sprintf("{\"n\":%d,\"d\":%5t}\n", i, i == 2); err != nil || line != want {
					t.Fatalf("line %d: %q, %v", i, line, err)
				}
			}
			if c.length != "" {
				return
			}
			if _, err := lines.ReadByte(); err != io.EOF {
				t.Errorf("after the last line: %v", err)
			}
		})
	}
}

// Request and response at once: each piece of the upload is answered before the next is sent.
func TestFullDuplex(t *testing.T) {
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		_ = rc.EnableFullDuplex()
		_ = rc.Flush()
		in := bufio.NewScanner(r.Body)
		for in.Scan() {
			fmt.Fprintf(w, "got %s\n", in.Text())
			_ = rc.Flush()
		}
	})
	s := serve(t, oneRule(origin.URL))
	body, up := io.Pipe()
	req, _ := http.NewRequest("POST", s.URL, body)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	down := bufio.NewReader(resp.Body)
	for i := range 3 {
		fmt.Fprintf(up, "%d\n", i)
		if line, err := down.ReadString('\n'); err != nil || line != fmt.Sprintf("got %d\n", i) {
			t.Fatalf("%q, %v", line, err)
		}
	}
	up.Close()
	if _, err := down.ReadByte(); err != io.EOF {
		t.Error(err)
	}
}

func TestLargeBodies(t *testing.T) {
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength >= 0 {
			w.Header().Set("Content-Length", fmt.Sprint(r.ContentLength))
		}
		rc := http.NewResponseController(w)
		_ = rc.EnableFullDuplex()
		_, _ = io.Copy(w, r.Body)
	})
	s := serve(t, oneRule(origin.URL))
	const size = 20 << 20
	for _, length := range []int64{size, -1} {
		req, _ := http.NewRequest("POST", s.URL, io.LimitReader(letters{}, size))
		req.ContentLength = length
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, resp.Body); n != size || err != nil || resp.ContentLength != length {
			t.Errorf("%d bytes, %v, length %d", n, err, resp.ContentLength)
		}
		resp.Body.Close()
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestClientCancelReachesTheOrigin(t *testing.T) {
	started, canceled := make(chan struct{}), make(chan struct{})
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		close(started)
		<-r.Context().Done()
		close(canceled)
	})
	s := serve(t, oneRule(origin.URL))
	ctx, cancel := context.WithCancel(context.Background())
	req, _ := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
	go func() {
		<-started
		cancel()
	}()
	if _, err := http.DefaultClient.Do(req); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	receive(t, canceled)
}

func TestCanceledRequestIsAnOriginError(t *testing.T) {
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	tunnel := parse(t, oneRule(origin.URL))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
	err := tunnel.Serve(httptest.NewRecorder(), r, tunnel.Decide("a", "/"))
	var oe *OriginError
	if !errors.As(err, &oe) || oe.Kind != KindCanceled {
		t.Errorf("%v", err)
	}
}

// An answer before the whole request was read is passed on, and the client may keep its connection waiting.
func TestEarlyAnswer(t *testing.T) {
	origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		wire(t, br)
		_, _ = io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
		_, _ = io.Copy(io.Discard, br)
	})
	s := serve(t, oneRule(origin))
	_, br := raw(t, s, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\npart")
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	body := make([]byte, 3)
	if _, err := io.ReadFull(resp.Body, body); err != nil || resp.StatusCode != 413 || string(body) != "big" {
		t.Errorf("%s %q %v", resp.Status, body, err)
	}
}

// The rest of a request that comes after its answer must not be taken for the next request, nor break the server.
func TestRequestEndsAfterItsAnswer(t *testing.T) {
	answered := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		wire(t, br)
		_, _ = io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
		_, _ = io.Copy(io.Discard, br)
	})
	for name, config := range map[string]string{"answered": oneRule(answered), "dead": oneRule("http://127.0.0.1:1"), "status": oneRule("http_status:404")} {
		s := serve(t, config)
		c, br := raw(t, s, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1234")
		if name == "answered" {
			resp, err := http.ReadResponse(br, nil)
			if err != nil || resp.StatusCode != 413 || !resp.Close {
				t.Fatalf("%s: %v %v", name, resp, err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
		}
		_, _ = io.WriteString(c, "567890GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		rest, err := io.ReadAll(br)
		if want := map[string]int{"answered": 0, "dead": 2, "status": 2}[name]; strings.Count(string(rest), "HTTP/1.1 ") != want {
			t.Errorf("%s: %q %v", name, rest, err)
		}
	}
}

// Expect reaches the origin, whose 100 lets the client send.
func TestExpectContinue(t *testing.T) {
	origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		head := strings.Join(wire(t, br), "\n")
		if !strings.Contains(head, "Expect: 100-continue") {
			t.Errorf("no Expect in %q", head)
		}
		_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
		body := make([]byte, 4)
		_, _ = io.ReadFull(br, body)
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n%s", body)
	})
	s := serve(t, oneRule(origin))
	c, br := raw(t, s, "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
	if line, err := br.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100") {
		t.Fatalf("%q, %v", line, err)
	}
	_, _ = br.ReadString('\n')
	_, _ = io.WriteString(c, "data")
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); string(body) != "data" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestExpectRefused(t *testing.T) {
	origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		wire(t, br)
		_, _ = io.WriteString(c, "HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	})
	s := serve(t, oneRule(origin))
	_, br := raw(t, s, "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
	if line, err := br.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 401") {
		t.Errorf("%q, %v", line, err)
	}
}

// A response that breaks off must look broken to the client, whatever its framing.
func TestOriginDiesInTheBody(t *testing.T) {
	for _, head := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
	} {
		origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
			wire(t, br)
			_, _ = io.WriteString(c, head)
		})
		s := serve(t, oneRule(origin))
		resp, err := http.Get(s.URL)
		if err != nil {
			continue
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err == nil {
			t.Errorf("%q came through as a whole response: %q", head, body)
		}
	}
}

func TestServePanicsWhenTheOriginDiesInTheBody(t *testing.T) {
	origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		wire(t, br)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
	})
	tunnel := parse(t, oneRule(origin))
	defer func() {
		if v := recover(); v != http.ErrAbortHandler {
			t.Errorf("recovered %v", v)
		}
	}()
	_ = tunnel.Serve(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), tunnel.Decide("a", "/"))
	t.Error("Serve returned")
}

func TestBrokenRequestBody(t *testing.T) {
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	tunnel := parse(t, oneRule(origin.URL))
	r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("x"), broken{}))
	r.ContentLength = 100
	err := tunnel.Serve(httptest.NewRecorder(), r, tunnel.Decide("a", "/"))
	var oe *OriginError
	if !errors.As(err, &oe) || oe.Kind != KindBody {
		t.Errorf("%v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the client broke off") }
