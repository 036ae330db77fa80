package piece

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// flushed tells when the headers were sent ahead.
type flushed struct {
	http.ResponseWriter
	ahead chan struct{}
}

func (f flushed) Flush() { close(f.ahead) }

func TestHeadersGoAheadOfASlowBody(t *testing.T) {
	w := flushed{httptest.NewRecorder(), make(chan struct{})}
	body, in := io.Pipe()
	go func() {
		<-w.ahead // the body begins only when the headers are gone
		io.WriteString(in, "late")
		in.Close()
	}()
	buf := make([]byte, 8)
	if n, err := firstRead(w, body, buf); err != nil || string(buf[:n]) != "late" {
		t.Errorf("%q, %v", buf[:n], err)
	}
}

func TestFirstReadReads(t *testing.T) {
	buf := make([]byte, 8)
	if n, err := firstRead(httptest.NewRecorder(), strings.NewReader("at once"), buf); err != nil || string(buf[:n]) != "at once" {
		t.Errorf("%q, %v", buf[:n], err)
	}
}

// plain cannot be flushed.
type plain struct{ http.ResponseWriter }

func TestFlushOfAWriterThatCannot(t *testing.T) {
	if err := Flush(plain{nil}); err != nil {
		t.Error(err)
	}
}
