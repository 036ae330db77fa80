package accessemu

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadings(t *testing.T) {
	for path, want := range map[string][]string{
		"/":                     nil,
		"/a/b.c/~d/.well-known": nil,
		"/a;v=1/b,c:@&=+$!*'()": nil,
		"/a%20b":                {"/a%20b"},
		"/%61%2fb":              {"/a%2Fb", "/a/b"},
		"/a//b":                 {"/a//b", "/a/b"},
		"/a/./b/../c":           {"/a/./b/../c", "/a/c"},
		"/a/%2e%2E/b":           {"/a/../b", "/b"},
		`/a\b`:                  {"/a%5Cb", "/a/b"},
		"/a%5cb":                {"/a%5Cb", "/a/b"},
		"/a//../b":              {"/a//../b", "/a/../b", "/a/b", "/b"},
		"/a%2f..%2fb":           {"/a%2F..%2Fb", "/a/../b", "/b"},
		"/100%":                 {"/100%25"},
		"/%2561dmin":            {"/%2561dmin", "/admin"},
		"/ä":                    {"/%C3%A4"},
		"*":                     {"/"},
		"":                      {"/"},
		"/..":                   {"/..", "/"},
		"/a/..":                 {"/a/..", "/"},
	} {
		if diff := cmp.Diff(want, readings(path)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestPathConfusion(t *testing.T) {
	admin := appA()
	admin.Domain = "e.com/admin"
	open := Application{ID: "open", Name: "open", Domain: "e.com/public", Policies: []PolicyRef{policyOf("bypass", "", EveryoneRule{})}}
	w := newWorld(t, admin, open)
	for path, want := range map[string]Verdict{
		"/admin":                  Login,
		"/admin/":                 Login,
		"/%61dmin":                Login,
		"/admin/%61":              Login,
		"/admin/..%2fx":           Ambiguous,
		"/public/../admin":        Ambiguous,
		"/public/%2e%2e/admin":    Ambiguous,
		"/public/..%2fadmin":      Ambiguous,
		"/public/..%5cadmin":      Ambiguous,
		`/public\..\admin`:        Ambiguous,
		"//admin":                 Ambiguous,
		"/x/..//admin":            Ambiguous,
		"/./admin":                Ambiguous,
		"/x%2f..%2fadmin":         Ambiguous,
		"/%2561dmin":              Ambiguous,
		"/admin%2fx":              Ambiguous,
		"/admin%2f..":             Ambiguous,
		"/public/a%20b":           Bypass,
		"/public/a%2fb":           Bypass,
		"/public//x":              Bypass,
		"/x%20y":                  NoApplication,
		"/ADMIN":                  NoApplication,
		"/cdn-cgi/access/certs":   Endpoint,
		"/cdn-cgi/%61ccess/certs": Endpoint,
	} {
		r := w.request("GET", "https://e.com/")
		u, err := url.ParseRequestURI(strings.ReplaceAll(path, `\`, "%5C"))
		if err != nil {
			t.Fatal(err)
		}
		r.HTTP.URL.Path, r.HTTP.URL.RawPath = u.Path, u.RawPath
		d := w.config.Decide(w.state, r)
		if d.Verdict != want {
			t.Errorf("%s: %s, want %s (%s)", path, d.Verdict, want, d.Why)
		}
		if d.Verdict == Ambiguous && (len(d.Readings) < 2 || !strings.Contains(d.Why, "/admin")) {
			t.Errorf("%s: %v %s", path, d.Readings, d.Why)
		}
	}
}

func FuzzReadings(f *testing.F) {
	for _, seed := range []string{"/", "/a/../b", "/%2e%2e/%2F", `/\..\`, "/%zz%", "*", "//", "/a%2f%2f..%5c", "/%25252e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		list := readings(path)
		if list == nil {
			if canonicalPath(path) != path || decodeOnce(path) != path || removeDots(path) != path || mergeSlashes(path) != path {
				t.Fatalf("%q passes for plain", path)
			}
			return
		}
		if len(list) > maxReadings+3 {
			t.Fatalf("%d readings", len(list))
		}
		for i, p := range list {
			if p[0] != '/' || canonicalPath(p) != p {
				t.Fatalf("%q: reading %q is not canonical (%q)", path, p, canonicalPath(p))
			}
			if slices.Contains(list[:i], p) {
				t.Fatalf("%q: %q twice", path, p)
			}
		}
	})
}
