package tunnelemu

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestHelloWorld(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	config, _, err := ParseConfig("t.yml", []byte(oneRule("hello_world")))
	if err != nil {
		t.Fatal(err)
	}
	tunnel, err := New(config, Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer tunnel.Close()
	now = now.Add(90 * time.Second)
	get := func(method, path, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("X-Test", "<&>")
		tunnel.ServeHTTP(w, r)
		return w
	}
	if w := get("GET", "/_health", ""); w.Code != 200 || w.Body.String() != "ok" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	var uptime struct{ StartTime, Uptime string }
	if w := get("GET", "/uptime", ""); json.Unmarshal(w.Body.Bytes(), &uptime) != nil || uptime.StartTime != "2026-01-02T03:04:05Z" || uptime.Uptime != "1m30s" {
		t.Errorf("%q", w.Body)
	}
	w := get("POST", "/any?q", "some body")
	if page := w.Body.String(); w.Header().Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(page, "Body: some body") || !strings.Contains(page, "POST /any?q") || !strings.Contains(page, "&lt;&amp;&gt;") {
		t.Errorf("%s", page)
	}
	if w := get("GET", "/ws", ""); w.Code != 400 || w.Header().Get("Sec-Websocket-Version") != "13" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestHelloWorldEvents(t *testing.T) {
	s := serve(t, oneRule("hello_world"))
	resp, err := http.Get(s.URL + "/sse?freq=1ms")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	for i := range 3 {
		if line, err := lines.ReadString('\n'); err != nil || line != fmt.Sprintf("%d\n", i) {
			t.Fatalf("%q, %v", line, err)
		}
		_, _ = lines.ReadString('\n')
	}
	if resp.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Errorf("%v", resp.Header)
	}
}

func TestHelloWorldEcho(t *testing.T) {
	s := serve(t, oneRule("hello_world"))
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	c.SetReadLimit(1 << 20)
	pong := make(chan error, 1)
	for i, message := range []string{"a", strings.Repeat("b", 200), strings.Repeat("c", 100000)} {
		kind := websocket.MessageText
		if i == 1 {
			kind = websocket.MessageBinary
			go func() { pong <- c.Ping(ctx) }()
		}
		if err := c.Write(ctx, kind, []byte(message)); err != nil {
			t.Fatal(err)
		}
		if back, data, err := c.Read(ctx); err != nil || back != kind || string(data) != message {
			t.Fatalf("%v, %d bytes, %v", back, len(data), err)
		}
	}
	if err := c.Write(ctx, websocket.MessageText, nil); err != nil {
		t.Fatal(err)
	}
	_, _, _ = c.Read(ctx)
	if err := receive(t, pong); err != nil {
		t.Error(err)
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

func FuzzEchoFrames(f *testing.F) {
	f.Add([]byte{0x81, 0x81, 1, 2, 3, 4, 'a', 0x88, 0x80, 0, 0, 0, 0})
	f.Add([]byte{0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0})
	f.Add([]byte{0x01, 0xfe, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		rw := bufio.NewReadWriter(bufio.NewReader(strings.NewReader(string(data))), bufio.NewWriter(io.Discard))
		_ = echoFrames(rw)
	})
}
