package line

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listening is a socket and a transport that leads there, whatever the host.
func listening(t testing.TB) (net.Listener, *Transport, *atomic.Int32) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	dials := new(atomic.Int32)
	tr := &Transport{Dial: func(ctx context.Context, _ string) (net.Conn, error) {
		dials.Add(1)
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}
	t.Cleanup(func() {
		tr.Close()
		l.Close()
	})
	return l, tr, dials
}

// served is a server of net/http.
func served(t testing.TB, h http.HandlerFunc) (*Transport, *atomic.Int32) {
	l, tr, dials := listening(t)
	s := httptest.NewUnstartedServer(h)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return tr, dials
}

func ask(t testing.TB, tr *Transport, method string, body io.Reader) (*http.Response, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://a/path?q=1", body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := tr.RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res, string(b), err
}

func TestRequestsShareAConnection(t *testing.T) {
	tr, dials := served(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("Trailer", "X-End")
		fmt.Fprint(w, r.Method, " ", r.RequestURI, " ", string(b))
		w.Header().Set("X-End", "yes")
	})
	for range 3 {
		for _, c := range []struct {
			method string
			body   io.Reader
			want   string
		}{
			{"GET", nil, "GET /path?q=1 "},
			{"HEAD", nil, ""},
			{"POST", strings.NewReader("known"), "POST /path?q=1 known"},
			{"POST", io.MultiReader(strings.NewReader("chunk"), strings.NewReader("ed")), "POST /path?q=1 chunked"},
		} {
			res, body, err := ask(t, tr, c.method, c.body)
			if err != nil || body != c.want || res.StatusCode != 200 {
				t.Fatalf("%s: %q, %v", c.method, body, err)
			}
			if c.method == "GET" && res.Trailer.Get("X-End") != "yes" {
				t.Error("trailer:", res.Trailer)
			}
		}
	}
	// A body is sent on the side, so that an answer can be there before its connection is free.
	if n := dials.Load(); n > 4 {
		t.Errorf("%d connections for one request at a time", n)
	}
}

func TestAllAtOnce(t *testing.T) {
	tr, _ := served(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 50 {
				word := fmt.Sprint(i, "/", j)
				if _, body, err := ask(t, tr, "POST", strings.NewReader(word)); err != nil || body != word {
					t.Errorf("%q, %v; want %q", body, err, word)
				}
			}
		})
	}
	all.Wait()
}

// peer answers each connection by a function of what it reads.
func peer(t *testing.T, l net.Listener, each ...func(net.Conn, *bufio.Reader)) {
	var done sync.WaitGroup
	done.Go(func() {
		for _, f := range each {
			c, err := l.Accept()
			if err != nil {
				return
			}
			f(c, bufio.NewReader(c))
			c.Close()
		}
	})
	t.Cleanup(func() {
		l.Close()
		done.Wait()
	})
}

func head(t *testing.T, r *bufio.Reader) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Error(err)
			return
		}
		if line == "\r\n" {
			return
		}
	}
}

const fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// A request that was read and not answered is not sent again, on a connection that is new or was used before.
func TestWhatWasTakenIsNotSentAgain(t *testing.T) {
	l, tr, dials := listening(t)
	peer(t, l, func(c net.Conn, r *bufio.Reader) {
		head(t, r)
		io.WriteString(c, fine)
		head(t, r)
	}, func(c net.Conn, r *bufio.Reader) {
		head(t, r)
	})
	if _, body, err := ask(t, tr, "GET", nil); err != nil || body != "ok" {
		t.Fatal(body, err)
	}
	for i := range 2 {
		if _, _, err := ask(t, tr, "GET", nil); !errors.Is(err, ErrCut) {
			t.Error(i, err)
		}
	}
	if n := dials.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

// A connection that was closed while it waited is not used.
func TestAConnectionThatWasGivenUp(t *testing.T) {
	l, tr, dials := listening(t)
	gone := make(chan struct{})
	answer := func(c net.Conn, r *bufio.Reader) {
		head(t, r)
		io.WriteString(c, fine)
	}
	peer(t, l, func(c net.Conn, r *bufio.Reader) {
		answer(c, r)
		c.Close()
		close(gone)
	}, func(c net.Conn, r *bufio.Reader) {
		answer(c, r)
		answer(c, r)
	})
	for range 3 {
		if _, body, err := ask(t, tr, "GET", nil); err != nil || body != "ok" {
			t.Fatal(body, err)
		}
		<-gone
	}
	if n := dials.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestAnAnswerBeforeTheBodyIsSent(t *testing.T) {
	l, tr, _ := listening(t)
	peer(t, l, func(c net.Conn, r *bufio.Reader) {
		head(t, r)
		io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 413 Too Large\r\nContent-Length: 6\r\n\r\nenough")
	})
	pr, pw := io.Pipe()
	defer pw.Close()
	var interim []int
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
		interim = append(interim, code)
		return nil
	}})
	r, _ := http.NewRequestWithContext(ctx, "POST", "http://a/", pr)
	res, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != 413 || string(body) != "enough" {
		t.Error(res, string(body), err)
	}
	if len(interim) != 1 || interim[0] != 103 {
		t.Error(interim)
	}
}

type broken struct{}

var errBroken = errors.New("the client broke off")

func (broken) Read([]byte) (int, error) { return 0, errBroken }

func TestABodyThatBreaksOff(t *testing.T) {
	l, tr, _ := listening(t)
	peer(t, l, func(c net.Conn, r *bufio.Reader) {
		if b, _ := io.ReadAll(r); strings.HasSuffix(string(b), "0\r\n\r\n") {
			t.Errorf("it was ended: %q", b)
		}
	})
	if _, _, err := ask(t, tr, "POST", io.MultiReader(strings.NewReader("some"), broken{})); err == nil || err.Error() != errBroken.Error() {
		t.Error(err)
	}
}

func TestWhole(t *testing.T) {
	l, tr, _ := listening(t)
	more := make(chan struct{})
	peer(t, l, func(c net.Conn, r *bufio.Reader) {
		head(t, r)
		io.WriteString(c, fine)
		head(t, r)
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
		<-more
		io.WriteString(c, "k")
		head(t, r)
		io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
		head(t, r)
		io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
	})
	for i, want := range []bool{true, false, true, false} {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://a/", nil)
		res, err := tr.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if Whole(res) != want {
			t.Error(i, !want)
		}
		if i == 1 {
			close(more)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}

func TestACallThatIsGivenUp(t *testing.T) {
	l, tr, _ := listening(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	peer(t, l, func(c net.Conn, r *bufio.Reader) {
		head(t, r)
		cancel(errBroken)
		io.Copy(io.Discard, r)
	}, func(c net.Conn, r *bufio.Reader) {
		head(t, r)
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
		io.Copy(io.Discard, r)
	})
	r, _ := http.NewRequestWithContext(ctx, "GET", "http://a/", nil)
	if _, err := tr.RoundTrip(r); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	r, _ = http.NewRequestWithContext(t.Context(), "GET", "http://a/", nil)
	res, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if n, err := res.Body.Read(make([]byte, 9)); err == nil {
		t.Error("a closed body reads", n)
	}
}

func TestAnUpgrade(t *testing.T) {
	l, tr, _ := listening(t)
	peer(t, l, func(c net.Conn, r *bufio.Reader) {
		head(t, r)
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhi ")
		io.Copy(c, r)
	})
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://a/", nil)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	res, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	conn := res.Body.(interface {
		io.ReadWriteCloser
		CloseWrite() error
	})
	defer conn.Close()
	io.WriteString(conn, "there")
	conn.CloseWrite()
	if b, err := io.ReadAll(conn); string(b) != "hi there" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

func TestRefusedAnswersAndRequests(t *testing.T) {
	l, tr, _ := listening(t)
	long := func(c net.Conn, r *bufio.Reader) {
		head(t, r)
		io.WriteString(c, "HTTP/1.1 200 OK\r\n")
		for range maxHead / 1000 {
			if _, err := io.WriteString(c, "X-A: "+strings.Repeat("a", 1000)+"\r\n"); err != nil {
				return
			}
		}
		io.WriteString(c, "\r\n")
	}
	peer(t, l, long, func(c net.Conn, r *bufio.Reader) {
		head(t, r)
		io.WriteString(c, "no HTTP\r\n\r\n")
	}, func(c net.Conn, r *bufio.Reader) {
		head(t, r)
		io.WriteString(c, strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", maxInterim+1))
	})
	for _, name := range []string{"a long head", "no HTTP", "many of 1xx"} {
		if _, _, err := ask(t, tr, "GET", nil); err == nil {
			t.Error(name, "is taken")
		}
	}
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://a/", nil)
	r.Method = "GET / HTTP/1.1\r\nX: y\r\n\r\nPOST"
	if _, err := tr.RoundTrip(r); err == nil {
		t.Error("a method that is two requests is sent")
	}
	none := &Transport{Dial: func(context.Context, string) (net.Conn, error) { return nil, errBroken }}
	if _, _, err := ask(t, none, "POST", strings.NewReader("x")); err != errBroken {
		t.Error(err)
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	h := func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ok") }
	b.Run("line", func(b *testing.B) {
		tr, _ := served(b, h)
		bench(b, tr)
	})
	b.Run("net/http", func(b *testing.B) {
		tr, _ := served(b, h)
		other := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return tr.Dial(ctx, "") }}
		defer other.CloseIdleConnections()
		bench(b, other)
	})
}

func bench(b *testing.B, by http.RoundTripper) {
	r, _ := http.NewRequestWithContext(b.Context(), "GET", "http://a/", nil)
	b.ReportAllocs()
	for b.Loop() {
		res, err := by.RoundTrip(r)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}
