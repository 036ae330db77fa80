package listen

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// everything is a policy that passes every target through.
type everything struct{}

func (everything) Admit(context.Context, string, int, string) Admission { return Admission{Dial: true} }

// A client of another machine does not reach what listens on loopback here, by whatever
// name; one of this machine does.
func TestLoopbackIsForOwnClients(t *testing.T) {
	own := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "private") }))
	t.Cleanup(own.Close)
	_, port, _ := net.SplitHostPort(own.Listener.Addr().String())
	dialled := 0
	p := newProxy(Config{ProxyPassword: "pw"}, Handlers{Edge: mirror, Proxy: everything{}, Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
		dialled++
		if strings.HasPrefix(addr, "intranet:") {
			addr = own.Listener.Addr().String()
		}
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}}, &Info{}, nil, nil)
	ask := func(method, target, from string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, nil)
		r.RemoteAddr = from
		carrier := http.Request{Header: http.Header{}}
		carrier.SetBasicAuth("", "pw")
		r.Header.Set("Proxy-Authorization", carrier.Header.Get("Authorization"))
		if method == http.MethodConnect {
			r.RequestURI = target
		}
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		return w
	}
	const stranger = "192.0.2.7:1"
	for _, host := range []string{"127.0.0.1", "0.0.0.0", "[::1]", "[::]", "intranet"} {
		before := dialled
		for _, w := range []*httptest.ResponseRecorder{
			ask("CONNECT", host+":"+port, stranger),
			ask("GET", "http://"+host+":"+port+"/", stranger),
		} {
			if w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "private\n") || !strings.Contains(w.Header().Get("Sundog-Why"), "loopback") {
				t.Errorf("%s for a stranger: %d %s", host, w.Code, w.Body)
			}
		}
		if host != "intranet" && dialled != before {
			t.Errorf("%s was dialled", host)
		}
	}
	if w := ask("GET", "http://intranet:"+port+"/", "127.0.0.1:1"); w.Body.String() != "private" {
		t.Errorf("for a client of this machine: %d %s", w.Code, w.Body)
	}
	if w := ask("GET", "http://127.0.0.1:"+port+"/", "[::ffff:127.0.0.1]:1"); w.Body.String() != "private" {
		t.Errorf("for a client of this machine: %d %s", w.Code, w.Body)
	}
}

// What the port serves in origin form is behind its password as well.
func TestPasswordGuardsOriginForm(t *testing.T) {
	s := start(t, func(c *Config, _ *Handlers) { c.ProxyPassword = "s3cret" })
	for _, tt := range []struct {
		name, field string
		status      int
		client      string
	}{
		{"none", "", http.StatusProxyAuthRequired, ""},
		{"wrong", "Proxy-Authorization: Basic b2ZmaWNlOnNlY3JldA==\r\n", http.StatusProxyAuthRequired, ""},
		{"right", "Proxy-Authorization: Basic b2ZmaWNlOnMzY3JldA==\r\n", http.StatusOK, "office"},
	} {
		_, r := say(t, s.Addrs().Proxy, "GET /x HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\n"+tt.field+"\r\n")
		resp, body := readResponse(t, r, "")
		if resp.StatusCode != tt.status || tt.client != "" && (!strings.Contains(body, `"Client":"`+tt.client+`"`) || !strings.Contains(body, `"Auth":""`)) {
			t.Errorf("%s: %d %s", tt.name, resp.StatusCode, body)
		}
	}
}
