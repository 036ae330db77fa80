package accessemu

import (
	"crypto/rsa"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func (w *world) request(method, target string, headers ...string) *Request {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	host, port := splitHost(r.Host)
	return &Request{Host: host, Port: port, HTTP: r, Client: w.client}
}

var sink Decision

func BenchmarkDecideWarm(b *testing.B) {
	w := newWorld(b)
	r := w.request("GET", "https://"+hostA+"/d/abc/overview", "Cookie", "theme=dark; CF_Authorization="+w.token("alice@example.com"))
	if d := w.config.Decide(w.state, r); d.Verdict != Forward {
		b.Fatal(d.Why)
	}
	b.ReportAllocs()
	for b.Loop() {
		sink = w.config.Decide(w.state, r)
	}
}

func BenchmarkDecideUnprotected(b *testing.B) {
	w := newWorld(b)
	r := w.request("GET", "https://internal.example.com/d/abc/overview")
	b.ReportAllocs()
	for b.Loop() {
		sink = w.config.Decide(w.state, r)
	}
}

func BenchmarkDecideCold(b *testing.B) {
	w := newWorld(b)
	token := w.token("alice@example.com")
	r := w.request("GET", "https://"+hostA+"/d/abc/overview", headerToken, token)
	place := w.state.cache.place(token)
	b.ReportAllocs()
	for b.Loop() {
		place.Store(nil)
		sink = w.config.Decide(w.state, r)
	}
}

// BenchmarkDecideManyReadings is the most that a path can cost.
func BenchmarkDecideManyReadings(b *testing.B) {
	app := appA()
	app.Domain = hostA + "/admin"
	w := newWorld(b, app)
	const part = "/..%2f;/%5c./%252e;%2500/%20%253b/%c0%ae"
	r := w.request("GET", "https://"+hostA+strings.Repeat(part, maxRawPath/2/len(part)))
	if d := w.config.Decide(w.state, r); d.Verdict != Ambiguous {
		b.Fatal(d.Why)
	}
	b.ReportAllocs()
	for b.Loop() {
		sink = w.config.Decide(w.state, r)
	}
}

// BenchmarkBareVerify is what BenchmarkDecideCold cannot be faster than.
func BenchmarkBareVerify(b *testing.B) {
	w := newWorld(b)
	token := w.token("alice@example.com")
	key := &rsa.PublicKey{}
	*key = w.state.ring.pair.Load().current.private.PublicKey
	b.ReportAllocs()
	for b.Loop() {
		jws, err := jose.ParseSignedCompact(token, algorithms)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := jws.Verify(key); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, kind := range []string{"literal", "wildcard", "path", "none"} {
		for _, n := range []int{10, 1000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", kind, n), func(b *testing.B) {
				c := benchConfig(b, kind, n)
				host, path := fmt.Sprintf("host%06d.example.com", n/2), "/d/abc"
				switch kind {
				case "wildcard":
					host = fmt.Sprintf("x.zone%06d.example.com", n/2)
				case "path":
					host, path = "one.example.com", fmt.Sprintf("/team%06d/d/abc", n/2)
				case "none":
					host = "elsewhere.example.org"
				}
				if r := c.index.match(host, path); (r == nil) != (kind == "none") {
					b.Fatalf("match = %v", r)
				}
				b.ReportAllocs()
				for b.Loop() {
					c.index.match(host, path)
				}
			})
		}
	}
}

func benchConfig(b testing.TB, kind string, n int) *Config {
	return edit(b, testConfig(b), func(x *Txn) {
		for i := range n {
			domain := fmt.Sprintf("host%06d.example.com", i)
			switch kind {
			case "wildcard":
				domain = fmt.Sprintf("*.zone%06d.example.com", i)
			case "path":
				domain = fmt.Sprintf("one.example.com/team%06d", i)
			}
			if err := x.PutApp(Application{Domain: domain, Policies: []PolicyRef{allow("", EveryoneRule{})}}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEdit is one more application beside many.
func BenchmarkEdit(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := benchConfig(b, "literal", n)
			app := appA()
			b.ReportAllocs()
			for b.Loop() {
				x := c.Txn()
				if err := x.PutApp(app); err != nil {
					b.Fatal(err)
				}
				if _, err := x.Commit(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPrepare(b *testing.B) {
	w := newWorld(b)
	r := w.request("GET", "https://"+hostA+"/", headerToken, w.token("alice@example.com"))
	d := w.config.Decide(w.state, r)
	h := http.Header{"Accept": {"*/*"}, "User-Agent": {"bench"}, "Cookie": {"a=b"}}
	b.ReportAllocs()
	for b.Loop() {
		d.Prepare(h)
	}
}
