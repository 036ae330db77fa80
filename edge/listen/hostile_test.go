package listen

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// The smuggling list over HTTP/1.1. A request is refused (400 or a closed
// connection) or read in exactly one way, which the table states; what
// follows it on the connection is never taken for a second request unless
// framing says so.
func TestSmugglingHTTP1(t *testing.T) {
	const host = "Host: a.example.com\r\n"
	const probe = "GET /smuggled HTTP/1.1\r\n" + host + "\r\n"
	tests := []struct {
		name, raw string
		status    int    // of the first answer; 0: the connection just ends
		body      string // that Edge read; compared for status 200
		answers   int    // in all
	}{
		{"plain", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc" + probe, 200, "abc", 2},
		{"CL and TE: TE decides", "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + probe, 200, "abc", 2},
		{"TE and CL: TE decides", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 500\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + probe, 200, "abc", 2},
		{"TE twice", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + probe, 501, "", 1},
		{"TE list", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + probe, 501, "", 1},
		{"TE identity", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc" + probe, 501, "", 1},
		{"TE with a vertical tab", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + probe, 400, "", 1},
		{"TE folded", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding:\r\n chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + probe, 200, "abc", 2},
		{"CL twice, different", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd" + probe, 400, "", 1},
		{"CL twice, the same", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc" + probe, 200, "abc", 2},
		{"CL list", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3, 3\r\n\r\nabc" + probe, 400, "", 1},
		{"CL with plus", "POST / HTTP/1.1\r\n" + host + "Content-Length: +3\r\n\r\nabc" + probe, 400, "", 1},
		{"CL negative", "POST / HTTP/1.1\r\n" + host + "Content-Length: -3\r\n\r\nabc" + probe, 400, "", 1},
		{"CL hexadecimal", "POST / HTTP/1.1\r\n" + host + "Content-Length: 0x3\r\n\r\nabc" + probe, 400, "", 1},
		{"CL empty", "POST / HTTP/1.1\r\n" + host + "Content-Length: \r\n\r\n" + probe, 400, "", 1},
		{"obs-fold is a space", "GET / HTTP/1.1\r\n" + host + "X-A: b\r\n c\r\n\r\n" + probe, 200, "", 2},
		{"folded first line", "GET / HTTP/1.1\r\n " + host + "\r\n" + probe, 400, "", 1},
		{"space before colon", "POST / HTTP/1.1\r\n" + host + "Content-Length : 3\r\n\r\nabc" + probe, 400, "", 1},
		{"tab before colon", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n" + probe, 400, "", 1},
		{"no colon", "GET / HTTP/1.1\r\n" + host + "X-A\r\n\r\n" + probe, 400, "", 1},
		{"no Host", "GET / HTTP/1.1\r\n\r\n" + probe, 400, "", 1},
		{"duplicate Host", "GET / HTTP/1.1\r\n" + host + "Host: b.example.com\r\n\r\n" + probe, 400, "", 1},
		{"duplicate Host, the same", "GET / HTTP/1.1\r\n" + host + host + "\r\n" + probe, 400, "", 1},
		{"Host list", "GET / HTTP/1.1\r\nHost: a.example.com, b.example.com\r\n\r\n" + probe, 400, "", 1},
		{"Host with a user", "GET / HTTP/1.1\r\nHost: a.example.com@b.example.com\r\n\r\n" + probe, 400, "", 1},
		{"Host with a path", "GET / HTTP/1.1\r\nHost: a.example.com/b\r\n\r\n" + probe, 400, "", 1},
		{"Host with a control", "GET / HTTP/1.1\r\nHost: a\x01b\r\n\r\n" + probe, 400, "", 1},
		{"bare LF ends lines", "GET / HTTP/1.1\nHost: a.example.com\n\n" + probe, 200, "", 2},
		{"bare CR", "GET / HTTP/1.1\r\n" + host + "X-A: b\rX-C: d\r\n\r\n" + probe, 400, "", 1},
		{"NUL", "GET / HTTP/1.1\r\n" + host + "X-A: b\x00\r\n\r\n" + probe, 400, "", 1},
		{"chunk extension is dropped", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n" + probe, 200, "abc", 2},
		{"bare LF in a chunk extension", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3;a\nabc\r\n0\r\n\r\n" + probe, 400, "", 1},
		{"bare LF after a chunk size", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n" + probe, 400, "", 1},
		{"bare CR in a chunk extension", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3;a\rb\r\nabc\r\n0\r\n\r\n" + probe, 400, "", 1},
		{"chunk size with 0x", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n" + probe, 400, "", 1},
		{"chunk size with plus", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n" + probe, 400, "", 1},
		{"chunk size too large", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nabc\r\n0\r\n\r\n" + probe, 400, "", 1},
		{"chunk longer than its size", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n" + probe, 400, "", 1},
		{"OPTIONS for the whole server", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n" + probe, 200, "", 2},
		{"GET for the whole server", "GET * HTTP/1.1\r\n" + host + "\r\n" + probe, 400, "", 2},
		{"opaque target", "GET http:a.example.com HTTP/1.1\r\n" + host + "\r\n" + probe, 400, "", 2},
		{"absolute form without authority", "GET http:///x HTTP/1.1\r\n" + host + "\r\n" + probe, 400, "", 2},
		{"absolute form with a user", "GET http://b@a.example.com/x HTTP/1.1\r\n" + host + "\r\n" + probe, 400, "", 2},
		{"version 9.1", "GET / HTTP/9.1\r\n" + host + "\r\n" + probe, 505, "", 1},
		{"preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "", 1},
	}
	s := start(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, r := sayTLS(t, s.Addrs().HTTPS, "http/1.1", tt.raw)
			c.(interface{ CloseWrite() error }).CloseWrite()
			var answers, smuggled int
			for {
				resp, err := http.ReadResponse(r, nil)
				if err != nil {
					break
				}
				data, _ := io.ReadAll(resp.Body)
				var got seen
				json.Unmarshal(data, &got)
				if answers++; answers == 1 {
					if resp.StatusCode != tt.status || got.Body != tt.body {
						t.Errorf("first answer %d, Edge read %q; want %d, %q\n%s", resp.StatusCode, got.Body, tt.status, tt.body, data)
					}
				}
				if got.Target == "/smuggled" {
					smuggled++
				}
			}
			if answers != tt.answers || smuggled != tt.answers-1 {
				t.Errorf("%d answers, %d of them to the second request; want %d in all", answers, smuggled, tt.answers)
			}
		})
	}
}

// h2Exchange sends one request of raw fields and returns its status, or
// "reset" when the stream or connection ended by an error.
func h2Exchange(t *testing.T, addr string, fields []hpack.HeaderField, body string) string {
	t.Helper()
	c, r := sayTLS(t, addr, "h2", http2.ClientPreface)
	fr := http2.NewFramer(c, r)
	fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	fr.WriteSettings()
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	for _, f := range fields {
		enc.WriteField(f)
	}
	fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: body == ""})
	if body != "" {
		fr.WriteData(1, true, []byte(body))
	}
	for {
		f, err := fr.ReadFrame()
		if err != nil {
			t.Fatalf("no answer: %v", err)
		}
		switch f := f.(type) {
		case *http2.MetaHeadersFrame:
			return f.PseudoValue("status")
		case *http2.RSTStreamFrame, *http2.GoAwayFrame:
			return "reset"
		}
	}
}

// The smuggling list over HTTP/2: every way to say what belongs to HTTP/1
// framing, or to name two hosts, is refused.
func TestSmugglingHTTP2(t *testing.T) {
	type fields = []hpack.HeaderField
	field := func(pairs ...string) fields {
		var fs fields
		for i := 0; i < len(pairs); i += 2 {
			fs = append(fs, hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]})
		}
		return fs
	}
	base := func(extra ...string) fields {
		return field(append([]string{":method", "POST", ":scheme", "https", ":authority", "a.example.com", ":path", "/"}, extra...)...)
	}
	tests := []struct {
		name   string
		fields fields
		body   string
		want   string // statuses or "reset", separated by |
	}{
		{"plain", base(), "abc", "200"},
		{"te: trailers", base("te", "trailers"), "", "200"},
		{"host equal to :authority", base("host", "a.example.com"), "", "200"},
		{"length that fits", base("content-length", "3"), "abc", "200"},
		{"connection", base("connection", "close"), "", "400|reset"},
		{"keep-alive", base("keep-alive", "timeout=5"), "", "400|reset"},
		{"proxy-connection", base("proxy-connection", "close"), "", "400|reset"},
		{"upgrade", base("upgrade", "h2c"), "", "400|reset"},
		{"http2-settings", base("http2-settings", "AAMAAABkAAQAAP__"), "", "400|reset"},
		{"transfer-encoding", base("transfer-encoding", "chunked"), "0\r\n\r\n", "400|reset"},
		{"te: gzip", base("te", "gzip"), "", "400|reset"},
		{"te: trailers, gzip", base("te", "trailers, gzip"), "", "400|reset"},
		{"te twice", base("te", "trailers", "te", "gzip"), "", "400|reset"},
		{"te empty", base("te", ""), "", "400|reset"},
		{":authority against host", base("host", "b.example.com"), "", "400|reset"},
		{"host twice", base("host", "a.example.com", "host", "b.example.com"), "", "400|reset"},
		{"host twice without :authority", field(":method", "GET", ":scheme", "https", ":path", "/", "host", "a.example.com", "host", "b.example.com"), "", "400|reset"},
		{":authority twice", base(":authority", "b.example.com"), "", "400|reset"},
		{":authority with a user", field(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "x@a.example.com"), "", "400|reset"},
		{"absolute :path", field(":method", "GET", ":scheme", "https", ":authority", "a.example.com", ":path", "https://b.example.com/"), "", "400|reset"},
		{"relative :path", field(":method", "GET", ":scheme", "https", ":authority", "a.example.com", ":path", "x"), "", "400|reset"},
		{":path with a line end", field(":method", "GET", ":scheme", "https", ":authority", "a.example.com", ":path", "/ HTTP/1.1\r\nX: y"), "", "400|reset"},
		{"value with a line end", base("x-a", "b\r\nTransfer-Encoding: chunked"), "", "400|reset"},
		{"name in upper case", base("X-A", "b"), "", "400|reset"},
		{"name with a colon", base("x:a", "b"), "", "400|reset"},
		{"method with a space", field(":method", "GET / HTTP/1.1", ":scheme", "https", ":authority", "a.example.com", ":path", "/"), "", "400|reset"},
		{"length with plus", base("content-length", "+3"), "abc", "400|reset"},
		{"length twice", base("content-length", "3", "content-length", "4"), "abc", "400|reset"},
		{"length empty", base("content-length", ""), "abc", "400|reset"},
		{"length too short", base("content-length", "2"), "abc", "400|reset"},
		{"length too long", base("content-length", "4"), "abc", "400|reset"},
		{"length without a body", base("content-length", "4"), "", "400|reset"},
		{"CONNECT", field(":method", "CONNECT", ":authority", "a.example.com:443"), "", "405|reset"},
		{"extended CONNECT", field(":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":authority", "a.example.com", ":path", "/"), "", "405|reset"},
		{"CONNECT with a path", field(":method", "CONNECT", ":scheme", "https", ":authority", "a.example.com", ":path", "/"), "", "reset"},
	}
	s := start(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := h2Exchange(t, s.Addrs().HTTPS, tt.fields, tt.body)
			for _, want := range strings.Split(tt.want, "|") {
				if got == want {
					return
				}
			}
			t.Errorf("answered %s, want %s", got, tt.want)
		})
	}
}

func TestConnectIsForTheProxy(t *testing.T) {
	s := start(t)
	_, r := sayTLS(t, s.Addrs().HTTPS, "http/1.1", "CONNECT a.example.com:443 HTTP/1.1\r\nHost: a.example.com\r\n\r\n")
	resp, body := readResponse(t, r, "CONNECT")
	if resp.StatusCode != 405 || !strings.Contains(body, "the proxy is at "+s.Addrs().Proxy) {
		t.Errorf("on the HTTPS port: %d %q", resp.StatusCode, body)
	}
	_, r = say(t, s.Addrs().Proxy, "CONNECT a.example.com:80 HTTP/1.1\r\nHost: x\r\n\r\nCONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n")
	readResponse(t, r, "CONNECT")
	if resp, _ := readResponse(t, r, "CONNECT"); resp.StatusCode != 405 {
		t.Errorf("inside CONNECT: %d", resp.StatusCode)
	}
}

func TestHeadTooLarge(t *testing.T) {
	s := start(t)
	_, r := say(t, s.Addrs().Proxy, "GET / HTTP/1.1\r\nHost: a.example.com\r\nX-A: "+strings.Repeat("x", 200<<10))
	if resp, _ := readResponse(t, r, ""); resp.StatusCode != 431 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestCheckAllocatesNothingForGoodRequests(t *testing.T) {
	r, _ := http.NewRequest("GET", "/x", nil)
	r.Host, r.ProtoMajor = "a.example.com", 2
	r.Header.Set("Te", "trailers")
	if n := testing.AllocsPerRun(100, func() {
		if Check(r) != nil {
			t.Fatal("refused")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
