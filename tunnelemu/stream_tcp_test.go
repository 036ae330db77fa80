package tunnelemu

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

func TestTCPServiceCarriesBytesBothWays(t *testing.T) {
	s := serve(t, oneRule("tcp://"+echoOrigin(t)))
	c := dialWS(t, s, someKey)
	if got := c.resp.Header.Get("Sec-Websocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("Sec-Websocket-Accept %q", got)
	}
	c.binary("hello")
	if got := c.bytes(5); got != "hello" {
		t.Errorf("%q", got)
	}
	large := strings.Repeat("0123456789abcdef", 1024)
	c.binary(large)
	if got := c.bytes(len(large)); got != large {
		t.Error("16384 bytes came back changed")
	}
}

// A client of the field, not ours.
func TestTCPServiceWithAClientLibrary(t *testing.T) {
	s := serve(t, oneRule("ssh://"+echoOrigin(t)))
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	conn := websocket.NetConn(ctx, c, websocket.MessageBinary)
	for i := range 20 {
		fmt.Fprintf(conn, "line %d\n", i)
		line := make([]byte, len(fmt.Sprintf("line %d\n", i)))
		if _, err := io.ReadFull(conn, line); err != nil || string(line) != fmt.Sprintf("line %d\n", i) {
			t.Fatalf("%q %v", line, err)
		}
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

// 101 goes out once the dial worked, before either side has said a word.
func TestTCPServiceAnswersBeforeAnyData(t *testing.T) {
	accepted := make(chan struct{})
	s := serve(t, oneRule("tcp://"+tcpOrigin(t, func(_ net.Conn, br *bufio.Reader) {
		close(accepted)
		_, _ = io.Copy(io.Discard, br)
	})))
	dialWS(t, s, someKey)
	receive(t, accepted)
}

func TestTCPServiceWithoutKeyHasNoAccept(t *testing.T) {
	s := serve(t, oneRule("tcp://"+echoOrigin(t)))
	c := dialWS(t, s, "")
	if got, ok := c.resp.Header["Sec-Websocket-Accept"]; ok {
		t.Errorf("Sec-Websocket-Accept %q", got)
	}
	c.binary("x")
	if got := c.bytes(1); got != "x" {
		t.Errorf("%q", got)
	}
}

func TestTCPServicePlainRequestGetsAnEmptyStream(t *testing.T) {
	dialled := make(chan struct{}, 1)
	s := serve(t, oneRule("tcp://"+tcpOrigin(t, func(_ net.Conn, br *bufio.Reader) {
		dialled <- struct{}{}
		_, _ = io.Copy(io.Discard, br)
	})))
	resp, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 200 || len(body) > 0 || err != nil || resp.Header.Get("Content-Type") != "" {
		t.Errorf("%s %q %v %v", resp.Status, body, resp.Header, err)
	}
	receive(t, dialled)
}

// What a frame, or a message of several, holds beyond 16384 bytes is lost; what follows is not.
func TestTCPServiceTruncatesFrames(t *testing.T) {
	s := serve(t, oneRule("tcp://"+echoOrigin(t)))
	c := dialWS(t, s, someKey)
	c.binary(strings.Repeat("a", 40000))
	c.send(opBinary, strings.Repeat("b", 10000))
	c.send(finBit|opPong, "")
	c.send(finBit|opContinuation, strings.Repeat("c", 10000))
	c.binary("end")
	want := strings.Repeat("a", 16384) + strings.Repeat("b", 10000) + strings.Repeat("c", 6384) + "end"
	if got := c.bytes(len(want)); got != want {
		t.Errorf("%d bytes, a %d b %d c %d", len(got), strings.Count(got, "a"), strings.Count(got, "b"), strings.Count(got, "c"))
	}
}

func TestTCPServiceTextCarriesNothing(t *testing.T) {
	s := serve(t, oneRule("tcp://"+echoOrigin(t)))
	c := dialWS(t, s, someKey)
	c.send(finBit|opText, "lost")
	c.send(opText, "lost ")
	c.send(finBit|opContinuation, "too")
	c.binary("")
	c.binary("kept")
	if got := c.bytes(4); got != "kept" {
		t.Errorf("%q", got)
	}
}

func TestTCPServiceAnswersPings(t *testing.T) {
	s := serve(t, oneRule("tcp://"+echoOrigin(t)))
	c := dialWS(t, s, someKey)
	for _, payload := range []string{"", "are you there"} {
		c.send(finBit|opPing, payload)
		if first, got := c.next(); first != finBit|opPong || got != payload {
			t.Errorf("%#x %q", first, got)
		}
	}
}

func TestTCPServicePings(t *testing.T) {
	ticks := make(chan time.Time)
	stopped := make(chan struct{})
	period := make(chan time.Duration, 1)
	s := serveWith(t, oneRule("tcp://"+echoOrigin(t)), Options{Ticker: func(d time.Duration) (<-chan time.Time, func()) {
		period <- d
		return ticks, func() { close(stopped) }
	}})
	c := dialWS(t, s, someKey)
	for range 2 {
		ticks <- time.Time{}
		if first, payload := c.next(); first != finBit|opPing || payload != "" {
			t.Errorf("%#x %q", first, payload)
		}
	}
	if d := receive(t, period); d != 54*time.Second {
		t.Errorf("every %s", d)
	}
	// No pong ever came, and the connection works.
	c.binary("x")
	c.bytes(1)
	c.conn.Close()
	receive(t, stopped)
}

func TestTCPServiceCloseIsEchoed(t *testing.T) {
	for _, c := range []struct{ name, send, want string }{
		{"empty", "", ""},
		{"code", statusPayload(1000, ""), statusPayload(1000, "")},
		{"code and reason", statusPayload(4001, "bye"), statusPayload(4001, "")},
		{"half a code", "x", statusPayload(1002, "")},
		{"code for no frame", statusPayload(1006, ""), statusPayload(1002, "")},
		{"reason that is no text", statusPayload(1000, "\xff"), statusPayload(1002, "")},
	} {
		t.Run(c.name, func(t *testing.T) {
			gone := make(chan struct{})
			s := serve(t, oneRule("tcp://"+tcpOrigin(t, func(_ net.Conn, br *bufio.Reader) {
				_, _ = io.Copy(io.Discard, br)
				close(gone)
			})))
			ws := dialWS(t, s, someKey)
			ws.send(finBit|opClose, c.send)
			if first, got := ws.next(); first != finBit|opClose || got != c.want {
				t.Errorf("%#x %q", first, got)
			}
			ws.end()
			receive(t, gone)
		})
	}
}

// The origin's end is the end, with everything it sent, and without a close frame.
func TestTCPServiceEndsWithTheOrigin(t *testing.T) {
	text := strings.Repeat("all of it. ", 10000)
	s := serve(t, oneRule("tcp://"+tcpOrigin(t, func(c net.Conn, br *bufio.Reader) {
		_, _ = br.ReadByte()
		_, _ = io.WriteString(c, text)
	})))
	c := dialWS(t, s, someKey)
	c.binary("x and bytes that nobody reads")
	if got := c.bytes(len(text)); got != text {
		t.Errorf("%d bytes", len(got))
	}
	c.end()
}

func TestTCPServiceRefusesBadFrames(t *testing.T) {
	unmasked := appendFrameHeader(nil, finBit|opBinary, 1)
	for name, frame := range map[string][]byte{
		"unmasked":             append(unmasked, 'x'),
		"reserved bit":         frameOf(finBit|0x40|opBinary, nil),
		"reserved opcode":      frameOf(finBit|3, nil),
		"fragmented control":   frameOf(opPing, nil),
		"long control":         frameOf(finBit|opPing, make([]byte, 126)),
		"continuation first":   frameOf(finBit|opContinuation, nil),
		"message in a message": append(frameOf(opBinary, nil), frameOf(finBit|opBinary, nil)...),
		"impossible size":      {finBit | opBinary, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, oneRule("tcp://"+echoOrigin(t)))
			c := dialWS(t, s, someKey)
			if _, err := c.conn.Write(frame); err != nil {
				t.Fatal(err)
			}
			c.end()
		})
	}
}

// dialSpy notes what is dialled and refuses it.
func dialSpy(to *[]string) Options {
	return Options{Dial: func(_ context.Context, network, addr string) (net.Conn, error) {
		*to = append(*to, network+" "+addr)
		return nil, errors.New("spied")
	}}
}

// upgradeTo asks a tunnel for an upgrade without a connection behind it.
func upgradeTo(t testing.TB, tunnel *Tunnel, header ...string) *OriginError {
	t.Helper()
	r := httptest.NewRequest("GET", "http://a/", nil)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	err := tunnel.Serve(httptest.NewRecorder(), r, tunnel.Decide("a", "/"))
	var oe *OriginError
	if err != nil && !errors.As(err, &oe) {
		t.Fatal(err)
	}
	return oe
}

func TestTCPServicePorts(t *testing.T) {
	for service, want := range map[string]string{
		"tcp://h": "tcp h:7864", "ssh://h": "tcp h:22", "rdp://h": "tcp h:3389", "smb://h": "tcp h:445",
		"ssh://u@h:2222": "tcp h:2222", "foo://h:9": "tcp h:9", "udp://h:9": "tcp h:9", "tcp://[::1]": "tcp [::1]:7864", "foo://h": "",
	} {
		var dialled []string
		oe := upgradeTo(t, parseWith(t, oneRule(service), dialSpy(&dialled)))
		kind := KindDial
		if want == "" {
			kind = KindAddress
		}
		if got := strings.Join(dialled, ","); got != want || oe == nil || oe.Kind != kind || oe.Status() != 502 {
			t.Errorf("%s: dialled %q, %v", service, got, oe)
		}
	}
}

func TestTCPServiceDialFailureIs502(t *testing.T) {
	s := serve(t, oneRule("tcp://127.0.0.1:1"))
	_, br := raw(t, s, hello101)
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 502 || len(body) > 0 {
		t.Errorf("%s %q", resp.Status, body)
	}
	if oe := upgradeTo(t, parse(t, oneRule("tcp://127.0.0.1:1"))); oe == nil || oe.Kind != KindRefused {
		t.Errorf("%v", oe)
	}
}

func TestTCPServiceNeedsAConnectionToUpgrade(t *testing.T) {
	if oe := upgradeTo(t, parse(t, oneRule("tcp://"+echoOrigin(t)))); oe == nil || oe.Kind != KindUpgrade {
		t.Errorf("%v", oe)
	}
}

func TestTCPServiceEndsWithTheRequestsContext(t *testing.T) {
	gone := make(chan struct{})
	tunnel := parse(t, oneRule("tcp://"+tcpOrigin(t, func(_ net.Conn, br *bufio.Reader) {
		_, _ = io.Copy(io.Discard, br)
		close(gone)
	})))
	ctx, cancel := context.WithCancel(context.Background())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { tunnel.ServeHTTP(w, r.WithContext(ctx)) }))
	defer s.Close()
	c := dialWS(t, s, someKey)
	cancel()
	receive(t, gone)
	if _, err := c.in.ReadByte(); err == nil {
		t.Error("the client's connection is still open")
	}
}

// The rule's timeouts hold for tcp-like services too.
func TestTCPServiceConnectTimeout(t *testing.T) {
	tunnel := parseWith(t, oneRule("tcp://h:1", "connectTimeout: 1ms", "tcpKeepAlive: 7s"), Options{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		if diff := cmp.Diff(7*time.Second, ContextDialer(ctx).KeepAlive); diff != "" {
			t.Error(diff)
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	if oe := upgradeTo(t, tunnel); oe == nil || oe.Kind != KindTimeout {
		t.Errorf("%v", oe)
	}
}
