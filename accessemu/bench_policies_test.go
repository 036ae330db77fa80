package accessemu

import (
	"fmt"
	"testing"
)

// manyPolicies is what an organization of many applications has: five policies
// each, a group, a list and a service token that all of them name.
func manyPolicies(b testing.TB, n int) (*Config, []Application) {
	c := edit(b, testConfig(b), func(x *Txn) {
		_ = x.PutServiceToken(tokenK())
		_ = x.PutGroup(groupOf("office", IPRule{"203.0.113.0/24"}))
		_ = x.PutList(List{ID: "people", Name: "people", Type: "EMAIL", Items: []ListItem{{Value: alice}}})
	})
	apps := make([]Application, n)
	for i := range apps {
		apps[i] = Application{Domain: fmt.Sprintf("host%06d.example.com", i), Policies: []PolicyRef{
			serviceAuth("robots", ServiceTokenRule{"ci"}), policyOf("bypass", "probes", IPRule{"198.51.100.7"}),
			policyOf("deny", "banned", EmailRule{"mallory@example.com"}), allow("listed", EmailListRule{"people"}), allow("office", GroupRule{"office"}),
		}}
	}
	return c, apps
}

func put(b testing.TB, c *Config, apps []Application) *Config {
	return edit(b, c, func(x *Txn) {
		for _, app := range apps {
			if err := x.PutApp(app); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkCompileWorld is every application of a world at once.
func BenchmarkCompileWorld(b *testing.B) {
	c, apps := manyPolicies(b, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		put(b, c, apps)
	}
}

// BenchmarkEditWorld is one application, and one group or service token that
// nobody names, beside 10,000 applications.
func BenchmarkEditWorld(b *testing.B) {
	c, apps := manyPolicies(b, 10_000)
	c = put(b, c, apps)
	fresh := tokenK()
	fresh.ClientSecret = noToken
	for name, f := range map[string]func(*Txn) error{
		"app":           func(x *Txn) error { return x.PutApp(appA()) },
		"group":         func(x *Txn) error { return x.PutGroup(groupOf("new", EmailRule{alice})) },
		"rotated token": func(x *Txn) error { return x.PutServiceToken(fresh) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x := c.Txn()
				if err := f(x); err != nil {
					b.Fatal(err)
				}
				if _, err := x.Commit(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecideAmong is one warm request beside many applications.
func BenchmarkDecideAmong(b *testing.B) {
	for _, n := range []int{10, 1000, 10_000} {
		w := newWorld(b)
		c, apps := manyPolicies(b, n)
		w.config = put(b, c, apps)
		host := apps[n/2].Domain
		app, _, _ := w.config.Match(host, "/")
		token, err := w.state.Token(w.config, app, host, alice, w.client)
		if err != nil {
			b.Fatal(err)
		}
		for name, headers := range map[string][]string{
			"cookie": {"Cookie", "CF_Authorization=" + token}, "service-token": {headerClientID, clientK, headerSecret, secretK},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				r := w.request("GET", "https://"+host+"/x", headers...)
				if d := w.config.Decide(w.state, r); d.Verdict != Forward {
					b.Fatal(d.Why)
				}
				b.ReportAllocs()
				for b.Loop() {
					sink = w.config.Decide(w.state, r)
				}
			})
		}
	}
}

// BenchmarkServiceJWT is what Prepare costs for a service token within one second.
func BenchmarkServiceJWT(b *testing.B) {
	w := newWorld(b).machines()
	r := w.request("GET", pageS, headerClientID, clientK, headerSecret, secretK)
	b.ReportAllocs()
	for b.Loop() {
		d := w.config.Decide(w.state, r)
		h := r.HTTP.Header.Clone()
		d.Prepare(h)
	}
}
