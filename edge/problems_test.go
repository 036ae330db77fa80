package edge_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/sundog-edge/sundog/edge"
)

const manyProblems = `
team: acme
zones:
  - name: example.com
    records:
      - {type: CNAME, name: nowhere, content: gone.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: empty, content: bare.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: rule, content: abc123.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: dead, content: abc123.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: chain, content: rule.example.com, proxied: true}
      - {type: CNAME, name: dangling, content: missing.example.com, proxied: true}
      - {type: CNAME, name: round, content: about.example.com, proxied: true}
      - {type: CNAME, name: about, content: round.example.com, proxied: true}
      - {type: CNAME, name: outside, content: origin.invalid, proxied: true}
      - {type: A, name: unproxied, content: 127.0.0.1}
      - {type: TXT, name: words, content: hello}
      - {type: A, name: refused, content: 192.0.2.1, proxied: true}
      - {type: A, name: slow, content: 192.0.2.2, proxied: true}
      - {type: A, name: unreachable, content: 192.0.2.3, proxied: true}
      - {type: A, name: plain, content: 192.0.2.4, proxied: true}
      - {type: A, name: stranger, content: 192.0.2.5, proxied: true}
      - {type: A, name: garbled, content: 192.0.2.6, proxied: true}
      - {type: A, name: silent, content: 192.0.2.7, proxied: true}
      - {type: A, name: public, content: 203.0.113.80, proxied: true}
tunnels:
  - {id: bare}
  - id: abc123
    config:
      ingress:
        - {hostname: rule.example.com, service: "http_status:204"}
        - {hostname: chain.example.com, service: "http_status:204"}
        - {hostname: dead.example.com, service: "http://localhost:1"}
        - {service: "http_status:404"}
`

// Each way in which a host or its origin can fail has the real edge's status and code, says
// which part answered, and names the line or the line to add.
func TestProblems(t *testing.T) {
	plainHTTP := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plainHTTP.Close)
	selfSigned := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(selfSigned.Close)
	var garbled, silent net.Listener // both speak for hosts of this edge, so it makes their certificates below
	dial := func(ctx context.Context, network, addr string) (net.Conn, bool, error) {
		to := func(addr string) (net.Conn, bool, error) {
			var d net.Dialer
			c, err := d.DialContext(ctx, "tcp", addr)
			return c, true, err
		}
		fail := func(err error) (net.Conn, bool, error) {
			return nil, true, &net.OpError{Op: "dial", Net: network, Err: err}
		}
		switch addr {
		case "192.0.2.1:443", "localhost:1":
			return fail(syscall.ECONNREFUSED)
		case "192.0.2.2:443":
			return fail(context.DeadlineExceeded)
		case "192.0.2.3:443":
			return fail(syscall.EHOSTUNREACH)
		case "192.0.2.4:443":
			return to(plainHTTP.Listener.Addr().String())
		case "192.0.2.5:443":
			return to(selfSigned.Listener.Addr().String())
		case "192.0.2.6:443":
			return to(garbled.Addr().String())
		case "192.0.2.7:443":
			return to(silent.Addr().String())
		case "origin.invalid:443":
			return fail(&net.DNSError{Err: "no such host", Name: "origin.invalid", IsNotFound: true})
		}
		return nil, false, nil
	}
	e := newEdge(t, manyProblems, edge.WithDial(dial))
	garbled = answerRaw(t, tls.NewListener(loopback(t), e.TLSConfig()), "this is no HTTP\r\n\r\n")
	silent = answerRaw(t, loopback(t), "")
	c := &http.Client{Transport: e.Transport()}
	for _, tt := range []struct {
		host   string
		status int
		code   string
		by     string
		why    string
	}{
		{"rule.example.com", 204, "", "connector", ""},
		{"chain.example.com", 204, "", "connector", ""},
		{"elsewhere.test", 530, "1001", "edge", "in no zone"},
		{"absent.example.com", 530, "1001", "edge", "no record"},
		{"words.example.com", 530, "1001", "edge", "no record that serves"},
		{"unproxied.example.com", 403, "1004", "edge", "proxied: true"},
		{"nowhere.example.com", 530, "1033", "tunnel", "no tunnel gone"},
		{"empty.example.com", 530, "1033", "tunnel", "no connector"},
		{"dead.example.com", 502, "502", "connector", "nothing listens at http://localhost:1"},
		{"dangling.example.com", 530, "1016", "edge", "missing.example.com"},
		{"round.example.com", 403, "1000", "edge", "circle"},
		{"outside.example.com", 530, "1016", "edge", "does not resolve"},
		{"refused.example.com", 521, "521", "edge", "nothing listens"},
		{"slow.example.com", 522, "522", "edge", "in time"},
		{"unreachable.example.com", 523, "523", "edge", "no way to"},
		{"plain.example.com", 525, "525", "edge", "handshake"},
		{"stranger.example.com", 526, "526", "edge", "does not verify"},
		{"garbled.example.com", 520, "520", "edge", "no HTTP response"},
		{"silent.example.com", 525, "525", "edge", "handshake"},
		{"public.example.com", 523, "523", "edge", `egress`},
	} {
		t.Run(tt.host, func(t *testing.T) {
			resp, body := do(t, c, newRequest(t, "GET", "https://"+tt.host+"/", nil))
			h := resp.Header
			if resp.StatusCode != tt.status || h.Get("Cf-Error-Type") != tt.code || h.Get("Sundog-Answered-By") != tt.by || !strings.Contains(h.Get("Sundog-Why"), tt.why) {
				t.Errorf("status %d, code %s, by %s, why %q", resp.StatusCode, h.Get("Cf-Error-Type"), h.Get("Sundog-Answered-By"), h.Get("Sundog-Why"))
			}
			if tt.code != "" && body != "error code: "+tt.code {
				t.Errorf("body %q", body)
			}
			if tr := e.Traces().Last(1); len(tr) != 1 || tr[0].Status != tt.status || tr[0].AnsweredBy != tt.by || tr[0].Why != h.Get("Sundog-Why") {
				t.Errorf("the trace says otherwise:\n%v", tr)
			}
		})
	}
}

func loopback(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// answerRaw sends one text on every connection, once the first bytes have come, and closes it.
func answerRaw(t *testing.T, ln net.Listener, text string) net.Listener {
	done := make(chan struct{})
	t.Cleanup(func() { ln.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			c.Read(make([]byte, 1))
			io.WriteString(c, text)
			c.Close()
		}
	}()
	return ln
}
