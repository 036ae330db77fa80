package piece

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/iotest"
)

// log writes down what is done to an answer, and what it was made of.
type log struct {
	*httptest.ResponseRecorder
	mu   sync.Mutex // the headers may go ahead from another goroutine
	done []string
}

func (l *log) did(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = append(l.done, what)
}

func (l *log) Write(b []byte) (int, error) { l.did("write"); return l.ResponseRecorder.Write(b) }
func (l *log) Flush()                      { l.did("flush") }

// pieces is a body that gives one piece a read; with whole, the last one and the end at once.
type pieces struct {
	log   *log
	left  []string
	whole bool
}

func (p *pieces) Read(b []byte) (int, error) {
	p.log.did("read")
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.left[0])
	p.left = p.left[1:]
	if p.whole && len(p.left) == 0 {
		return n, io.EOF
	}
	return n, nil
}

func TestCopy(t *testing.T) {
	for _, test := range []struct {
		name   string
		length int64
		whole  bool
		ahead  bool
		ends   []string // with what the log ends
	}{
		{"the last piece of a known length needs no flush", 6, false, false, []string{"read", "write", "read"}},
		{"of which the end comes with it", 6, true, false, []string{"read", "write"}},
		{"an unknown length is flushed", -1, false, false, []string{"write", "flush", "read", "write", "flush", "read"}},
		{"of which the end comes with it", -1, true, false, []string{"write", "flush", "read", "write", "flush"}},
		{"headers ahead", 6, false, true, []string{"flush", "read", "write", "flush", "read", "write", "read"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := &log{ResponseRecorder: httptest.NewRecorder()}
			if err := Copy(l, &pieces{l, []string{"one", "two"}, test.whole}, test.length, test.ahead, new([BufferSize]byte)); err != nil {
				t.Error(err)
			}
			if l.Body.String() != "onetwo" {
				t.Errorf("%q", l.Body)
			}
			if n := len(l.done) - len(test.ends); n < 0 || !slices.Equal(l.done[n:], test.ends) {
				t.Errorf("%q does not end with %q", l.done, test.ends)
			}
		})
	}
}

func TestCopyTellsWhatBroke(t *testing.T) {
	var w http.ResponseWriter = httptest.NewRecorder()
	if err := Copy(w, iotest.ErrReader(io.ErrUnexpectedEOF), -1, false, new([BufferSize]byte)); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
}
