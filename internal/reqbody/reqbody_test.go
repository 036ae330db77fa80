package reqbody

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

// pass sends a body on in a goroutine of its own, as transports do, and answers before its end.
func pass(work *sync.WaitGroup) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b := New(r.Body)
		defer b.Stop()
		work.Go(func() { _, _ = io.Copy(io.Discard, b) })
		b.AnswerEarly(w)
		http.Error(w, "too much", http.StatusRequestEntityTooLarge)
		b.Leave(w, r)
	}
}

// hears posts a body and wants the answer.
func hears(t *testing.T, s *httptest.Server, body io.Reader) {
	t.Helper()
	resp, err := s.Client().Post(s.URL, "text/plain", body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); string(text) != "too much\n" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

func TestAClientThatStillSendsHearsTheAnswer(t *testing.T) {
	var work sync.WaitGroup
	s := httptest.NewServer(pass(&work))
	for range 200 {
		in, out := io.Pipe()
		work.Go(func() {
			for piece := make([]byte, 1<<20); ; {
				if _, err := out.Write(piece); err != nil {
					return
				}
			}
		})
		hears(t, s, in)
		in.Close()
	}
	s.Close()
	work.Wait()
}

func TestAClientThatPausesHearsTheAnswer(t *testing.T) {
	var work sync.WaitGroup
	s := httptest.NewServer(pass(&work))
	in, out := io.Pipe()
	hears(t, s, in)
	out.Close()
	s.Close()
	work.Wait()
}

func TestOpen(t *testing.T) {
	for _, test := range []struct {
		name         string
		from         io.Reader
		open, broken bool
	}{
		{"at its end", strings.NewReader(""), false, false},
		{"before it", strings.NewReader("more"), true, false},
		{"broken off", iotest.ErrReader(io.ErrUnexpectedEOF), false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := New(test.from)
			_, _ = b.Read(make([]byte, 1))
			if b.Open() != test.open || b.Broken() != test.broken {
				t.Errorf("open %v, broken %v", b.Open(), b.Broken())
			}
			b.Stop()
			if _, err := b.Read(make([]byte, 1)); err != http.ErrBodyReadAfterClose {
				t.Error(err)
			}
		})
	}
}
