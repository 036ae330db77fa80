package environ

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/http/httpproxy"
)

func TestNoProxyEntries(t *testing.T) {
	world := input().World
	dropped := []string{
		"*", "**", "example.com", ".example.com", "*.example.com", "*example.com", "EXAMPLE.COM", "example.com.", "example.com:443",
		"a.example.com", "*.a.example.com", "deep.a.example.com", "https://example.com/x", "user@example.com",
		"com", ".com", "*.com", "ample.com", "m", "foo.*", "acme.cloudflareaccess.com", "cloudflareaccess.com", "access.com",
		"1.1.1.1", "1.1.1.1:443", "1.1.1.0/24", "0.0.0.0/0", "1.1.1.1/32", "::ffff:1.1.1.1", "::ffff:0:0/96", "1.1.1.*", ".",
	}
	kept := []string{
		"localhost", "corp.test", ".corp.test", "*.corp.test", "example.org", "notexample.co", "10.0.0.0/8", "192.0.2.1", "[::1]:80",
		"fd00::/8", "acme.example.net", "b.cloudflareaccess.com", "2606:4700::1111", "<local>", "example.com.evil.test", "xexample.org",
	}
	for _, e := range dropped {
		if covered(e, world) == "" {
			t.Errorf("%q is kept; it covers a world name for some client", e)
		}
	}
	for _, e := range kept {
		if name := covered(e, world); name != "" {
			t.Errorf("%q is dropped for %s", e, name)
		}
	}
}

func TestNoProxyOfTheWholePlan(t *testing.T) {
	tests := []struct {
		name              string
		inherited, origin []string
		want              string
		dropped           int
	}{
		{"nothing inherited", nil, nil, "localhost,127.0.0.1,::1", 0},
		{"both cases, any separator", []string{"NO_PROXY=a.test, b.test", "no_proxy=b.test c.test,\n,d.test"}, nil, "localhost,127.0.0.1,::1,a.test,b.test,c.test,d.test", 0},
		{"covering entries", []string{"NO_PROXY=*,corp.test,.com", "no_proxy=.com"}, nil, "localhost,127.0.0.1,::1,corp.test", 2},
		{"origins once", nil, []string{"localhost", "grafana", "10.0.0.5"}, "localhost,127.0.0.1,::1,grafana,10.0.0.5", 0},
		{"an origin that is a world host, and inherited too", []string{"NO_PROXY=a.example.com"}, []string{"a.example.com"}, "localhost,127.0.0.1,::1", 1},
		{"an origin that is a world host: nobody wrote that entry", nil, []string{"a.example.com"}, "localhost,127.0.0.1,::1", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlan(t, func(in *Input) { in.Inherited, in.Origins = tt.inherited, tt.origin })
			if p.NoProxy != tt.want || len(p.Dropped) != tt.dropped {
				t.Errorf("NO_PROXY %q, dropped %v; want %q, %d", p.NoProxy, p.Dropped, tt.want, tt.dropped)
			}
		})
	}
	p := newPlan(t, func(in *Input) { in.World, in.Origins = []string{"app.localhost"}, nil })
	if p.NoProxy != "127.0.0.1,::1" || len(p.Dropped) != 0 {
		t.Errorf("a world below localhost: NO_PROXY %q", p.NoProxy)
	}
}

// FuzzNoProxy holds the filter against three readers: Go's, the suffix match
// without regard for labels that requests and wget have, and curl's.
func FuzzNoProxy(f *testing.F) {
	for _, e := range []string{"*", ".com", "*.example.com:443", "a.example.com", "1.0.0.0/8", "::ffff:1.1.1.1", "corp.test", "EXAMPLE.com.", "bücher.example", "[::1]:80", "http://x@example.com:1/", "<local>"} {
		f.Add(e)
	}
	world := []string{"example.com", "*.example.com", "xn--bcher-kva.example", "1.1.1.1"}
	f.Fuzz(func(t *testing.T, list string) {
		p, err := New(Input{Proxy: "127.0.0.1:1", Admin: "127.0.0.1:2", World: world, GOOS: "linux",
			Inherited: []string{"NO_PROXY=" + strings.ReplaceAll(list, "\x00", "")}})
		if err != nil {
			t.Fatal(err)
		}
		goProxy := (&httpproxy.Config{HTTPSProxy: "http://127.0.0.1:1", NoProxy: p.NoProxy}).ProxyFunc()
		for _, host := range []string{"example.com", "a.example.com", "x.y.example.com", "xn--bcher-kva.example", "1.1.1.1"} {
			for _, authority := range []string{host, host + ":8443"} {
				if u, err := goProxy(&url.URL{Scheme: "https", Host: authority}); u == nil {
					t.Errorf("Go keeps %s from the proxy by NO_PROXY=%q (%v)", authority, p.NoProxy, err)
				}
			}
			for _, entry := range strings.Split(p.NoProxy, ",") {
				suffix := strings.ToLower(strings.TrimLeft(strings.TrimPrefix(entry, "*"), "."))
				if strings.HasSuffix(host, suffix) {
					t.Errorf("a suffix match keeps %s from the proxy by %q", host, entry)
				}
			}
		}
	})
}

func BenchmarkNew(b *testing.B) {
	in := input()
	in.Inherited = []string{"HOME=/root", "NO_PROXY=.corp.test,10.0.0.0/8,example.com", "CF_API_KEY=x"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(in); err != nil {
			b.Fatal(err)
		}
	}
}
