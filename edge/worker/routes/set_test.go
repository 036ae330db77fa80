package routes

import (
	"errors"
	"strings"
	"testing"
)

func set(t testing.TB, patterns ...string) (s Set) {
	t.Helper()
	for _, p := range patterns {
		pattern, script, _ := strings.Cut(p, " ")
		var err error
		if s, err = s.With(pattern, pattern, script); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestFind(t *testing.T) {
	all := []string{
		"example.com/* site", "example.com/images* any-images", "example.com/images/* images", "*.example.com/a sub-a", "a.example.com/* a", "*example.com/loose loose",
		"https://secure.example.com/* secure", "example.com/exact exact", "example.com/off*",
	}
	for _, tt := range []struct{ name, scheme, host, uri, want string }{
		{"the whole host", "https", "example.com", "/", "site"},
		{"more segments do not win over a wildcard that is no segment", "https", "example.com", "/images/hello", "any-images"},
		{"a literal host wins over a longer path", "https", "a.example.com", "/a", "a"},
		{"a wildcard of subdomains", "https", "b.example.com", "/a", "sub-a"},
		{"is not for the zone itself", "https", "example.com", "/a", "site"},
		{"nor for other paths", "https", "b.example.com", "/b", ""},
		{"a wildcard in a label takes other names", "https", "myexample.com", "/loose", "loose"},
		{"and subdomains", "https", "deep.example.com", "/loose", "loose"},
		{"the scheme of the pattern", "https", "secure.example.com", "/", "secure"},
		{"is not the other one", "http", "secure.example.com", "/", ""},
		{"no wildcard means this very path", "https", "example.com", "/exact", "exact"},
		{"without a query", "https", "example.com", "/exact?x=1", "site"},
		{"paths have case", "https", "example.com", "/Exact", "site"},
		{"a route to nobody", "https", "example.com", "/off/x", "-"},
		{"another zone", "https", "other.org", "/", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, ok := set(t, all...).Find(tt.scheme, tt.host, tt.uri)
			got := m.Script
			if ok && got == "" {
				got = "-"
			}
			if got != tt.want {
				t.Errorf("%s://%s%s goes to %q by %v; want %q", tt.scheme, tt.host, tt.uri, got, m.Pattern, tt.want)
			}
		})
	}
}

func TestWithoutLeavesTheOthers(t *testing.T) {
	both := set(t, "example.com/* one", "example.com/a* two")
	one := both.Without("example.com/a*", "example.com/a*")
	if m, _ := one.Find("https", "example.com", "/a"); m.Script != "one" {
		t.Errorf("got %q", m.Script)
	}
	if m, _ := both.Find("https", "example.com", "/a"); m.Script != "two" {
		t.Errorf("the old set changed: %q", m.Script)
	}
	if none := one.Without("example.com/*", "example.com/*"); none.Len() != 0 {
		t.Error("something is left")
	}
}

func TestOn(t *testing.T) {
	s := set(t, "example.com/* site", "example.com/api/* api", "*.example.com/* sub", "*ample.com/x loose", "other.org/* other")
	got := map[string]bool{}
	for _, m := range s.On("example.com") {
		got[m.Script] = true
	}
	if len(got) != 3 || !got["site"] || !got["api"] || !got["loose"] {
		t.Errorf("got %v", got)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ pattern, why string }{
		{"", "names no host"},
		{"/x", "names no host"},
		{"ftp://example.com/", "scheme"},
		{"example.com/a*b", "inside the path"},
		{"a*.example.com/", "inside the host"},
		{"**.example.com/", "inside the host"},
		{"example.com/?a=*", "query"},
		{"example.com:8080/*", "port"},
		{"*/*", "wildcard alone"},
	} {
		_, err := Parse(tt.pattern)
		var bad *Error
		if !errors.As(err, &bad) || !strings.Contains(bad.Why, tt.why) {
			t.Errorf("%q: %v; want something about %q", tt.pattern, err, tt.why)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"example.com/*", "*.example.com/a", "https://*example.com", "a/*b", "*"} {
		f.Add(seed, "x.example.com", "/a?b")
	}
	f.Fuzz(func(t *testing.T, pattern, host, uri string) {
		s, err := Set{}.With("id", pattern, "w")
		if err != nil {
			return
		}
		host = strings.ToLower(host)
		p, _ := Parse(pattern)
		_, found := s.Find("https", host, uri)
		if len(host) <= 254 && found != p.Matches("https", host, uri) {
			t.Errorf("%q finds %q%q: %v", pattern, host, uri, found)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	var s Set
	for _, host := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		for _, path := range []string{"/*", "/api/*", "/api/v1/*"} {
			s, _ = s.With(host+path, host+".example.com"+path, host)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Find("https", "c.example.com", "/api/v1/users")
	}
}
