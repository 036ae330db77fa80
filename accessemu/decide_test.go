package accessemu

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestDecideAs(t *testing.T) {
	w := newWorld(t)
	for email, want := range map[string]Verdict{"Alice@example.com": Forward, "mallory@evil.test": Login, "": Login} {
		r := w.request("GET", pageA)
		r.As = email
		if d := w.config.Decide(nil, r); d.Verdict != want {
			t.Errorf("%q: %s (%s)", email, d.Verdict, d.Why)
		}
	}
}

// TestWhy fixes the sentences that traces and error pages show.
func TestWhy(t *testing.T) {
	w := newWorld(t)
	app := appA()
	app.Domain, app.ID, app.Name = "geo.example.com", "geo", ""
	app.Policies[0].Require = rulesOf(GeoRule{"FR"})
	w.config = edit(t, w.config, func(x *Txn) {
		_ = x.PutApp(app)
		_ = x.PutApp(Application{ID: "nobody", Domain: "nobody.example.com"})
		_ = x.PutApp(Application{ID: "denied", Domain: "denied.example.com", Policies: []PolicyRef{policyOf("deny", "abroad", GeoRule{"DE"}), allow("", EveryoneRule{})}})
	})
	for _, c := range []struct {
		host, as, verdict, why, field string
	}{
		{hostA, "", "login", `application "Grafana" (app.example.com): nobody is signed in; it admits any e-mail address ending in @example.com (policy "staff")`, ""},
		{hostA, "bob@evil.test", "login", `application "Grafana" (app.example.com): bob@evil.test is signed in, but no policy admits that address; it admits any e-mail address ending in @example.com (policy "staff")`, ""},
		{hostA, alice, "forward", `application "Grafana" (app.example.com): policy "staff" admits this request`, "policies[0]"},
		{"geo.example.com", "", "forbidden", `application geo.example.com: no policy can admit this request, whoever signs in; policy "staff" requires a client in the country FR, and this is not`, ""},
		{"nobody.example.com", "", "forbidden", `application nobody.example.com: it has no policy, so nobody is admitted`, ""},
		{"denied.example.com", alice, "forbidden", `application denied.example.com: deny policy "abroad" describes this request whoever signs in: a client in the country DE`, "policies[0]"},
		{"free.example.com", "", "no application", whyNoApplication, ""},
	} {
		r := w.request("GET", "https://"+c.host+"/")
		r.As = c.as
		d := w.config.Decide(w.state, r)
		if d.Verdict.String() != c.verdict || d.Why != c.why || d.Field != c.field {
			t.Errorf("%s as %q: %s\n%s\nwant\n%s (field %q)", c.host, c.as, d.Verdict, d.Why, c.why, d.Field)
		}
		if done := d.Verdict == Forward || d.Verdict == NoApplication; (d.Mend == "") != done || strings.Contains(d.Why, "\n") {
			t.Errorf("%s: mend %q", c.host, d.Mend)
		}
	}
}

func TestAmbiguousPage(t *testing.T) {
	app := appA()
	app.Domain = hostA + "/admin"
	w := newWorld(t, app)
	r := w.serve("GET", pageA+"x/..%2fadmin", nil)
	if r.StatusCode != 400 || !strings.Contains(r.body, "/x/..%2Fadmin (no application)") {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}

// TestWhatChangesDuringALogin moves the client or edits the policies between
// the redirect and the login page.
func TestWhatChangesDuringALogin(t *testing.T) {
	app := appA()
	app.Policies[0].Require = rulesOf(IPRule{"203.0.113.0/24"})
	w := newWorld(t, app)
	b := w.browser()
	to := b.get(pageA).location()
	w.client.IP = netip.MustParseAddr("198.51.100.1")
	if r := b.get(to); r.StatusCode != 403 || r.Header.Get("Cf-Access-Aud") == "" {
		t.Errorf("moved away: %d %v", r.StatusCode, r.Header)
	}
	app.Policies = []PolicyRef{policyOf("bypass", "", EveryoneRule{})}
	w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
	if r := b.get(to); r.location() != pageA {
		t.Errorf("opened for all: %d %q", r.StatusCode, r.location())
	}
	w.config = edit(t, w.config, func(x *Txn) { x.DeleteApp("app-a") })
	if r := b.get(to); r.StatusCode != 404 {
		t.Errorf("deleted: %d", r.StatusCode)
	}
}

func TestSomeoneElseMaySignIn(t *testing.T) {
	app := appA()
	app.Policies = []PolicyRef{allow("bob", EmailRule{"bob@example.com"})}
	app.ID, app.Domain = "bobs", "bob.example.com"
	w := newWorld(t, appA(), app)
	b := w.browser()
	b.login(pageA, alice)
	r := b.follow(b.get("https://bob.example.com/"))
	if r.StatusCode != 403 || !strings.Contains(r.body, "You are signed in as <strong>"+alice) || !strings.Contains(r.body, `name="email"`) {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}

func TestMessageParameter(t *testing.T) {
	for redirect, want := range map[string]string{
		"/?__cf_access_message=logged_out": "You have been signed out.", "/x?a=b&__cf_access_message=unauthorized": noAccess,
		"/?__cf_access_message=" + url.QueryEscape("<b>"): "", "/": "", "%zz": "",
	} {
		if got := message(redirect); got != want {
			t.Errorf("%s: %q", redirect, got)
		}
	}
}

func TestDefaultKeys(t *testing.T) {
	w := newWorld(t)
	s := NewState(StateOptions{})
	defer s.Close()
	w.state = s
	b := w.browser()
	if r := b.login(pageA, alice); r.body != "origin" {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}
