package accessemu

import (
	"fmt"
	"strings"
	"testing"
)

func TestMatchOne(t *testing.T) {
	for _, c := range []struct {
		domain string
		yes    string
		no     string
	}{
		{"example.com", "example.com/ example.com/x", "a.example.com/ example.org/ xexample.com/"},
		{"example.com/*", "example.com/ example.com/x", "a.example.com/"},
		{"EXAMPLE.com.", "example.com/", "a.example.com/"},
		{"bücher.example", "xn--bcher-kva.example/", "bcher.example/"},
		{"*.example.com", "a.example.com/ a-b.example.com/x", "example.com/ a.b.example.com/ .example.com/ a.example.com.evil.test/ aexample.com/"},
		{"*.*.example.com", "a.b.example.com/", "a.example.com/ a.b.c.example.com/"},
		{"*test.example.com", "test.example.com/ alphatest.example.com/", "beta.test.example.com/ testx.example.com/"},
		{"test*.example.com", "test.example.com/ test1.example.com/", "atest.example.com/ test.a.example.com/"},
		{"a*z.example.com", "az.example.com/ abcz.example.com/", "a.example.com/ aza.example.com/"},
		{"*-worker.acme.workers.dev", "1a2b-worker.acme.workers.dev/", "worker.acme.workers.dev/"},
		{"a.*.example.com", "a.b.example.com/ a.c.example.com/x", "b.b.example.com/ a.example.com/"},
		{"e.com/eng", "e.com/eng e.com/eng/ e.com/eng/exec", "e.com/ e.com/english e.com/ENG e.com/x/eng"},
		{"e.com/eng/", "e.com/eng e.com/eng/exec", "e.com/english"},
		{"e.com/alpha/*", "e.com/alpha/one e.com/alpha/one/two e.com/alpha/", "e.com/alpha e.com/ e.com/alphabet/one"},
		{"e.com/foo*/bar", "e.com/foo/bar e.com/food/bar e.com/food/stuff/bar e.com/foo/bar/ e.com/foo/bar/x e.com/foo/barn/bar/x", "e.com/foo e.com/foo/barn e.com/fo/bar"},
		{"e.com/*/admin", "e.com/a/admin e.com/a/b/admin e.com/a/admin/ e.com/a/admin/x e.com/a/adminx/admin", "e.com/admin e.com/a/adminx e.com/a/admin%2Fx"},
		{"e.com/foo*/bar/", "e.com/foo/bar e.com/foo/bar/ e.com/foo/bar/x", "e.com/foo/barn"},
		{"e.com/foo*/", "e.com/foo/ e.com/foo/x e.com/food/x", "e.com/foo e.com/food"},
		{"e.com/x*aa", "e.com/xaaa e.com/xaaa/b", "e.com/xaaab"},
		{"e.com/a*b/c*d", "e.com/ab/cd e.com/axb/cyd e.com/axb/z/b/c/d", "e.com/ab/c e.com/ab/d"},
		{"e.com/a b", "e.com/a%20b e.com/a%20b/c", "e.com/a"},
		{"e.com/%61dmin", "e.com/admin", "e.com/%61dmin%"},
		{"e.com/a%2fb", "e.com/a%2Fb", "e.com/a/b"},
	} {
		config := testConfig(t, Application{Domain: c.domain, Policies: []PolicyRef{allow("", EveryoneRule{})}})
		for want, list := range map[bool]string{true: c.yes, false: c.no} {
			for _, target := range strings.Fields(list) {
				host, path, _ := strings.Cut(target, "/")
				if _, _, got := config.Match(host, "/"+path); got != want {
					t.Errorf("%s covers %s: %t, want %t", c.domain, target, got, want)
				}
				if want && !config.index.guards(host) {
					t.Errorf("%s does not guard %s", c.domain, host)
				}
			}
		}
	}
}

func TestMatchPrecedence(t *testing.T) {
	for _, c := range []struct{ target, domains string }{ // the first one wins, in whatever order they are put
		{"a.example.com/x", "a.example.com *.example.com"},
		{"a.example.com/x", "a.example.com *.example.com/x"},
		{"atest.example.com/", "*test.example.com *.example.com"},
		{"atest.example.com/x", "*test.example.com *.example.com/x"},
		{"a.b.example.com/", "a.*.example.com/ *.*.example.com"},
		{"a.b.example.com/", "*.b.example.com *.*.example.com"},
		{"e.com/a/b/c", "e.com/a/b e.com/a e.com"},
		{"e.com/a/b", "e.com/a/* e.com/a"},
		{"e.com/a", "e.com/a e.com/a/*"},
		{"e.com/foo/bar", "e.com/foo*/bar e.com/foo"},
		{"e.com/a/x/b", "e.com/a/*/b e.com/*/b e.com/*"},
		{"a.example.com/y", "*.example.com a.example.com/x"},
	} {
		list := strings.Fields(c.domains)
		for _, backwards := range []bool{false, true} {
			config := edit(t, testConfig(t), func(x *Txn) {
				for i := range list {
					j := i
					if backwards {
						j = len(list) - 1 - i
					}
					if err := x.PutApp(Application{ID: list[j], Domain: list[j], Policies: []PolicyRef{allow("", EveryoneRule{})}}); err != nil {
						t.Fatal(err)
					}
				}
			})
			host, path, _ := strings.Cut(c.target, "/")
			app, _, ok := config.Match(host, "/"+path)
			if !ok || app.ID != list[0] {
				t.Errorf("%s among %s (backwards %t): %v", c.target, c.domains, backwards, app)
			}
		}
	}
}

func TestOldestPrecedesAmongEquals(t *testing.T) {
	config := edit(t, testConfig(t), func(x *Txn) {
		for _, domain := range []string{"a*.example.com", "*b.example.com"} {
			if err := x.PutApp(Application{ID: domain, Domain: domain}); err != nil {
				t.Fatal(err)
			}
		}
	})
	config = edit(t, config, func(x *Txn) {
		_ = x.PutApp(Application{ID: "a*.example.com", Domain: "a*.example.com", Name: "changed"})
	})
	if app, _, _ := config.Match("ab.example.com", "/"); app == nil || app.Name != "changed" {
		t.Errorf("%v", app)
	}
}

// TestMatchAgreesWithScan compares the index with a look at every route.
func TestMatchAgreesWithScan(t *testing.T) {
	hosts := []string{"a.e.com", "b.e.com", "*.e.com", "a*.e.com", "*a.e.com", "*.*.com", "e.com", "*.a.e.com"}
	suffixes := []string{"", "/x", "/x/*", "/x*", "/*/y", "/x/y", "/x*/y*"}
	config := edit(t, testConfig(t), func(x *Txn) {
		for _, h := range hosts {
			for _, p := range suffixes {
				if err := x.PutApp(Application{ID: h + p, Domain: h + p}); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
	check := func(config *Config) {
		for _, host := range []string{"a.e.com", "b.e.com", "aa.e.com", "e.com", "x.a.e.com", "f.com", "z.e.com", "com", ""} {
			for _, path := range []string{"/", "/x", "/x/", "/x/y", "/xx", "/xx/y", "/q/y", "/x/y/z", "/x/zz/y"} {
				var best *route
				for app := range config.Apps() {
					for _, r := range app.routes {
						if r.host.match(host) && r.path.match([]byte(path)) && (best == nil || r.precedes(best)) {
							best = r
						}
					}
				}
				if got := config.index.match(host, path); got != best {
					t.Errorf("%s%s: %v, want %v", host, path, got, best)
				}
			}
		}
	}
	check(config)
	n := 0
	for app := range config.Apps() {
		if n++; n%3 == 0 {
			config = edit(t, config, func(x *Txn) { x.DeleteApp(app.ID) })
		}
	}
	check(config)
	config = edit(t, config, func(x *Txn) {
		for app := range config.Apps() {
			x.DeleteApp(app.ID)
		}
	})
	if config.index.literal.Len() != 0 || config.index.wild.Len() != 0 || config.auds.Len() != 0 {
		t.Error("deleting all applications leaves something behind")
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	for _, kind := range []string{"literal", "wildcard", "path"} {
		config := benchConfig(t, kind, 1000)
		if n := testing.AllocsPerRun(10, func() {
			config.index.match("x.zone000500.example.com", "/team000500/x")
			config.index.match("one.example.com", "/team000500/x")
		}); n != 0 {
			t.Errorf("%s: %v allocations", kind, n)
		}
	}
}

func TestDestinations(t *testing.T) {
	app := Application{Domain: "a.e.com", SelfHostedDomains: []string{"old.e.com"}, Destinations: []Destination{{Type: "public", URI: "b.e.com"}, {Type: "public", URI: "a.e.com"}, {Type: "", URI: "c.e.com/x"}}}
	config := testConfig(t, app)
	for host, want := range map[string]bool{"a.e.com": true, "b.e.com": true, "c.e.com": true, "old.e.com": false} {
		if got := config.index.guards(host); got != want {
			t.Errorf("%s: %t", host, got)
		}
	}
	app.Destinations = nil
	if !testConfig(t, app).index.guards("old.e.com") {
		t.Error("self_hosted_domains is not heeded")
	}
}

func ExampleConfig_Match() {
	c, _ := NewConfig(Settings{})
	t := c.Txn()
	for _, domain := range []string{"*.example.com", "app.example.com/admin"} {
		if err := t.PutApp(Application{Domain: domain}); err != nil {
			fmt.Println(err)
		}
	}
	c, _ = t.Commit()
	_, destination, _ := c.Match("app.example.com", "/admin/users")
	fmt.Println(destination)
	// Output: app.example.com/admin
}
