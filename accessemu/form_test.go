package accessemu

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestSlowForms sends the beginning of a form and keeps the connection open.
func TestSlowForms(t *testing.T) {
	w := newWorld(t)
	verify := strings.TrimPrefix(strings.Replace(w.browser().get(pageA).location(), "/login/", "/verify-code/", 1), "https://"+team)
	asked := make(chan time.Duration, 1)
	w.state.wall = func() time.Time {
		now := time.Now()
		select {
		case asked <- formTime:
		default:
		}
		return now.Add(100*time.Millisecond - formTime) // the deadline comes soon
	}
	server := httptest.NewServer(w.handler())
	defer server.Close()
	for _, path := range []string{callbackPath, verify} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ne", path, team)
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		in := bufio.NewReader(conn)
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("%.30s: no answer while the form is under way: %v", path, err)
		}
		body, _ := io.ReadAll(r.Body)
		if r.StatusCode != 400 || !strings.Contains(string(body), "The form did not arrive") {
			t.Errorf("%.30s: %d %s", path, r.StatusCode, body)
		}
		if _, err := in.ReadByte(); err != io.EOF {
			t.Errorf("%.30s: the connection stays open: %v", path, err)
		}
		conn.Close()
	}
	if len(asked) == 0 {
		t.Error("nobody asked for the time")
	}
}

// TestFormsInTime sends two on one connection.
func TestFormsInTime(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(w.handler())
	defer server.Close()
	client := server.Client()
	for range 2 {
		r, err := http.NewRequest("POST", server.URL+callbackPath, strings.NewReader("nonce=x&code=1"))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = team
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 400 || resp.Close || !strings.Contains(string(body), "Invalid login session") {
			t.Errorf("%d, close %t: %s", resp.StatusCode, resp.Close, body)
		}
	}
}

func TestLongForms(t *testing.T) {
	w := newWorld(t)
	r := w.serve("POST", "https://"+team+callbackPath, url.Values{"code": {"1"}, "junk": {strings.Repeat("x", maxForm)}})
	if r.StatusCode != 400 || !strings.Contains(r.body, "The form did not arrive") {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}

// TestFormsOfOtherSites have all that is right, the browser included, but come
// from a page that is not ours. The code stays good.
func TestFormsOfOtherSites(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	to := strings.Replace(b.get(pageA).location(), "/login/", "/verify-code/", 1)
	_, nonce := b.ask(pageA, alice)
	code, _ := w.state.OTP(alice, nonce)
	for header, ours := range map[string]bool{
		"Origin: https://evil.test":              false,
		"Origin: null":                           false,
		"Origin: http://" + team:                 false,
		"Origin: https://" + team + ".evil.test": false,
		"Origin: https://" + hostA:               false,
		"Sec-Fetch-Site: cross-site":             false,
		"Sec-Fetch-Site: same-site":              false,
		"Origin: https://" + team + ":4443":      true,
		"Sec-Fetch-Site: none":                   true,
	} {
		mails := len(w.state.Inbox())
		if r := b.do("POST", to, url.Values{"email": {"bob@example.com"}}, header); (r.StatusCode == 302) != ours || len(w.state.Inbox()) > mails != ours {
			t.Errorf("an address, %s: %d", header, r.StatusCode)
		}
		if ours {
			continue
		}
		if r := b.do("POST", "https://"+team+callbackPath, url.Values{"code": {code}, "nonce": {nonce}}, header); r.StatusCode != 400 || len(r.Cookies()) != 0 {
			t.Errorf("a code, %s: %d %v", header, r.StatusCode, r.Cookies())
		}
	}
	if r := b.do("POST", "https://"+team+callbackPath, url.Values{"code": {code}, "nonce": {nonce}}, "Sec-Fetch-Site: same-origin"); r.StatusCode != 302 {
		t.Errorf("from our own page: %d", r.StatusCode)
	}
}
