package line

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
)

// endless is a body without end that says when it is closed.
type endless struct{ closed chan struct{} }

func (endless) Read(b []byte) (int, error) { return len(b), nil }

func (e endless) Close() error {
	close(e.closed)
	return nil
}

// The goroutine that writes a body finds the connection broken at the time that the other finds it ended: they share
// nothing by then, and the body is not read on for nobody.
func TestAConnectionBreaksUnderABody(t *testing.T) {
	for name, answer := range map[string]string{"unanswered": "", "answered": fine, "answered to its end": "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"} {
		t.Run(name, func(t *testing.T) {
			l, tr, _ := listening(t)
			each := make([]func(net.Conn, *bufio.Reader), 20)
			for i := range each {
				each[i] = func(c net.Conn, r *bufio.Reader) {
					http.ReadRequest(r)
					io.CopyN(io.Discard, r, 1<<18)
					io.WriteString(c, answer)
				}
			}
			peer(t, l, each...)
			for range each {
				body := endless{make(chan struct{})}
				_, text, err := ask(t, tr, "POST", body)
				if answer == "" && !errors.Is(err, ErrCut) || answer != "" && err == nil && text != "ok" {
					t.Fatalf("%q, %v", text, err)
				}
				<-body.closed
			}
		})
	}
}
