package main

import (
	"bufio"
	"context"
	"encoding/json"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func noon() time.Time { return time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC) }

func get(t *testing.T, target string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", target, nil)
	for k, v := range header {
		r.Header[k] = v
	}
	w := httptest.NewRecorder()
	handler(noon).ServeHTTP(w, r)
	return w
}

func TestHealth(t *testing.T) {
	w := get(t, "http://myservice.example.com/health", nil)
	if w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"status":"ok"}` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestDataSaysWhatTheEdgeSaid(t *testing.T) {
	w := get(t, "http://myservice.example.com/api/data?x=1", http.Header{
		"Cf-Access-Authenticated-User-Email": {"alice@example.com"}, "Cf-Access-Jwt-Assertion": {"a.b.c"},
		"Cf-Connecting-Ip": {"203.0.113.10"}, "Cf-Ipcountry": {"DE"}, "Cf-Ray": {"1-FRA"},
	})
	var got facts
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := facts{"myservice.example.com", "/api/data", "alice@example.com", true, "203.0.113.10", "DE", "1-FRA", noon()}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if strings.Contains(w.Body.String(), "a.b.c") {
		t.Error("the assertion itself is shown")
	}
}

func TestPage(t *testing.T) {
	for _, tt := range []struct {
		name   string
		header http.Header
		want   string
	}{
		{"straight", nil, "straight to the origin"},
		{"nobody", http.Header{"Cf-Connecting-Ip": {"203.0.113.10"}}, "names nobody"},
		{"somebody", http.Header{"Cf-Access-Authenticated-User-Email": {"<b>@example.com"}}, "&lt;b&gt;@example.com"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for accept, want := range map[string]string{"text/html": tt.want, "*/*": html.UnescapeString(tt.want)} {
				header := tt.header.Clone()
				if header == nil {
					header = http.Header{}
				}
				header.Set("Accept", accept)
				w := get(t, "http://h/", header)
				if body := w.Body.String(); !strings.Contains(body, want) {
					t.Errorf("%s: no %q in %s", accept, want, body)
				}
				if isPage := strings.HasPrefix(w.Header().Get("Content-Type"), "text/html"); isPage != (accept == "text/html") {
					t.Errorf("%s: got %s", accept, w.Header().Get("Content-Type"))
				}
			}
		})
	}
}

func TestStreamRefusesSillyNumbers(t *testing.T) {
	for _, query := range []string{"n=x", "n=-1", "n=100000", "every=soon", "every=-1s", "every=2h"} {
		if w := get(t, "http://h/stream?"+query, nil); w.Code != 400 {
			t.Errorf("%s: got %d", query, w.Code)
		}
	}
}

// The first line must come while the next is far away, and the end of the
// server must end the stream.
func TestStreamIsFlushedAndEndsWithTheServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, l, handler(time.Now)) }()

	resp, err := http.Get("http://" + l.Addr().String() + "/stream?n=2&every=1m")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	if !lines.Scan() || !strings.Contains(lines.Text(), `"line":1`) {
		t.Fatalf("got %q, %v", lines.Text(), lines.Err())
	}
	cancel()
	if lines.Scan() {
		t.Errorf("got a line more: %s", lines.Text())
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestTakenPortIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = open(l.Addr().String())
	if err == nil || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("got %v", err)
	}
}
