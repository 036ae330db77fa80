package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"
	"go.uber.org/goleak"
)

func TestTail(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	m := newMemory(t)
	m.events = make(chan json.RawMessage)
	h := New(options(m))
	srv := httptest.NewServer(h)
	defer srv.Close()
	c := client{t, h}
	c.deployed("w", meta)
	open := func() (id, url string) {
		a := c.ok("POST", "A/workers/scripts/w/tails", object{"filters": []any{}})
		id = a.field("id").(string)
		return id, "ws" + strings.TrimPrefix(srv.URL, "http") + Prefix + "/tails/" + id
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()

	t.Run("a client that holds to the RFC", func(t *testing.T) {
		_, url := open()
		conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{tailProtocol}})
		if err != nil {
			t.Fatal(err)
		}
		if conn.Subprotocol() != tailProtocol {
			t.Errorf("subprotocol %q", conn.Subprotocol())
		}
		if err := conn.Write(ctx, websocket.MessageText, []byte(`{"debug":false}`)); err != nil {
			t.Fatal(err)
		}
		m.events <- json.RawMessage(`{"outcome":"ok"}`)
		if _, text, err := conn.Read(ctx); err != nil || string(text) != `{"outcome":"ok"}` {
			t.Errorf("%s %v", text, err)
		}
		pong := conn.CloseRead(ctx)
		if err := conn.Ping(pong); err != nil {
			t.Error(err)
		}
		conn.Close(websocket.StatusNormalClosure, "")
	})
	t.Run("frames that are not masked", func(t *testing.T) {
		id, url := open()
		dialer := ws.Dialer{Protocols: []string{tailProtocol}}
		conn, _, _, err := dialer.Dial(ctx, url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for _, frame := range []ws.Frame{ws.NewTextFrame([]byte(`{"debug":false}`)), ws.NewPingFrame([]byte("hi"))} {
			if err := ws.WriteFrame(conn, frame); err != nil {
				t.Fatal(err)
			}
		}
		if f, err := readFrame(conn); err != nil || f.Header.OpCode != ws.OpPong || string(f.Payload) != "hi" {
			t.Errorf("%+v %v", f, err)
		}
		c.ok("DELETE", "A/workers/scripts/w/tails/"+id, nil)
		if f, err := readFrame(conn); err != nil || f.Header.OpCode != ws.OpClose {
			t.Errorf("%+v %v", f, err)
		}
		c.refused("DELETE", "A/workers/scripts/w/tails/"+id, nil, 404, 10079)
		c.refused("GET", "/tails/"+id, nil, 404, 10079)
	})
	t.Run("filters", func(t *testing.T) {
		a := c.ok("POST", "A/workers/scripts/w/tails", object{"filters": []object{{"outcome": []string{"exception"}}, {"query": "seen"}}})
		dialer := ws.Dialer{Protocols: []string{tailProtocol}}
		conn, _, _, err := dialer.Dial(ctx, "ws"+strings.TrimPrefix(srv.URL, "http")+Prefix+"/tails/"+a.field("id").(string))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for _, event := range []string{
			`{"outcome":"ok","logs":[{"message":["seen"]}]}`, `{"outcome":"exception","logs":[]}`, `{"outcome":"exception","logs":[{"message":["seen"]}]}`,
		} {
			m.events <- json.RawMessage(event)
		}
		if f, err := readFrame(conn); err != nil || string(f.Payload) != `{"outcome":"exception","logs":[{"message":["seen"]}]}` {
			t.Errorf("%s %v", f.Payload, err)
		}
	})
	for _, bad := range []object{{"sampling_rate": 2}, {"color": "red"}, {"client_ip": []string{"self"}}, {"outcome": "ok"}} {
		c.refused("POST", "A/workers/scripts/w/tails", object{"filters": []object{bad}}, 400, 10021)
	}
	c.refused("POST", "A/workers/scripts/none/tails", object{}, 404, 10007)
}

// readFrame reads a short frame.
func readFrame(r io.Reader) (f ws.Frame, err error) {
	if f.Header, err = ws.ReadHeader(r); err != nil {
		return f, err
	}
	if f.Header.Length > 125 {
		return f, fmt.Errorf("a frame of %d bytes", f.Header.Length)
	}
	f.Payload = make([]byte, f.Header.Length)
	_, err = io.ReadFull(r, f.Payload)
	return f, err
}
