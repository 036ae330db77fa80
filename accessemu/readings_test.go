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
		"/a,c:@&=+$!*'()":       nil,
		"/a;v=1/b":              {"/a;v=1/b", "/a/b"},
		"/a/..;x/b":             {"/a/..;x/b", "/a/../b", "/b"},
		"/a%3Bx":                {"/a%3Bx", "/a;x", "/a"},
		"/a%3fx":                {"/a%3Fx", "/a"},
		"/a%20/b%09%0d":         {"/a%20/b%09%0D", "/a/b"},
		"/a%252fb":              {"/a%252fb", "/a%2Fb", "/a/b"},
		"/%c0%ae%C0%AE/a":       {"/%C0%AE%C0%AE/a", "/../a", "/a"},
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
		got, all := readings(path)
		if diff := cmp.Diff(want, got); diff != "" || !all {
			t.Errorf("%s: all %t %s", path, all, diff)
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
		"/admin;x=1":              Ambiguous,
		"/admin;/x":               Ambiguous,
		"/;/admin":                Ambiguous,
		"/public/..;/admin":       Ambiguous,
		"/x/%2e%2e;/admin":        Ambiguous,
		"/admin%00":               Ambiguous,
		"/x%00y":                  Ambiguous,
		"/admin%2500/x":           Ambiguous,
		"/admin%20":               Ambiguous,
		"/admin%09/x":             Ambiguous,
		"/admin%7f":               Ambiguous,
		"/admin%3b":               Ambiguous,
		"/admin%3fx":              Ambiguous,
		"/admin%23x":              Ambiguous,
		"/x/%252e%252e%252fadmin": Ambiguous,
		"/x%252f..%252fadmin":     Ambiguous,
		"/%c0%ae%c0%ae/admin":     Ambiguous,
		"/public/a;v=1":           Bypass,
		"/public/a%3fb":           Bypass,
		"/x;v=1/y%20":             NoApplication,
		"/admins%20":              NoApplication,
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
		if d.Verdict == Ambiguous && (len(d.Readings) < 2 || !strings.Contains(d.Why, "/admin")) && !strings.Contains(d.Why, "NUL") {
			t.Errorf("%s: %v %s", path, d.Readings, d.Why)
		}
	}
}

func FuzzReadings(f *testing.F) {
	for _, seed := range []string{"/", "/a/../b", "/%2e%2e/%2F", `/\..\`, "/%zz%", "*", "//", "/a%2f%2f..%5c", "/%25252e", "/a;b/..;/c", "/a%00", "/%c0%ae%c1%81%20", "/a%20;%3f%253b//./x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		list, all := readings(path)
		if list == nil {
			if canonicalPath(path) != path || decodeOnce(path) != path {
				t.Fatalf("%q passes for plain", path)
			}
			for i, read := range readSteps {
				if read(path) != path {
					t.Fatalf("%q passes for plain, but step %d makes %q of it", path, i, read(path))
				}
			}
			return
		}
		if len(list) > maxReadings || !all && len(list) < maxReadings {
			t.Fatalf("%d readings, all %t", len(list), all)
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

// TestPathsWithManyReadings are refused where an application is, since the one
// reading that matters may be the one that was not made.
func TestPathsWithManyReadings(t *testing.T) {
	app := appA()
	app.Domain = hostA + "/admin"
	w := newWorld(t, app)
	many := strings.Repeat("/..%2f;/%5c./%252e;%2500/%20%253b/%c0%ae", 8)
	if _, all := readings(many); all {
		t.Fatal("all of these readings were made")
	}
	for path, want := range map[string]string{
		many: "in more ways than are looked at", "/" + strings.Repeat("x", maxRawPath) + "%20": "too long to be read", "/a%00": "holds an encoded NUL",
	} {
		for host, verdict := range map[string]Verdict{hostA: Ambiguous, "free.example.com": NoApplication} {
			d := w.config.Decide(w.state, w.request("GET", "https://"+host+path))
			if d.Verdict != verdict || verdict == Ambiguous && (!strings.Contains(d.Why, want) || d.Mend == "") {
				t.Errorf("%s%.20s: %s, %s", host, path, d.Verdict, d.Why)
			}
		}
	}
}

func TestWhyIsShortWhateverThePath(t *testing.T) {
	app := appA()
	app.Domain = hostA + "/admin"
	w := newWorld(t, app)
	d := w.config.Decide(w.state, w.request("GET", pageA+"admin/"+strings.Repeat("x", 4000)+"/..%2f..%2f"))
	if d.Verdict != Ambiguous || len(d.Why) > 700 || len(d.Readings) < 2 || len(d.Readings[0].Path) < 4000 {
		t.Errorf("%s, %d bytes: %s", d.Verdict, len(d.Why), d.Why)
	}
}

// TestCaseIsSaid: paths differ by case, and the decision says what a server
// that ignores case makes of that.
func TestCaseIsSaid(t *testing.T) {
	everyone := []PolicyRef{allow("", EmailDomainRule{"example.com"})}
	config := testConfig(t,
		Application{ID: "admin", Domain: "e.com/admin", Policies: everyone},
		Application{ID: "Shop", Domain: "e.com/Shop*/x", Policies: everyone},
		Application{ID: "open", Domain: "open.com", Policies: []PolicyRef{policyOf("bypass", "", EveryoneRule{})}},
		Application{ID: "inside", Domain: "open.com/inside", Policies: everyone})
	w := newWorld(t)
	for target, say := range map[string]string{
		"e.com/ADMIN": "e.com/admin", "e.com/Admin/X": "e.com/admin", "e.com/shop/x": "e.com/Shop*/x", "open.com/Inside": "open.com/inside",
		"e.com/X": "", "e.com/x": "", "open.com/X": "", "free.com/ADMIN": "", "e.com/Shop/x": "", "e.com/admin": "",
	} {
		d := config.Decide(w.state, w.request("GET", "https://"+target))
		if said := strings.Contains(d.Why, "ignores case"); said != (say != "") || !strings.Contains(d.Why, say) {
			t.Errorf("%s: %s", target, d.Why)
		}
	}
	config = edit(t, config, func(x *Txn) { x.DeleteApp("Shop") })
	if d := config.Decide(w.state, w.request("GET", "https://e.com/shop/x")); strings.Contains(d.Why, "ignores case") {
		t.Error(d.Why)
	}
	r := w.request("GET", "https://e.com/Mixed/Case")
	if n := testing.AllocsPerRun(10, func() { sink = config.Decide(w.state, r) }); n != 0 {
		t.Errorf("a path in mixed case: %v allocations", n)
	}
}
