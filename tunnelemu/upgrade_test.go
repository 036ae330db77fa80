package tunnelemu

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

func TestWebSocket(t *testing.T) {
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"chat"}, InsecureSkipVerify: true})
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		for {
			kind, data, err := c.Read(r.Context())
			if err != nil {
				return
			}
			if err := c.Write(r.Context(), kind, append([]byte("echo "), data...)); err != nil {
				return
			}
		}
	})
	for _, scheme := range []string{"http", "ws"} {
		s := serve(t, oneRule(strings.Replace(origin.URL, "http", scheme, 1)))
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		c, resp, err := websocket.Dial(ctx, s.URL+"/chat", &websocket.DialOptions{Subprotocols: []string{"chat"}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.CloseNow()
		if resp.StatusCode != 101 || c.Subprotocol() != "chat" {
			t.Errorf("%s, subprotocol %q", resp.Status, c.Subprotocol())
		}
		for _, message := range []string{"a", strings.Repeat("b", 20000)} {
			if err := c.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
				t.Fatal(err)
			}
			if _, data, err := c.Read(ctx); err != nil || string(data) != "echo "+message {
				t.Errorf("%d bytes, %v", len(data), err)
			}
		}
		if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Error(err)
		}
	}
}

const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n"

const hello101 = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n"

// Bytes that come in one packet with the request or the 101 are not lost, and the end of one direction leaves the
// other one open.
func TestUpgradeRawBytesAndHalfClose(t *testing.T) {
	origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		wire(t, br)
		_, _ = io.WriteString(c, switching+"early")
		all, err := io.ReadAll(br) // ends when the client closes its half
		if err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(c, " late:"+string(all))
	})
	s := serve(t, oneRule(origin))
	c, br := raw(t, s, hello101+"first ")
	resp, err := http.ReadResponse(br, nil)
	if err != nil || resp.StatusCode != 101 || resp.Header.Get("Sec-Websocket-Accept") != "x" {
		t.Fatalf("%v %v", resp, err)
	}
	_, _ = io.WriteString(c, "second")
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if all, err := io.ReadAll(br); err != nil || string(all) != "early late:first second" {
		t.Errorf("%q, %v", all, err)
	}
}

func TestUpgradeEndsWithTheRequestsContext(t *testing.T) {
	gone := make(chan struct{})
	origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		wire(t, br)
		_, _ = io.WriteString(c, switching)
		_, _ = io.Copy(io.Discard, br)
		close(gone)
	})
	ctx, cancel := context.WithCancel(context.Background())
	tunnel := parse(t, oneRule(origin))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { tunnel.ServeHTTP(w, r.WithContext(ctx)) }))
	defer s.Close()
	_, br := raw(t, s, hello101)
	if _, err := http.ReadResponse(br, nil); err != nil {
		t.Fatal(err)
	}
	cancel()
	receive(t, gone)
	if _, err := br.ReadByte(); err == nil {
		t.Error("the client's connection is still open")
	}
}

func TestUpgradeRefusedByTheOrigin(t *testing.T) {
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusForbidden) })
	s := serve(t, oneRule(origin.URL))
	_, br := raw(t, s, hello101)
	resp, err := http.ReadResponse(br, nil)
	if err != nil || resp.StatusCode != 403 {
		t.Errorf("%v %v", resp, err)
	}
}

func TestUpgradeNobodyAskedFor(t *testing.T) {
	origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		wire(t, br)
		_, _ = io.WriteString(c, switching)
	})
	tunnel := parse(t, oneRule(origin))
	err := tunnel.Serve(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), tunnel.Decide("a", "/"))
	var oe *OriginError
	if !errors.As(err, &oe) || oe.Kind != KindProtocol {
		t.Errorf("%v", err)
	}
}

func TestUpgradeWithoutHijack(t *testing.T) {
	origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		wire(t, br)
		_, _ = io.WriteString(c, switching)
		_, _ = io.Copy(io.Discard, br)
	})
	tunnel := parse(t, oneRule(origin))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	err := tunnel.Serve(httptest.NewRecorder(), r, tunnel.Decide("a", "/"))
	var oe *OriginError
	if !errors.As(err, &oe) || oe.Kind != KindUpgrade {
		t.Errorf("%v", err)
	}
}
