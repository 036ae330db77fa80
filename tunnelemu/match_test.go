package tunnelemu

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
)

// linear is the connector's own way: every rule in turn.
func linear(rules []compiled, host, path string) int {
	for i := range rules {
		if rules[i].matchHost(host) && rules[i].matchPath(path) {
			return i
		}
	}
	return len(rules) - 1
}

func TestDecide(t *testing.T) {
	tunnel := parse(t, strings.ReplaceAll(elevenRules, "tcp://localhost", "http://localhost:9"))
	for _, c := range []struct {
		host, path string
		want       int
		match      Match
	}{
		{"app.example.com", "/api", 0, MatchHost},
		{"app.example.com:8443", "/api", 0, MatchHost},
		{"app.example.com", "/", 2, MatchHost},
		{"APP.example.com", "/", 3, MatchWildcard},
		{"a.b.example.com", "/", 3, MatchWildcard},
		{"example.com", "/", 10, MatchAny},
		{"xn--m-xgaa.cloudflare.com", "/", 5, MatchHost},
		{"upper.example.net", "/", 7, MatchHost},
		{"other.test", "/x.png", 8, MatchAny},
		{"app.example.com.", "/", 10, MatchAny},
		{"", "", 10, MatchAny},
	} {
		d := tunnel.Decide(c.host, c.path)
		if d.Index != c.want || d.Match != c.match || d.Rule.Line != c.want+2 {
			t.Errorf("%s%s: rule %d (line %d) by %s, want %d by %s", c.host, c.path, d.Index, d.Rule.Line, d.Match, c.want, c.match)
		}
	}
}

func TestDecideAllocatesNothing(t *testing.T) {
	tunnel := manyRules(t, 1000)
	for _, host := range []string{"h500.example.com", "h500.example.com:443", "[::1]:443", "x.wild7.test", "nowhere.test"} {
		if n := testing.AllocsPerRun(100, func() { tunnel.Decide(host, "/a") }); n > 0 {
			t.Errorf("%s: %v allocations", host, n)
		}
	}
}

// manyRules has n literal hosts, some wildcards, and a catch-all.
func manyRules(t testing.TB, n int) *Tunnel {
	t.Helper()
	cfg := &Config{}
	for i := range 10 {
		cfg.Ingress = append(cfg.Ingress, Rule{Hostname: fmt.Sprintf("*.wild%d.test", i), Service: "http_status:200"})
	}
	for i := range n {
		cfg.Ingress = append(cfg.Ingress, Rule{Hostname: fmt.Sprintf("h%d.example.com", i), Service: "http_status:200"})
	}
	cfg.Ingress = append(cfg.Ingress, Rule{Service: "http_status:404"})
	tunnel, err := New(cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tunnel.Close)
	return tunnel
}

var (
	someHosts = []string{"", "*", "a", "a.b", "b", "c.a.b", "*.b", "*.a.b", "*.", "*a.b", "A.b", "ä.b", "xn--4ca.b", "*.ä.b", ".b", "a.b.", "*.c.a.b"}
	somePaths = []string{"", "", "", "x", "^/y$", "/x|/z", "y.$"}
)

// rulesOf makes rules from any bytes, two for each: a hostname and a path.
func rulesOf(seed []byte) []compiled {
	cfg := &Config{}
	for i := 0; i+1 < len(seed); i += 2 {
		cfg.Ingress = append(cfg.Ingress, Rule{Hostname: someHosts[int(seed[i])%len(someHosts)], Path: somePaths[int(seed[i+1])%len(somePaths)], Service: "http_status:200"})
	}
	cfg.Ingress = append(cfg.Ingress, Rule{Service: "http_status:404"})
	rules, _ := cfg.compile() // a shadowing rule is an error, and the index must agree on it all the same
	return rules
}

func TestIndexAgainstLinearScan(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		seed := make([]byte, g.IntN(24))
		for i := range seed {
			seed[i] = byte(g.Uint32())
		}
		rules := rulesOf(seed)
		x := newIndex(rules)
		for _, host := range append([]string{"q.c.a.b", "q.b", "x.ä.b", "x.xn--4ca.b", "."}, someHosts...) {
			for _, path := range []string{"/", "/x", "/y", "/z/yy"} {
				if got, want := x.find(host, path), linear(rules, host, path); got != want {
					t.Fatalf("rules %v: %q %q: index says %d, scan says %d", seed, host, path, got, want)
				}
			}
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add([]byte{6, 0, 3, 1, 2, 2}, "a.b:80", "/x")
	f.Add([]byte{8, 0, 9, 3, 12, 0}, "xn--4ca.b", "/y")
	f.Add([]byte{}, "[::1]:80", "")
	f.Fuzz(func(t *testing.T, seed []byte, host, path string) {
		if len(seed) > 200 {
			return
		}
		rules := rulesOf(seed)
		host = dropPort(host)
		if got, want := newIndex(rules).find(host, path), linear(rules, host, path); got != want {
			t.Errorf("index says %d, scan says %d", got, want)
		}
	})
}

func FuzzDropPort(f *testing.F) {
	for _, s := range []string{"a", "a:1", "[::1]:1", "[::1]", "::1", "a:b:c", "[a]b:1", "a[b:1", "[]:", ":", "[a]]:1", "[[a]:1", "a]:1", "[:]:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, _, err := net.SplitHostPort(s)
		if err != nil {
			want = s
		}
		if got := dropPort(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	})
}

// The cost of a host made of dots alone is bounded by the longest wildcard, not by the host.
func TestDecideLongHost(t *testing.T) {
	tunnel := manyRules(t, 10)
	host := strings.Repeat(".", 1<<20)
	if d := tunnel.Decide(host, "/"); d.Match != MatchAny {
		t.Errorf("%+v", d)
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{10, 1000, 100000} {
		tunnel := manyRules(b, n)
		hosts := make([]string, 1024)
		for i := range hosts {
			hosts[i] = fmt.Sprintf("h%d.example.com", i*7919%n)
		}
		b.Run(fmt.Sprintf("literal hosts/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				tunnel.Decide(hosts[i&1023], "/")
				i++
			}
		})
		b.Run(fmt.Sprintf("wildcard/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tunnel.Decide("a.b.wild5.test", "/")
			}
		})
	}
	cfg := &Config{}
	for i := range 1000 {
		cfg.Ingress = append(cfg.Ingress, Rule{Path: fmt.Sprintf("^/p%d/", i), Service: "http_status:200"})
	}
	cfg.Ingress = append(cfg.Ingress, Rule{Service: "http_status:404"})
	tunnel, err := New(cfg, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("path expressions/1000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			tunnel.Decide("a", "/p999/x")
		}
	})
}
