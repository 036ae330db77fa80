package audit

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fakeWorld answers as its entrypoints say: guarded ones let in whom they name, the others everybody.
type fakeWorld struct {
	points []Entrypoint
	lets   map[string][]string // names let in, by URL
}

func (w fakeWorld) ask(e *Entrypoint, path string, p Principal) Answer {
	at := w.covering(e.Host, path)
	if at == nil {
		return Answer{}
	}
	x := Answer{Identity: at.Identity}
	if at.Guard == "" {
		x.Enters = true
		return x
	}
	for _, policy := range at.Policies {
		if policy.Decision == "bypass" && policy.Everyone {
			x.Enters, x.Bypass = true, true
			return x
		}
	}
	x.Enters = slices.Contains(w.lets[at.URL()], p.Name) && p.Name != ""
	return x
}

// covering is the entrypoint with the longest path that is before the asked one.
func (w fakeWorld) covering(host, path string) (best *Entrypoint) {
	for i := range w.points {
		e := &w.points[i]
		if e.Host == host && strings.HasPrefix(path, e.Path) && (best == nil || len(e.Path) > len(best.Path)) {
			best = e
		}
	}
	return best
}

func open(host, path, identity string) Entrypoint {
	return Entrypoint{Host: host, Path: path, Kind: Tunnel, Reaches: "it", Identity: identity, Where: host + ".yaml:1:1"}
}

func shut(host, path, identity string, policies ...Policy) Entrypoint {
	e := open(host, path, identity)
	e.Guard, e.Policies = "App", policies
	return e
}

func kind(e Entrypoint, k Kind) Entrypoint { e.Kind = k; return e }

var (
	day    = time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)
	openTo = Policy{Name: "open", Decision: "bypass", Words: "everybody", Everyone: true, Where: "s.yaml:9:9"}
	office = Policy{Name: "office", Decision: "bypass", Words: "clients of 203.0.113.0/24", Where: "s.yaml:9:9"}
)

func TestFailures(t *testing.T) {
	ignored := open("a.example.com", "/", "x")
	ignored.Ignored, ignored.IgnoredWhere = true, "config.yml:2:3"
	ignoredToo := ignored
	ignoredToo.Host = "b.example.com"
	forged := shut("a.example.com", "/", "x")
	forged.Forgers = []Principal{{Role: Forger, Name: "aud alg-none", Label: "alg-none"}, {Role: Forger, Name: "expired"}}
	for _, c := range []struct {
		name   string
		points []Entrypoint
		want   []string // rule, URLs, where
	}{
		{"nothing is guarded", []Entrypoint{open("a.example.com", "/", "x"), open("b.example.com", "/", "x")}, nil},
		{"all is guarded", []Entrypoint{shut("a.example.com", "/", "x"), shut("b.example.com", "/", "x")}, nil},
		{"another target", []Entrypoint{shut("a.example.com", "/", "x"), open("b.example.com", "/", "y")}, nil},
		{"no target", []Entrypoint{shut("a.example.com", "/", ""), open("b.example.com", "/", "")}, nil},
		{"the same target", []Entrypoint{shut("a.example.com", "/", "x"), open("b.example.com", "/", "x")},
			[]string{"unprotected-sibling https://b.example.com/ b.example.com.yaml:1:1"}},
		{"a path of the other", []Entrypoint{shut("a.example.com", "/", "x"), open("b.example.com", "/api/*", "x")},
			[]string{"unprotected-sibling https://b.example.com/api/* b.example.com.yaml:1:1"}},
		{"only a path is guarded", []Entrypoint{open("a.example.com", "/", "x"), shut("a.example.com", "/admin", "x")}, nil},
		{"and not of the other", []Entrypoint{open("a.example.com", "/", "x"), shut("a.example.com", "/admin", "x"), open("b.example.com", "/", "x")},
			[]string{"unprotected-sibling https://b.example.com/admin b.example.com.yaml:1:1"}},
		{"of the other, too", []Entrypoint{open("a.example.com", "/", "x"), shut("a.example.com", "/admin", "x"), open("b.example.com", "/", "x"), shut("b.example.com", "/admin", "x")}, nil},
		{"two guards, one failure a host", []Entrypoint{shut("a.example.com", "/", "x"), shut("c.example.com", "/", "x"), open("b.example.com", "/", "x")},
			[]string{"unprotected-sibling https://b.example.com/ b.example.com.yaml:1:1"}},
		{"bypass", []Entrypoint{shut("a.example.com", "/", "x", openTo)}, []string{"bypass https://a.example.com/ s.yaml:9:9"}},
		{"bypass of some", []Entrypoint{shut("a.example.com", "/", "x", office)}, []string{"bypass https://a.example.com/ s.yaml:9:9"}},
		{"a bypassed sibling is told once", []Entrypoint{shut("a.example.com", "/", "x"), shut("b.example.com", "/", "x", openTo)},
			[]string{"bypass https://b.example.com/ s.yaml:9:9"}},
		{"an ignored block is told once", []Entrypoint{ignored, ignoredToo}, []string{"ignored-access-block https://a.example.com/,https://b.example.com/ config.yml:2:3"}},
		{"a forgery", []Entrypoint{forged}, []string{"forged-credential https://a.example.com/ a.example.com.yaml:1:1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := fakeWorld{c.points, map[string][]string{"https://a.example.com/": {"aud alg-none"}}}
			r := Run(c.points, nil, day, w.ask)
			var got []string
			for _, f := range r.Failures {
				got = append(got, string(f.Rule)+" "+strings.Join(f.URLs, ",")+" "+f.Where)
				if f.Text == "" || f.Mend == "" || strings.Contains(f.Text+f.Mend, "\n") {
					t.Errorf("%+v", f)
				}
				if f.Rule == ForgedCredential && !strings.HasSuffix(f.Text, ": alg-none") {
					t.Errorf("forgeries told: %s", f.Text)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if r.OK() != (c.want == nil) || len(r.Entrypoints) != len(c.points) {
				t.Errorf("OK %v, %d entrypoints", r.OK(), len(r.Entrypoints))
			}
		})
	}
}

func TestMendNamesTheSwitch(t *testing.T) {
	for k, want := range map[Kind]string{
		WorkersDev: `"workers_dev": false`, Preview: `"preview_urls": false`, Tunnel: "sundog protect b.example.com --allow", Route: "sundog protect b.example.com --allow",
	} {
		points := []Entrypoint{shut("a.example.com", "/", "x"), kind(open("b.example.com", "/", "x"), k)}
		r := Run(points, nil, day, fakeWorld{points: points}.ask)
		if len(r.Failures) != 1 || !strings.Contains(r.Failures[0].Mend, want) {
			t.Errorf("%s: %+v", k, r.Failures)
		}
	}
}

func TestAccept(t *testing.T) {
	points := []Entrypoint{shut("a.example.com", "/", "x"), open("b.example.com", "/", "x")}
	const failed = "unprotected-sibling"
	for _, c := range []struct {
		name     string
		accepted []Accepted
		failures []string
		let      int
		text     string // of the last failure, in part
	}{
		{"by host", []Accepted{{Host: "b.example.com", Reason: "checks a key"}}, nil, 1, ""},
		{"by host and path", []Accepted{{Host: "b.example.com/", Reason: "checks a key"}}, nil, 1, ""},
		{"until today", []Accepted{{Host: "b.example.com", Reason: "checks a key", Until: "2026-06-30"}}, nil, 1, ""},
		{"until yesterday", []Accepted{{Host: "b.example.com", Reason: "checks a key", Until: "2026-06-29"}}, []string{failed}, 0, "; it was accepted until 2026-06-29"},
		{"no reason", []Accepted{{Host: "b.example.com"}}, []string{failed, "accept-incomplete"}, 0, "says no reason"},
		{"no date", []Accepted{{Host: "b.example.com", Reason: "x", Until: "soon"}}, []string{failed, "accept-incomplete"}, 0, `the date "soon"`},
		{"another host", []Accepted{{Host: "c.example.com", Reason: "x"}}, []string{failed, "accept-unused"}, 0, "accepts nothing"},
		{"what does not fail", []Accepted{{Host: "b.example.com", Reason: "x"}, {Host: "a.example.com", Reason: "x"}}, []string{"accept-unused"}, 1, "accepts nothing"},
		{"the later of two", []Accepted{{Host: "b.example.com", Reason: "x", Until: "2020-01-01"}, {Host: "b.example.com/", Reason: "y", Until: "2030-01-01"}}, nil, 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Run(points, c.accepted, day, fakeWorld{points: points}.ask)
			var got []string
			for _, f := range r.Failures {
				got = append(got, string(f.Rule))
			}
			if diff := cmp.Diff(c.failures, got); diff != "" {
				t.Error(diff)
			}
			if len(r.Accepted) != c.let {
				t.Errorf("accepted: %+v", r.Accepted)
			}
			if n := len(r.Failures); n > 0 && !strings.Contains(r.Failures[n-1].Text, c.text) {
				t.Errorf("text: %s", r.Failures[n-1].Text)
			}
		})
	}
	points = []Entrypoint{shut("a.example.com", "/", "x")}
	points[0].Forgers = []Principal{{Role: Forger, Name: "alg-none"}}
	r := Run(points, []Accepted{{Host: "a.example.com", Reason: "x"}}, day, fakeWorld{points, map[string][]string{"https://a.example.com/": {"alg-none"}}}.ask)
	if len(r.Failures) != 2 || r.Failures[0].Rule != ForgedCredential || r.Failures[1].Rule != AcceptUnused {
		t.Errorf("a forgery is accepted: %+v", r)
	}
}

func TestWho(t *testing.T) {
	allowAlice := Policy{Name: "alice", Decision: "allow", Words: "alice@example.com"}
	staff := Policy{Name: "staff", Decision: "allow", Words: "any e-mail address ending in @example.com, who must also be in FR"}
	robots := Policy{Name: "robots", Decision: "non_identity", Words: "any valid service token"}
	alice := Principal{Role: Person, Name: "alice@example.com"}
	anyStaff := Principal{Role: Person, Name: "x@example.com", Label: "anyone @example.com"}
	ci := Principal{Role: ServiceToken, Name: "ci"}
	nobody := Principal{Role: Nobody, Name: "nobody"}
	for _, c := range []struct {
		name     string
		policies []Policy
		asked    []Principal
		lets     []string
		want     []string
	}{
		{"nobody", nil, nil, nil, []string{"nobody"}},
		{"one", []Policy{allowAlice}, []Principal{alice}, []string{alice.Name}, []string{"alice@example.com"}},
		{"a domain", []Policy{staff}, []Principal{anyStaff}, []string{anyStaff.Name}, []string{"anyone @example.com"}},
		{"one who must be more", []Policy{staff}, []Principal{anyStaff}, nil, []string{staff.Words}},
		{"a policy without an address", []Policy{staff}, nil, nil, []string{staff.Words}},
		{"two policies, one kept", []Policy{allowAlice, staff}, []Principal{alice, {Role: Person, Name: "x@example.com", Policy: 1}}, []string{alice.Name}, []string{"alice@example.com", staff.Words}},
		{"a machine", []Policy{robots}, []Principal{ci}, []string{"ci"}, []string{"service token ci"}},
		{"no machine there", []Policy{robots}, []Principal{ci}, nil, []string{"any valid service token"}},
		{"some without a login", []Policy{office, allowAlice}, []Principal{{Role: Person, Name: alice.Name, Policy: 1}}, []string{alice.Name}, []string{alice.Name, "without a login: clients of 203.0.113.0/24"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := shut("a.example.com", "/", "x", c.policies...)
			e.Asked = c.asked
			points := []Entrypoint{e}
			r := Run(points, nil, day, fakeWorld{points, map[string][]string{e.URL(): c.lets}}.ask)
			slices.Sort(r.Entrypoints[0].Who)
			slices.Sort(c.want)
			if diff := cmp.Diff(c.want, r.Entrypoints[0].Who); diff != "" || r.Entrypoints[0].Public {
				t.Error(diff)
			}
		})
	}
	everybody := shut("a.example.com", "/", "x", allowAlice)
	everybody.Asked = []Principal{alice}
	r := Run([]Entrypoint{everybody}, nil, day, func(_ *Entrypoint, _ string, p Principal) Answer {
		return Answer{Enters: p.Role == nobody.Role || p == alice}
	})
	if diff := cmp.Diff([]string{"anyone who logs in"}, r.Entrypoints[0].Who); diff != "" {
		t.Error(diff)
	}
	r = Run([]Entrypoint{open("a.example.com", "/", "x")}, nil, day, fakeWorld{points: []Entrypoint{open("a.example.com", "/", "x")}}.ask)
	if !r.Entrypoints[0].Public || r.Entrypoints[0].Who[0] != "anyone, without a login" {
		t.Errorf("%+v", r.Entrypoints[0])
	}
}
