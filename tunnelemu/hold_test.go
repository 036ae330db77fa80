package tunnelemu

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the HTTP/2 transport holds goes out in pieces of 4096 bytes, and large reads as they are.
func TestHold(t *testing.T) {
	for _, c := range []struct {
		reads []int
		want  []int
	}{
		{[]int{10, 20}, nil},
		{[]int{4095, 1}, nil},
		{[]int{4095, 2}, []int{4096}},
		{[]int{5000, 10, 10}, []int{5000}},
		{[]int{10, 9000}, []int{4096, 9010}},
	} {
		w := &pieceWriter{header: http.Header{}}
		var body []io.Reader
		total := 0
		for _, n := range c.reads {
			body = append(body, strings.NewReader(strings.Repeat("x", n)))
			total += n
		}
		if err := hold(w, io.MultiReader(body...)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, w.flushed); diff != "" || w.n != total {
			t.Errorf("%v: %d bytes, flushed at %s", c.reads, w.n, diff)
		}
	}
}

// Bytes that are held when the origin breaks off are lost, and the headers with them.
func TestHeldBytesAreLost(t *testing.T) {
	for _, transport := range []string{"http2", "quic"} {
		s := serveWith(t, oneRule(rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
			wire(t, br)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"+strings.Repeat("x", 100))
		})), Options{Transport: transport})
		resp, err := http.Get(s.URL)
		if transport == "http2" {
			if err == nil {
				t.Errorf("%s: %s", transport, resp.Status)
				resp.Body.Close()
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if len(body) != 100 || err == nil {
			t.Errorf("%s: %d bytes, %v", transport, len(body), err)
		}
	}
}

func TestHoldWholeBodies(t *testing.T) {
	for _, size := range []int{0, 1, 4096, 100000} {
		text := strings.Repeat("y", size)
		origin := httpOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(size))
			_, _ = io.WriteString(w, text)
		})
		resp, err := http.Get(serveWith(t, oneRule(origin.URL), Options{Transport: "http2"}).URL)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(body) != text || err != nil || resp.ContentLength != int64(size) {
			t.Errorf("%d: %d bytes, length %d, %v", size, len(body), resp.ContentLength, err)
		}
	}
}
