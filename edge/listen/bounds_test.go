package listen

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// lockedBuffer is a log that servers write while a test reads.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// Connections beyond the bound are closed, those within it go on, and a place that is
// given back is taken again.
func TestConnectionsAreBounded(t *testing.T) {
	log := new(lockedBuffer)
	s := start(t, func(c *Config, h *Handlers) {
		c.MaxConns = 2
		h.Log = slog.New(slog.NewTextHandler(log, nil))
	})
	for _, addr := range []string{s.Addrs().Proxy, s.Addrs().Admin} {
		const ask = "GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n"
		one, r1 := say(t, addr, ask)
		readResponse(t, r1, "")
		_, r2 := say(t, addr, ask)
		readResponse(t, r2, "")
		over, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		over.SetDeadline(time.Now().Add(10 * time.Second))
		if n, err := over.Read(make([]byte, 1)); n != 0 || err == nil || isTimeout(err) {
			t.Errorf("a third connection: %d bytes, %v", n, err)
		}
		over.Close()
		io.WriteString(one, ask)
		if resp, _ := readResponse(t, r1, ""); resp.StatusCode != http.StatusOK {
			t.Errorf("the first: %d", resp.StatusCode)
		}
		one.Close()
		for late := time.Now().Add(10 * time.Second); ; {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			c.SetDeadline(late)
			io.WriteString(c, strings.Replace(ask, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1))
			answer, err := io.ReadAll(c)
			c.Close()
			if len(answer) > 0 {
				break
			}
			if time.Now().After(late) {
				t.Fatalf("the place is not given back: %v", err)
			}
		}
	}
	if told := strings.Count(log.String(), "as many connections as it may"); told < 2 || !strings.Contains(log.String(), "the admin listener") {
		t.Errorf("told:\n%s", log)
	}
}

func isTimeout(err error) bool {
	ne, ok := err.(net.Error)
	return ok && ne.Timeout()
}

// A body that does not come ends the request of the admin port; a handler that waits
// without reading is left alone, and so is one that has read all.
func TestAdminBodiesAreBounded(t *testing.T) {
	waited := make(chan bool, 1)
	s := start(t, func(c *Config, h *Handlers) {
		c.BodyTimeout = 50 * time.Millisecond
		h.Admin = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			if r.URL.Path == "/wait" {
				over := time.NewTimer(4 * c.BodyTimeout)
				defer over.Stop()
				select {
				case <-r.Context().Done():
					waited <- false
				case <-over.C:
					waited <- true
				}
			}
		})
	})
	_, r := say(t, s.Addrs().Admin, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
	if resp, body := readResponse(t, r, ""); resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, "timeout") {
		t.Errorf("a slow body: %d %s", resp.StatusCode, body)
	}
	for _, head := range []string{"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n", "POST /wait HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"} {
		_, r := say(t, s.Addrs().Admin, head)
		if resp, _ := readResponse(t, r, ""); resp.StatusCode != http.StatusOK || !<-waited {
			t.Errorf("%q: %d, or ended early", head[:10], resp.StatusCode)
		}
	}
}
