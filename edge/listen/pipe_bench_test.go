package listen

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkHTTP is an http.Server and an http.Transport over a Queue, beside
// the same pair over net.Pipe and over TCP on loopback.
func BenchmarkHTTP(b *testing.B) {
	for _, body := range []struct {
		name string
		size int
	}{{"1KB", 1 << 10}, {"1MB", 1 << 20}} {
		payload := strings.Repeat("x", body.size)
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, payload) })
		run := func(name string, l net.Listener, dial func(context.Context, string, string) (net.Conn, error)) {
			b.Run(body.name+"/"+name, func(b *testing.B) {
				srv := &http.Server{Handler: handler}
				done := make(chan error, 1)
				go func() { done <- srv.Serve(l) }()
				tr := &http.Transport{DialContext: dial}
				b.ReportAllocs()
				b.SetBytes(int64(body.size))
				for b.Loop() {
					req, _ := http.NewRequest("GET", "http://origin/", nil)
					resp, err := tr.RoundTrip(req)
					if err != nil {
						b.Fatal(err)
					}
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				b.StopTimer()
				tr.CloseIdleConnections()
				srv.Close()
				<-done
			})
		}
		q := &Queue{}
		run("queue", q, q.DialContext)

		np := &Queue{}
		run("netpipe", np, func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			return near, np.Deliver(far)
		})

		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		run("tcp", l, func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr().String())
		})
	}
}
