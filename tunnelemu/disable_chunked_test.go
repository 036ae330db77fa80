package tunnelemu

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCollect(t *testing.T) {
	request := func(body io.Reader) *http.Request {
		r, _ := http.NewRequest("POST", "http://a", io.NopCloser(body))
		r.ContentLength, r.TransferEncoding = -1, unframed
		return r
	}
	r := request(strings.NewReader("12345"))
	if err := collect(r, 5); err != nil || r.ContentLength != 5 || r.TransferEncoding != nil {
		t.Errorf("%d %v %v", r.ContentLength, r.TransferEncoding, err)
	}
	if b, _ := io.ReadAll(r.Body); string(b) != "12345" {
		t.Errorf("%q", b)
	}
	if err := collect(request(strings.NewReader("123456")), 5); !errors.Is(err, errTooLong) {
		t.Errorf("a body over the limit: %v", err)
	}
	if r := request(strings.NewReader("")); collect(r, 5) != nil || r.Body != nil || r.ContentLength != 0 {
		t.Errorf("empty: %v %d", r.Body, r.ContentLength)
	}
	if err := collect(request(broken{}), 5); err == nil || errors.Is(err, errTooLong) {
		t.Errorf("%v", err)
	}
}

// Without the quirk an empty body of unknown length has a length too: none.
func TestDisableChunkedEncodingWithoutTheQuirk(t *testing.T) {
	o := Options{Quirks: map[string]bool{"disable-chunked-unframed": false}}
	for body, want := range map[string]string{"0\r\n\r\n": "Content-Length: 0", "2\r\nhi\r\n0\r\n\r\n": "Content-Length: 2"} {
		got, _ := capture(t, o, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"+body, 0, "disableChunkedEncoding: true")
		if got.framing() != want {
			t.Errorf("%q: %v", body, got.head)
		}
	}
	tunnel := parseWith(t, oneRule("http://127.0.0.1:1", "disableChunkedEncoding: true"), o)
	r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("x"), broken{}))
	r.TransferEncoding = []string{"chunked"}
	var oe *OriginError
	if err := tunnel.Serve(httptest.NewRecorder(), r, tunnel.Decide("a", "/")); !errors.As(err, &oe) || oe.Kind != KindBody {
		t.Errorf("%v", err)
	}
}

// The unframed body reaches the socket all the same, and an origin of net/http sees none.
func TestDisableChunkedEncodingAtAnHTTPOrigin(t *testing.T) {
	got := make(chan string, 1)
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got <- string(b)
		w.Header().Set("Connection", "close")
	})
	origin.Config.ErrorLog = quiet
	s := serve(t, oneRule(origin.URL, "disableChunkedEncoding: true"))
	resp, err := http.Post(s.URL, "text/plain", io.MultiReader(strings.NewReader("lost")))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if b := receive(t, got); b != "" || resp.StatusCode != 200 {
		t.Errorf("%q %s", b, resp.Status)
	}
}
