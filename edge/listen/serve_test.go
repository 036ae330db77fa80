package listen

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func TestEveryWayIn(t *testing.T) {
	s := start(t)
	a := s.Addrs()
	ports := Info{HTTPSPort: portOf(a.HTTPS), ProxyPort: portOf(a.Proxy)}
	with := func(change func(*Info)) Info { i := ports; change(&i); return i }
	direct := func(proto string) *http.Client {
		tr := &http.Transport{TLSClientConfig: clientTLS("a.example.com"), ForceAttemptHTTP2: proto == "h2"}
		t.Cleanup(tr.CloseIdleConnections)
		return &http.Client{Transport: tr}
	}
	connected := with(func(i *Info) { i.ConnectHost, i.ConnectPort, i.Proxied, i.TLS = "a.example.com", 443, true, true })
	tests := []struct {
		name   string
		client *http.Client
		url    string
		want   seen
	}{
		{"https, HTTP/1.1", direct("h1"), "https://" + a.HTTPS + "/x?y=1", seen{Host: a.HTTPS, Target: "/x?y=1", Proto: "HTTP/1.1", TLS: true, Info: with(func(i *Info) { i.TLS = true })}},
		{"https, h2", direct("h2"), "https://" + a.HTTPS + "/x?y=1", seen{Host: a.HTTPS, Target: "/x?y=1", Proto: "HTTP/2.0", TLS: true, Info: with(func(i *Info) { i.TLS = true })}},
		{"plain http", direct("h1"), "http://" + a.Proxy + "/x", seen{Host: a.Proxy, Target: "/x", Proto: "HTTP/1.1", Info: ports}},
		{"absolute form", client(t, s, ""), "http://a.example.com/x?y", seen{Host: "a.example.com", Target: "/x?y", Proto: "HTTP/1.1", Info: with(func(i *Info) { i.Proxied = true })}},
		{"absolute form as alice", client(t, s, "alice:"), "http://a.example.com:8080", seen{Host: "a.example.com:8080", Target: "/", Proto: "HTTP/1.1", Info: with(func(i *Info) { i.Proxied, i.Client = true, "alice" })}},
		{"CONNECT, HTTP/1.1", client(t, s, ""), "https://a.example.com/x", seen{Host: "a.example.com", Target: "/x", Proto: "HTTP/1.1", TLS: true, Info: connected}},
		{"CONNECT, h2, as alice", client(t, s, "alice:pw", "h2"), "https://b.example.com:8443/x", seen{Host: "b.example.com:8443", Target: "/x", Proto: "HTTP/2.0", TLS: true,
			Info: with(func(i *Info) {
				i.ConnectHost, i.ConnectPort, i.Proxied, i.TLS, i.Client = "b.example.com", 8443, true, true, "alice"
			})}},
		{"admin", direct("h1"), "http://" + a.Admin + "/v1", seen{Host: a.Admin, Target: "/v1", Proto: "HTTP/1.1", Info: ports}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Method, tt.want.Path = "GET", tt.want.Target
			if diff := cmp.Diff(tt.want, getSeen(t, tt.client, tt.url)); diff != "" {
				t.Errorf("Edge saw (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDNSAnswersOnBothTransports(t *testing.T) {
	s := start(t)
	for _, network := range []string{"udp", "tcp"} {
		q := new(dns.Msg).SetQuestion("a.example.com.", dns.TypeA)
		got, _, err := (&dns.Client{Net: network}).Exchange(q, s.Addrs().DNS)
		if err != nil || got.Id != q.Id {
			t.Errorf("%s: %v, %v", network, got, err)
		}
	}
}

func TestNilHandlersOpenNothing(t *testing.T) {
	s, err := Serve(context.Background(), Config{}, Handlers{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if diff := cmp.Diff(Addrs{}, s.Addrs()); diff != "" {
		t.Error(diff)
	}
}

func TestAddresses(t *testing.T) {
	all := Handlers{Edge: mirror, Admin: mirror, TLS: serverTLS(), Tunnel: held, DNS: dns.HandlerFunc(func(dns.ResponseWriter, *dns.Msg) {})}
	tests := []struct {
		name string
		cfg  Config
		want []string // parts of the errors; none: legal
	}{
		{"defaults", Config{}, nil},
		{"bare ports and names", Config{HTTPS: "0", Proxy: "localhost:0", DNS: "[::1]:0", Admin: "off"}, nil},
		{"HTTPS leaves loopback", Config{HTTPS: "0.0.0.0:4443"}, nil},
		{"HTTPS on every address", Config{HTTPS: ":4443"}, nil},
		{"the rest does not", Config{Proxy: "0.0.0.0:4380", DNS: "192.0.2.1:53", Admin: ":4300"}, []string{
			"--proxy 0.0.0.0:4380: the proxy leaves loopback only with a password (--proxy-password); use 127.0.0.1:4380",
			"--dns 192.0.2.1:53: DNS answers on loopback only; use 127.0.0.1:53",
			"--admin :4300: the admin port leaves loopback only with a token (SUNDOG_TOKEN); use 127.0.0.1:4300",
		}},
		{"but for secrets", Config{Proxy: "0.0.0.0:4380", ProxyPassword: "x", Admin: "[::]:4300", AdminToken: true}, nil},
		{"mapped loopback is loopback", Config{Proxy: "[::ffff:127.0.0.1]:0"}, nil},
		{"mapped elsewhere is not", Config{Proxy: "[::ffff:10.0.0.1]:0"}, []string{"the proxy leaves loopback only with a password"}},
		{"no address", Config{HTTPS: "localhost", Proxy: "example.com:80", DNS: "127.0.0.1:65536", Admin: "a:b:c"}, []string{
			"--https localhost: the port is a number",
			`--proxy example.com:80: the host is an IP address or "localhost"`,
			"--dns 127.0.0.1:65536: the port is a number from 0 to 65535",
			`--admin a:b:c: want "host:port" or a port, as in 127.0.0.1:4300`,
		}},
		{"signed port", Config{HTTPS: "+1"}, []string{"--https +1: the port is a number"}},
		{"tunnel", Config{Tunnel: "0.0.0.0:7844"}, []string{"--tunnel 0.0.0.0:7844: connectors dial in on loopback only; use 127.0.0.1:7844"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.cfg.places(all)
			text := ""
			if err != nil {
				text = err.Error()
			}
			if got := len(strings.Split(text, "\n")); err != nil && got != len(tt.want) || err == nil && len(tt.want) > 0 {
				t.Errorf("want %d errors, got: %v", len(tt.want), err)
			}
			for _, part := range tt.want {
				if !strings.Contains(text, part) {
					t.Errorf("no %q in: %s", part, text)
				}
			}
			var ae *AddrError
			if err != nil && !errors.As(err, &ae) {
				t.Errorf("%T is no AddrError", err)
			}
		})
	}
	if _, err := (Config{Admin: "127.0.0.1:0"}).places(Handlers{}); err == nil {
		t.Error("an address without a handler is legal")
	}
}

func TestTakenPortsNameFlagAndOwner(t *testing.T) {
	first := start(t).Addrs()
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	h := Handlers{Edge: mirror, Admin: mirror, TLS: serverTLS(),
		DNS: dns.HandlerFunc(func(dns.ResponseWriter, *dns.Msg) {}),
		Probe: func(addr string) string {
			if addr == first.HTTPS {
				return "a sundog of /home/me/project"
			}
			return ""
		}}
	_, err = Serve(context.Background(), Config{HTTPS: first.HTTPS, Proxy: first.Proxy, DNS: udp.LocalAddr().String(), Admin: "127.0.0.1:0"}, h)
	want := "--https " + first.HTTPS + ": the port is taken by a sundog of /home/me/project; give another one, or --ports 0 for free ones\n" +
		"--proxy " + first.Proxy + ": the port is taken by another program; give another one, or --ports 0 for free ones\n" +
		"--dns " + udp.LocalAddr().String() + ": the port is taken by another program; give another one, or --ports 0 for free ones"
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
	var taken *TakenError
	if !errors.As(err, &taken) {
		t.Errorf("%T is no TakenError", err)
	}
	// What the failed attempt had bound is free again.
	l, err := net.Listen("tcp", udp.LocalAddr().String())
	if err != nil {
		t.Fatalf("the TCP half of DNS is still bound: %v", err)
	}
	l.Close()
}

func BenchmarkFrom(b *testing.B) {
	ctx := With(context.Background(), &Info{ConnectHost: "a.example.com"})
	b.ReportAllocs()
	for b.Loop() {
		if From(ctx) == nil {
			b.Fatal("lost")
		}
	}
}

func TestFromDoesNotAllocate(t *testing.T) {
	ctx := With(context.Background(), &Info{})
	if n := testing.AllocsPerRun(100, func() { From(ctx) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if From(context.Background()) != nil {
		t.Error("a context without Info has one")
	}
}
