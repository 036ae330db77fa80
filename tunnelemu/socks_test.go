package tunnelemu

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	socks "golang.org/x/net/proxy"
)

// socksVia is the field's SOCKS client, speaking inside a WebSocket.
func socksVia(t testing.TB, s *httptest.Server) socks.Dialer {
	t.Helper()
	d, err := socks.SOCKS5("tcp", "unused:1", nil, dialerFunc(func(string, string) (net.Conn, error) {
		c, _, err := websocket.Dial(context.Background(), s.URL, nil)
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() { c.CloseNow() })
		return websocket.NetConn(context.Background(), c, websocket.MessageBinary), nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

type dialerFunc func(network, addr string) (net.Conn, error)

func (f dialerFunc) Dial(network, addr string) (net.Conn, error) { return f(network, addr) }

func wantEcho(t testing.TB, c net.Conn) {
	t.Helper()
	_, _ = io.WriteString(c, "through")
	b := make([]byte, 7)
	if _, err := io.ReadFull(c, b); err != nil || string(b) != "through" {
		t.Errorf("%q %v", b, err)
	}
}

func TestSocksProxyService(t *testing.T) {
	allowed := echoOrigin(t)
	names := func(ctx context.Context, network, addr string) (net.Conn, error) {
		if _, port, _ := net.SplitHostPort(addr); strings.HasPrefix(addr, "echo.internal:") {
			addr = "127.0.0.1:" + port
		}
		return ContextDialer(ctx).DialContext(ctx, network, addr)
	}
	resolved := func(_ context.Context, host string) ([]netip.Addr, error) {
		switch host {
		case "echo.internal":
			return []netip.Addr{netip.MustParseAddr("::ffff:127.0.0.1"), netip.MustParseAddr("10.0.0.1")}, nil
		case "other.internal":
			return []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("127.0.0.1")}, nil
		}
		return nil, &net.DNSError{Name: host, IsNotFound: true}
	}
	rules := "ipRules: [{prefix: 127.0.0.0/8, ports: [" + strings.TrimPrefix(allowed, "127.0.0.1:") + ", 1], allow: true}]"
	s := serveWith(t, oneRule("socks-proxy", rules), Options{Resolve: resolved, Dial: names})
	d := socksVia(t, s)
	for _, host := range []string{allowed, net.JoinHostPort("echo.internal", strings.TrimPrefix(allowed, "127.0.0.1:"))} {
		c, err := d.Dial("tcp", host)
		if err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		wantEcho(t, c)
		c.Close()
	}
	for host, want := range map[string]string{
		"127.0.0.1:2":      "not allowed", // a port without a rule
		"10.0.0.1:1":       "not allowed",
		"[::1]:1":          "not allowed",
		"other.internal:1": "not allowed", // the first address decides
		"none.internal:1":  "not allowed", // does not resolve
		"127.0.0.1:1":      "connection refused",
	} {
		if _, err := d.Dial("tcp", host); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", host, err, want)
		}
	}
}

func TestSocksProxyWithoutRulesDenies(t *testing.T) {
	// The top-level list is not read, as in the connector.
	config := "originRequest: {ipRules: [{prefix: 0.0.0.0/0, allow: true}]}\n" + oneRule("socks-proxy")
	if _, err := socksVia(t, serve(t, config)).Dial("tcp", echoOrigin(t)); err == nil || !strings.Contains(err.Error(), "not allowed") {
		t.Errorf("%v", err)
	}
}

// What is dialled: the address that was judged, but the name where the caller resolves names itself.
func TestSocksProxyDials(t *testing.T) {
	private := func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("::ffff:10.1.2.3")}, nil
	}
	for _, c := range []struct {
		ask, want string
		resolve   func(context.Context, string) ([]netip.Addr, error)
	}{
		{"db:5432", "tcp db:5432", private},
		{"10.9.9.9:5432", "tcp 10.9.9.9:5432", private},
		{"localhost:5432", "tcp 127.0.0.1:5432", nil},
	} {
		dialled := make(chan string, 1)
		o := Options{Resolve: c.resolve, Dial: func(_ context.Context, network, addr string) (net.Conn, error) {
			dialled <- network + " " + addr
			return nil, &net.OpError{Op: "dial", Err: io.EOF}
		}}
		rules := "ipRules: [{prefix: 10.0.0.0/8, allow: true}, {prefix: 127.0.0.0/8, allow: true}]"
		_, err := socksVia(t, serveWith(t, oneRule("socks-proxy", rules), o)).Dial("tcp", c.ask)
		if got := receive(t, dialled); got != c.want || err == nil || !strings.Contains(err.Error(), "host unreachable") {
			t.Errorf("%s: dialled %s, %v", c.ask, got, err)
		}
	}
}

// With proxyType every CONNECT leads to the rule's own destination, and no rule is asked.
func TestProxyTypeSocks(t *testing.T) {
	echo := echoOrigin(t)
	for _, config := range []string{oneRule("tcp://"+echo, "proxyType: socks"), "originRequest: {proxyType: socks}\n" + oneRule("ssh://"+echo)} {
		c, err := socksVia(t, serve(t, config)).Dial("tcp", "anywhere.example.com:80")
		if err != nil {
			t.Fatal(err)
		}
		wantEcho(t, c)
		c.Close()
	}
	// Other values change nothing.
	c := dialWS(t, serve(t, oneRule("tcp://"+echo, "proxyType: foo")), someKey)
	c.binary("\x05\x01\x00")
	if got := c.bytes(3); got != "\x05\x01\x00" {
		t.Errorf("%q", got)
	}
}

func TestSocksReplies(t *testing.T) {
	const zero = "\x00\x01\x00\x00\x00\x00\x00\x00"
	echo := echoOrigin(t)
	s := serve(t, oneRule("socks-proxy", "ipRules: [{prefix: 127.0.0.0/8, allow: true}]"))
	for _, c := range []struct{ name, ask, want string }{
		{"no method we have", "\x05\x01\x02", "\x05\xff"},
		{"no methods", "\x05\x00", "\x05\xff"},
		{"SOCKS4", "\x04\x01", ""},
		{"BIND", "\x05\x01\x00\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x01", "\x05\x00\x05\x07" + zero},
		{"UDP ASSOCIATE", "\x05\x01\x00\x05\x03\x00\x01\x7f\x00\x00\x01\x00\x01", "\x05\x00\x05\x07" + zero},
		{"unknown command", "\x05\x01\x00\x05\x09\x00\x01\x7f\x00\x00\x01\x00\x01", "\x05\x00\x05\x07" + zero},
		{"unknown address type", "\x05\x02\x02\x00\x05\x01\x00\x02", "\x05\x00\x05\x08" + zero},
		{"wrong version in the request", "\x05\x01\x00\x04\x01\x00\x01", "\x05\x00"},
		{"denied", "\x05\x01\x00\x05\x01\x00\x01\x0a\x00\x00\x01\x00\x50", "\x05\x00\x05\x02\x00\x01\x0a\x00\x00\x01\x00\x50"},
		{"denied, IPv6", "\x05\x01\x00\x05\x01\x00\x04\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50", "\x05\x00\x05\x02\x00\x04\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50"},
		{"refused", "\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x01", "\x05\x00\x05\x05" + zero},
	} {
		t.Run(c.name, func(t *testing.T) {
			ws := dialWS(t, s, someKey)
			ws.binary(c.ask)
			if got := ws.bytes(len(c.want)); got != c.want {
				t.Errorf("%x, want %x", got, c.want)
			}
			ws.end()
		})
	}
	// Granted, with data in the same message as the request.
	to := netip.MustParseAddrPort(echo)
	ask := append([]byte("\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01"), byte(to.Port()>>8), byte(to.Port()))
	ws := dialWS(t, s, someKey)
	ws.binary(string(ask) + "early")
	got := ws.bytes(2 + 10 + 5)
	if !strings.HasPrefix(got, "\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01") || !strings.HasSuffix(got, "early") {
		t.Errorf("%q", got)
	}
}

func FuzzSocks(f *testing.F) {
	f.Add([]byte("\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50"))
	f.Add([]byte("\x05\x02\x02\x00\x05\x01\x00\x03\x04host\x01\xbb"))
	f.Add([]byte("\x05\x01\x00\x05\x01\x00\x04\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50"))
	f.Add([]byte("\x04\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bytes.NewReader(data)
		if _, err := readSocksMethods(in); err != nil {
			return
		}
		start := len(data) - in.Len()
		q, err := readSocksRequest(in)
		if err != nil {
			return
		}
		// What was read, written again, is what was there.
		b := []byte{socksVersion, q.command, data[start+2]}
		if q.addr.IsValid() {
			b = appendSocksReply(nil, socksCode(q.command), netip.AddrPortFrom(q.addr, q.port))
			b[2] = data[start+2]
			if q.addr.Is4In6() {
				return
			}
		} else {
			b = append(append(b, socksName, byte(len(q.name))), q.name...)
			b = append(b, byte(q.port>>8), byte(q.port))
		}
		if diff := cmp.Diff(data[start:len(data)-in.Len()], b); diff != "" {
			t.Error(diff)
		}
	})
}
