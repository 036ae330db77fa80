package tunnelemu

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// wsClient speaks frames by hand, so that it can break the rules.
type wsClient struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
	resp *http.Response
}

// dialWS asks for an upgrade with extra header lines ("Name: value\r\n") and wants a 101.
func dialWS(t testing.TB, s *httptest.Server, extra string) *wsClient {
	t.Helper()
	head := "GET /ssh HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" + extra + "\r\n"
	conn, br := raw(t, s, head)
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 101 {
		t.Fatalf("%s %v", resp.Status, resp.Header)
	}
	return &wsClient{t, conn, br, resp}
}

const someKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

// frameOf is one masked frame.
func frameOf(first byte, payload []byte) []byte {
	b := appendFrameHeader(nil, first, len(payload))
	b[1] |= 0x80
	mask := []byte{1, 2, 3, 4}
	b = append(b, mask...)
	for i, c := range payload {
		b = append(b, c^mask[i&3])
	}
	return b
}

func (c *wsClient) send(first byte, payload string) {
	c.t.Helper()
	if _, err := c.conn.Write(frameOf(first, []byte(payload))); err != nil {
		c.t.Fatal(err)
	}
}

func (c *wsClient) binary(payload string) {
	c.t.Helper()
	c.send(finBit|opBinary, payload)
}

// next is the next frame of the server, which must not be masked.
func (c *wsClient) next() (first byte, payload string) {
	c.t.Helper()
	f, err := readFrameHeader(c.in)
	if err != nil {
		c.t.Fatal(err)
	}
	if f.masked {
		c.t.Error("a server's frame is masked")
	}
	b := make([]byte, f.size)
	if _, err := io.ReadFull(c.in, b); err != nil {
		c.t.Fatal(err)
	}
	return f.first, string(b)
}

// bytes are the next n bytes of binary frames.
func (c *wsClient) bytes(n int) string {
	c.t.Helper()
	var b strings.Builder
	for b.Len() < n {
		first, payload := c.next()
		if first != finBit|opBinary {
			c.t.Fatalf("frame %#x %q", first, payload)
		}
		b.WriteString(payload)
	}
	return b.String()
}

// end wants the connection's end, without another frame.
func (c *wsClient) end() {
	c.t.Helper()
	if b, err := io.ReadAll(c.in); err != nil || len(b) > 0 {
		c.t.Errorf("after the end: %q %v", b, err)
	}
	c.conn.Close()
}

func statusPayload(code uint16, reason string) string {
	return string(binary.BigEndian.AppendUint16(nil, code)) + reason
}

// tcpOrigin runs a handler for every connection; its address has no scheme.
func tcpOrigin(t testing.TB, h func(net.Conn, *bufio.Reader)) string {
	return strings.TrimPrefix(rawOrigin(t, h), "http://")
}

func echoOrigin(t testing.TB) string {
	return tcpOrigin(t, func(c net.Conn, br *bufio.Reader) { _, _ = io.Copy(c, br) })
}
