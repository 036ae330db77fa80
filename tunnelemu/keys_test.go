package tunnelemu

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// placed writes a configuration of one rule with a key somewhere, beside keys of the rule that are always there.
type placed func(service string, also ...string) string

// keyTests say, for each key of originRequest, whether the value has its effect on a real origin. top: the key works
// at top level too; none: it has no effect anywhere, as in the connector.
var keyTests = map[string]struct {
	value     string
	top, none bool
	shows     func(t *testing.T, config placed, want bool) bool
}{
	"connectTimeout": {value: "1ms", top: true, shows: func(t *testing.T, config placed, _ bool) bool {
		tunnel := parseWith(t, config("http://h"), Options{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			if deadline, _ := ctx.Deadline(); time.Until(deadline) > time.Second {
				return nil, io.EOF
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		_, oe := ask(t, tunnel, "a")
		return oe != nil && oe.Kind == KindTimeout
	}},
	"tlsTimeout": {value: "1ms", top: true, shows: func(t *testing.T, config placed, want bool) bool {
		ca := newAuthority(t)
		gate := newGate(t)
		tlsOrigin(t, gate, ca.leaf(t, "127.0.0.1"))
		tunnel := parse(t, config("https://"+gate.Addr().String(), "caPool: "+ca.file))
		done := make(chan *OriginError, 1)
		go func() {
			_, oe := ask(t, tunnel, "a")
			done <- oe
		}()
		receive(t, gate.greeted) // the hello is here, and nothing answers it
		if !want {
			gate.open()
		}
		oe := receive(t, done)
		gate.open()
		if oe != nil && oe.Kind != KindTLSTimeout {
			t.Error(oe)
		}
		return oe != nil
	}},
	"tcpKeepAlive": {value: "7s", top: true, shows: func(t *testing.T, config placed, _ bool) bool {
		return dialerOf(t, config("http://h")).KeepAlive == 7*time.Second
	}},
	"noHappyEyeballs": {value: "true", top: true, shows: func(t *testing.T, config placed, _ bool) bool {
		return dialerOf(t, config("http://h")).FallbackDelay < 0
	}},
	"keepAliveConnections": {value: "1", top: true, shows: func(t *testing.T, config placed, want bool) bool {
		o := newCountedOrigin(t)
		tunnel := parse(t, config(o.URL))
		o.requests(tunnel, 2)
		if want {
			receive(t, o.closed)
		}
		o.requests(tunnel, 2)
		return o.opened.Load() == 3
	}},
	"keepAliveTimeout": {value: "1ms", top: true, shows: func(t *testing.T, config placed, want bool) bool {
		o := newCountedOrigin(t)
		tunnel := parse(t, config(o.URL))
		o.requests(tunnel, 1)
		if want {
			receive(t, o.closed)
		}
		o.requests(tunnel, 1)
		return o.opened.Load() == 2
	}},
	"httpHostHeader": {value: "inner.test", top: true, shows: func(t *testing.T, config placed, _ bool) bool {
		got := headOf(t, func(origin string) string { return config(origin) }, "GET / HTTP/1.1\r\nHost: a:1\r\nX-Forwarded-Host: forged\r\n\r\n")
		return got.has("Host: inner.test") && got.has("X-Forwarded-Host: a:1")
	}},
	"originServerName": {value: "inner.test", top: true, shows: func(t *testing.T, config placed, _ bool) bool {
		return strings.Contains(tlsAnswer(t, config), `sni="inner.test"`)
	}},
	"matchSNItoHost": {value: "true", top: true, shows: func(t *testing.T, config placed, _ bool) bool {
		return strings.Contains(tlsAnswer(t, config), `sni="app.example.com"`)
	}},
	"caPool": {value: "CA", top: true, shows: func(t *testing.T, config placed, _ bool) bool {
		ca := newAuthority(t)
		origin := tlsOrigin(t, nil, ca.leaf(t, "127.0.0.1"))
		got, oe := ask(t, parse(t, strings.ReplaceAll(config(origin.URL), "caPool: CA", "caPool: "+ca.file)), "a")
		return oe == nil && strings.HasPrefix(got, "HTTP/1.1")
	}},
	"noTLSVerify": {value: "true", top: true, shows: func(t *testing.T, config placed, _ bool) bool {
		origin := tlsOrigin(t, nil, newAuthority(t).leaf(t, "other.test"))
		_, oe := ask(t, parse(t, config(origin.URL)), "a")
		if oe != nil && oe.Kind != KindTLS {
			t.Error(oe)
		}
		return oe == nil
	}},
	"http2Origin": {value: "true", top: true, shows: func(t *testing.T, config placed, _ bool) bool {
		return strings.HasPrefix(tlsAnswer(t, config), "HTTP/2.0")
	}},
	"disableChunkedEncoding": {value: "true", top: true, shows: func(t *testing.T, config placed, _ bool) bool {
		got := headOf(t, func(origin string) string { return config(origin) }, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")
		return got.framing() == ""
	}},
	"bastionMode": {value: "true", top: true, shows: func(t *testing.T, config placed, _ bool) bool {
		var dialled []string
		upgradeTo(t, parseWith(t, config("http://h"), dialSpy(&dialled)), "Cf-Access-Jump-Destination", "jump:1")
		return strings.Join(dialled, ",") == "tcp jump:1"
	}},
	"proxyAddress": {value: "192.0.2.1", top: true, none: true, shows: proxyUsed},
	"proxyPort":    {value: "1", top: true, none: true, shows: proxyUsed},
	"proxyType": {value: "socks", top: true, shows: func(t *testing.T, config placed, _ bool) bool {
		c := dialWS(t, serve(t, config("tcp://"+echoOrigin(t))), someKey)
		c.binary("\x05\x01\x00")
		return c.bytes(2) == "\x05\x00"
	}},
	"ipRules": {value: "[{prefix: 127.0.0.0/8, allow: true}]", shows: func(t *testing.T, config placed, _ bool) bool {
		c, err := socksVia(t, serve(t, config("socks-proxy"))).Dial("tcp", echoOrigin(t))
		if err != nil {
			return false
		}
		wantEcho(t, c)
		return true
	}},
	"access": {value: "{required: true, teamName: acme, audTag: [mine]}", shows: func(t *testing.T, config placed, _ bool) bool {
		status, _ := knock(t, parse(t, config("http_status:204")), "")
		return status == 403
	}},
}

// Every key has its effect in the rule, most at top level too, and a key that is absent has none.
func TestOriginRequestKeys(t *testing.T) {
	typ := reflect.TypeFor[OriginRequest]()
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		c, ok := keyTests[name]
		if !ok {
			t.Errorf("%s has no test", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			option := name + ": " + c.value
			inRule := func(service string, also ...string) string {
				return oneRule(service, append([]string{option}, also...)...)
			}
			atTop := func(service string, also ...string) string {
				return "originRequest: {" + option + "}\n" + oneRule(service, also...)
			}
			absent := func(service string, also ...string) string { return oneRule(service, also...) }
			if got := c.shows(t, inRule, !c.none); got == c.none {
				t.Errorf("in the rule: %v", got)
			}
			if got := c.shows(t, atTop, c.top && !c.none); got != (c.top && !c.none) {
				t.Errorf("at top level: %v", got)
			}
			if c.shows(t, absent, false) {
				t.Error("absent, and yet it shows")
			}
		})
	}
	// One row in keys.go for each.
	if len(originKeys) != typ.NumField() {
		t.Errorf("%d rows for %d keys", len(originKeys), typ.NumField())
	}
	for _, k := range originKeys {
		if _, ok := keyTests[k.name]; !ok || (k.set == nil) == (k.reads == "") {
			t.Errorf("row %s", k.name)
		}
	}
}

// A rule's own value beats the one at top level, false and zero included.
func TestRuleBeatsTopLevel(t *testing.T) {
	origin := tlsOrigin(t, nil, newAuthority(t).leaf(t, "other.test"))
	config := "originRequest: {noTLSVerify: true, httpHostHeader: top.test}\n" + oneRule(origin.URL, "noTLSVerify: false")
	if _, oe := ask(t, parse(t, config), "a"); oe == nil || oe.Kind != KindTLS {
		t.Errorf("%v", oe)
	}
	config = "originRequest: {noTLSVerify: true, httpHostHeader: top.test}\n" + oneRule(origin.URL, "httpHostHeader: ''")
	if got, oe := ask(t, parse(t, config), "a"); oe != nil || !strings.HasSuffix(got, "host=a") {
		t.Errorf("%q %v", got, oe)
	}
}

// A connection that the origin is slow to accept, and an answer that is slow to come, have no timeout.
func TestSlowAcceptIsWaitedFor(t *testing.T) {
	gate := newGate(t)
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "at last") })}
	go func() { _ = s.Serve(gate) }()
	t.Cleanup(func() { s.Close() })
	tunnel := parse(t, oneRule("http://"+gate.Addr().String(), "connectTimeout: 1s", "tlsTimeout: 1ms"))
	got := make(chan string, 1)
	go func() {
		body, oe := ask(t, tunnel, "a")
		if oe != nil {
			t.Error(oe)
		}
		got <- body
	}()
	receive(t, gate.greeted)
	gate.open()
	if body := receive(t, got); body != "at last" {
		t.Errorf("%q", body)
	}
}

// gate is a listener whose connections wait before they are served, after their first byte came.
type gate struct {
	net.Listener
	greeted chan struct{}
	opened  chan struct{}
	once    sync.Once
}

func newGate(t testing.TB) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{Listener: l, greeted: make(chan struct{}, 10), opened: make(chan struct{})}
	t.Cleanup(g.open)
	return g
}

func (g *gate) open() { g.once.Do(func() { close(g.opened) }) }

func (g *gate) Accept() (net.Conn, error) {
	c, err := g.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &gated{Conn: c, in: bufio.NewReader(c), gate: g}, nil
}

type gated struct {
	net.Conn
	in   *bufio.Reader
	gate *gate
	once sync.Once
}

func (c *gated) Read(p []byte) (int, error) {
	c.once.Do(func() {
		_, _ = c.in.Peek(1)
		c.gate.greeted <- struct{}{}
		<-c.gate.opened
	})
	return c.in.Read(p)
}

// dialerOf is the dialer that a configuration's one rule connects with.
func dialerOf(t *testing.T, config string) *net.Dialer {
	t.Helper()
	var d *net.Dialer
	tunnel := parseWith(t, config, Options{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		d = ContextDialer(ctx)
		return nil, io.EOF
	}})
	if _, oe := ask(t, tunnel, "a"); oe == nil {
		t.Fatal("no error")
	}
	return d
}

// tlsAnswer is what an origin with a certificate for three names sees.
func tlsAnswer(t *testing.T, config placed) string {
	t.Helper()
	ca := newAuthority(t)
	origin := tlsOrigin(t, nil, ca.leaf(t, "127.0.0.1", "app.example.com", "inner.test"))
	got, oe := ask(t, parse(t, config(origin.URL, "caPool: "+ca.file)), "app.example.com")
	if oe != nil {
		t.Fatal(oe)
	}
	return got
}

// headOf is the raw head of a request at an origin.
func headOf(t *testing.T, config func(origin string) string, send string) seen {
	t.Helper()
	got := make(chan seen, 1)
	origin := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		got <- seen{head: wire(t, br)}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	})
	_, br := raw(t, serve(t, config(origin)), send)
	if _, err := http.ReadResponse(br, nil); err != nil {
		t.Fatal(err)
	}
	return receive(t, got)
}

// proxyUsed says whether anything but the origin is connected to.
func proxyUsed(t *testing.T, config placed, _ bool) bool {
	var dialled []string
	_, _ = ask(t, parseWith(t, config("http://h:80"), dialSpy(&dialled)), "a")
	upgradeTo(t, parseWith(t, config("tcp://h:80"), dialSpy(&dialled)))
	return strings.Join(dialled, ",") != "tcp h:80,tcp h:80"
}

// countedOrigin counts connections, and answers requests when as many have arrived as were sent.
type countedOrigin struct {
	*httptest.Server
	t       testing.TB
	arrived chan struct{}
	answer  chan struct{}
	closed  chan struct{}
	opened  atomic.Int32
}

func newCountedOrigin(t testing.TB) *countedOrigin {
	o := &countedOrigin{t: t, arrived: make(chan struct{}, 10), answer: make(chan struct{}), closed: make(chan struct{}, 10)}
	o.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		o.arrived <- struct{}{}
		<-o.answer
	}))
	o.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			o.opened.Add(1)
		case http.StateClosed:
			o.closed <- struct{}{}
		}
	}
	o.Start()
	t.Cleanup(o.Close)
	return o
}

// requests sends n at once and waits for their answers.
func (o *countedOrigin) requests(tunnel *Tunnel, n int) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { tunnel.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)) })
	}
	for range n {
		receive(o.t, o.arrived)
	}
	for range n {
		o.answer <- struct{}{}
	}
	wg.Wait()
}
