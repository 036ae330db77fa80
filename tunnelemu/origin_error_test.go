package tunnelemu

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var quiet = log.New(io.Discard, "", 0)

func TestOriginErrorKinds(t *testing.T) {
	dead := func() string { // an address where nothing listens
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}
	hangUp := rawOrigin(t, func(c net.Conn, br *bufio.Reader) { wire(t, br) })
	noise := rawOrigin(t, func(c net.Conn, br *bufio.Reader) {
		wire(t, br)
		_, _ = io.WriteString(c, "not HTTP at all\r\n\r\n")
	})
	silent := rawOrigin(t, func(c net.Conn, br *bufio.Reader) { _, _ = io.Copy(io.Discard, br) })
	plain := httpOrigin(t, func(http.ResponseWriter, *http.Request) {})
	for _, c := range []struct {
		name, service string
		options       []string
		want          Kind
	}{
		{"refused", "http://" + dead(), nil, KindRefused},
		{"reset", hangUp, nil, KindReset},
		{"protocol", noise, nil, KindProtocol},
		{"plain answer to TLS", strings.Replace(plain.URL, "http:", "https:", 1), nil, KindTLS},
		{"TLS timeout", strings.Replace(silent, "http:", "https:", 1), []string{"tlsTimeout: 1ms"}, KindTLSTimeout},
		{"connect timeout", "http://127.0.0.1:1", []string{"connectTimeout: 1ns"}, KindTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			tunnel := parse(t, oneRule(c.service, c.options...))
			_, err := ask(t, tunnel, "app.example.com")
			if err == nil || err.Kind != c.want {
				t.Fatalf("got %#v, want kind %s", err, c.want)
			}
			if err.Service != c.service || err.Rule.Line != 2 || !strings.HasPrefix(err.Error(), "config.yml:2:3: origin "+c.service) {
				t.Errorf("%v", err)
			}
			w := httptest.NewRecorder()
			tunnel.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			if w.Code != 502 || w.Body.Len() > 0 {
				t.Errorf("%d %q", w.Code, w.Body)
			}
		})
	}
}

// A name that does not resolve, without asking a resolver.
func TestOriginErrorName(t *testing.T) {
	config, _, _ := ParseConfig("t.yml", []byte(oneRule("http://grafana:3000")))
	tunnel, err := New(config, Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Name: "grafana", IsNotFound: true}}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer tunnel.Close()
	if _, oe := ask(t, tunnel, "a"); oe == nil || oe.Kind != KindName {
		t.Errorf("%v", oe)
	}
}

// A TLS origin that is spoken to without TLS gives its own 400.
func TestPlainToTLSOriginPassesItsAnswerOn(t *testing.T) {
	ca := newAuthority(t)
	origin := tlsOrigin(t, nil, ca.leaf(t, "127.0.0.1"))
	w := httptest.NewRecorder()
	parse(t, oneRule(strings.Replace(origin.URL, "https:", "http:", 1))).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 400 {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

type refusal struct{ line string }

func (r *refusal) Error() string { return "not allowed; add " + r.line }

func TestDialOption(t *testing.T) {
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) })
	config, _, err := ParseConfig("t.yml", []byte("ingress:\n- {hostname: a, service: 'http://grafana:3000', originRequest: {connectTimeout: 7s, tcpKeepAlive: 8s, noHappyEyeballs: true}}\n- service: https://ümlaut.test\n"))
	if err != nil {
		t.Fatal(err)
	}
	var dialled []string
	tunnel, err := New(config, Options{Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
		dialled = append(dialled, network+" "+addr)
		if addr != "grafana:3000" {
			return nil, &refusal{"egress: [" + addr + "]"}
		}
		d := ContextDialer(ctx)
		if d.Timeout != 7*time.Second || d.KeepAlive != 8*time.Second || d.FallbackDelay >= 0 {
			t.Errorf("dialer %+v", d)
		}
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > 7*time.Second {
			t.Errorf("deadline %v", deadline)
		}
		return d.DialContext(ctx, network, origin.Listener.Addr().String())
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer tunnel.Close()
	if got, err := ask(t, tunnel, "a"); err != nil || got != "a" {
		t.Errorf("%q, %v", got, err)
	}
	_, oe := ask(t, tunnel, "b")
	var r *refusal
	if oe == nil || oe.Kind != KindDial || !errors.As(oe, &r) {
		t.Errorf("%v", oe)
	}
	if want := "tcp grafana:3000,tcp xn--mlaut-jva.test:443"; strings.Join(dialled, ",") != want {
		t.Errorf("dialled %v", dialled)
	}
}

// Nothing in the environment redirects connections to origins.
func TestProxyEnvironmentIsNotRead(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	config, _, _ := ParseConfig("t.yml", []byte(oneRule("http://origin.test")))
	var addr string
	tunnel, err := New(config, Options{Dial: func(_ context.Context, _, a string) (net.Conn, error) {
		addr = a
		return nil, errors.New("no")
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer tunnel.Close()
	if ask(t, tunnel, "a"); addr != "origin.test:80" {
		t.Errorf("dialled %q", addr)
	}
}

// After Close a request that still runs finishes, and its connection is closed too.
func TestCloseLetsRequestsFinish(t *testing.T) {
	running, finish, closed := make(chan struct{}), make(chan struct{}), make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(running)
		<-finish
		_, _ = io.WriteString(w, "done")
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			close(closed)
		}
	}
	s.Start()
	defer s.Close()
	tunnel, err := Parse([]byte(oneRule(s.URL)))
	if err != nil {
		t.Fatal(err)
	}
	body := make(chan string)
	go func() {
		got, _ := ask(t, tunnel, "a")
		body <- got
	}()
	receive(t, running)
	tunnel.Close()
	close(finish)
	if got := receive(t, body); got != "done" {
		t.Errorf("%q", got)
	}
	receive(t, closed)
}
