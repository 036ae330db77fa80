package listen

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"
)

// The suite of x/net holds every promise of net.Conn: deadlines past,
// present and future, concurrent methods, reads that close unblocks.
func TestPipeIsAConn(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		q := &Queue{}
		accepted := make(chan net.Conn, 1)
		go func() {
			c, _ := q.Accept()
			accepted <- c
		}()
		if c1, err = q.Dial(context.Background()); err != nil {
			return nil, nil, nil, err
		}
		c2 = <-accepted
		return c1, c2, func() { c1.Close(); c2.Close(); q.Close() }, nil
	})
}

func TestPipeHalfClose(t *testing.T) {
	a, b := pipe(nil, nil)
	defer a.Close()
	defer b.Close()
	io.WriteString(a, "question")
	a.CloseWrite()
	got, err := io.ReadAll(b)
	if string(got) != "question" || err != nil {
		t.Fatalf("read %q, %v", got, err)
	}
	if _, err := io.WriteString(a, "more"); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("write after CloseWrite: %v", err)
	}
	io.WriteString(b, "answer")
	b.Close()
	if got, err := io.ReadAll(a); string(got) != "answer" || err != nil {
		t.Errorf("the other direction: read %q, %v", got, err)
	}
}

func TestPipeWriterWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipe(nil, nil)
		sent := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
		var wrote bool
		go func() {
			a.Write(sent)
			wrote = true
			a.Close()
		}()
		synctest.Wait()
		if wrote {
			t.Fatalf("%d bytes fit without a reader", len(sent))
		}
		if got := len(b.in.ring); got != pipeMax {
			t.Errorf("buffer grew to %d, want %d", got, pipeMax)
		}
		got, err := io.ReadAll(b)
		if err != nil || sha256.Sum256(got) != sha256.Sum256(sent) {
			t.Errorf("read %d bytes, %v; not what was sent", len(got), err)
		}
	})
}

func TestPipeDeadlineMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipe(nil, nil)
		defer a.Close()
		defer b.Close()
		start := time.Now()
		b.SetReadDeadline(start.Add(time.Hour))
		b.SetReadDeadline(start.Add(time.Minute)) // earlier: the timer moves
		b.SetReadDeadline(start.Add(time.Second))
		b.SetReadDeadline(start.Add(3 * time.Second)) // later: it fires and looks again
		_, err := b.Read(make([]byte, 1))
		if waited := time.Since(start); waited != 3*time.Second || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read ended after %v with %v", waited, err)
		}
		b.SetReadDeadline(time.Time{})
		go io.WriteString(a, "x")
		if _, err := b.Read(make([]byte, 1)); err != nil {
			t.Errorf("read after the deadline was lifted: %v", err)
		}
	})
}

func TestPipeConcurrentWritesStayWhole(t *testing.T) {
	a, b := pipe(nil, nil)
	const writers, size = 8, 100_000
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() { a.Write(bytes.Repeat([]byte{'a' + byte(i)}, size)) })
	}
	go func() { wg.Wait(); a.Close() }()
	got, _ := io.ReadAll(b)
	if len(got) != writers*size {
		t.Fatalf("%d bytes", len(got))
	}
	for i := 0; i < len(got); i += size {
		if run := got[i : i+size]; strings.Trim(string(run), string(run[:1])) != "" {
			t.Fatalf("the write at %d was torn", i)
		}
	}
}

func TestQueueServesHTTP(t *testing.T) {
	q := &Queue{HTTP: true}
	var remote string
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		remote = r.RemoteAddr
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	})}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(q) }()
	tr := &http.Transport{DialContext: q.DialContext}
	for _, body := range []string{"", "short", strings.Repeat("long", 50_000)} {
		resp, err := (&http.Client{Transport: tr}).Post("http://origin/", "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(got) != body {
			t.Errorf("sent %d bytes, got %d", len(body), len(got))
		}
	}
	if host, _, err := net.SplitHostPort(remote); err != nil || host != "127.0.0.1" {
		t.Errorf("RemoteAddr %q", remote)
	}
	tr.CloseIdleConnections()
	srv.Close()
	if err := <-done; err != http.ErrServerClosed {
		t.Errorf("Serve: %v", err)
	}
	if _, err := q.Dial(context.Background()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Dial after Close: %v", err)
	}
}

func TestQueueDialEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (&Queue{}).Dial(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Dial: %v", err)
	}
}
