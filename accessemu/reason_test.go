package accessemu

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// listen collects the reasons of a world.
func (w *world) listen() *[]Reason {
	var told []Reason
	w.shape = func(r *Request) { r.Explain = func(why Reason) { told = append(told, why) } }
	return &told
}

// TestReasons fixes what a developer is told about each answer of Access itself.
func TestReasons(t *testing.T) {
	const callback = "https://" + team + callbackPath
	asked := func(w *world, email string) (*browser, string, string) {
		b := w.browser()
		_, nonce := b.ask(pageA, email)
		code, _ := w.state.OTP(email, nonce)
		return b, nonce, code
	}
	for name, c := range map[string]struct {
		do   func(w *world)
		want Reason
	}{
		"wrong code": {func(w *world) {
			b, nonce, code := asked(w, alice)
			b.enter(nonce, wrong(code))
		}, Reason{Why: "wrong code, 4 of 5 tries left", Mend: "enter the code of the newest mail to " + alice}},
		"last wrong code": {func(w *world) {
			b, nonce, code := asked(w, alice)
			for range maxTries {
				b.enter(nonce, wrong(code))
			}
		}, Reason{Why: "wrong code, 0 of 5 tries left", Mend: "ask for a new code"}},
		"one more": {func(w *world) {
			b, nonce, code := asked(w, alice)
			for range maxTries + 1 {
				b.enter(nonce, wrong(code))
			}
		}, Reason{Why: "5 wrong codes ended this sign-in", Mend: "ask for a new code"}},
		"too many of an address": {func(w *world) {
			for range maxWrong/maxTries + 1 {
				w.browser().guess(alice)
			}
		}, Reason{Why: "20 wrong codes were entered for alice@example.com within 10 minutes; no code is looked at until some of that time has passed"}},
		"expired code": {func(w *world) {
			b, nonce, code := asked(w, alice)
			w.clock.Add(lifePIN)
			b.enter(nonce, code)
		}, Reason{Why: "the code expired: it was made more than 10 minutes ago", Mend: "ask for a new code"}},
		"used code": {func(w *world) {
			b, nonce, code := asked(w, alice)
			b.enter(nonce, code)
			b.enter(nonce, code)
		}, Reason{Why: "the code was used before; it works once", Mend: "ask for a new code"}},
		"not admitted": {func(w *world) {
			b, nonce, _ := asked(w, "bob@evil.test")
			b.enter(nonce, "123456")
		}, Reason{Why: `no code is right, because none was mailed: application "Grafana" (app.example.com) does not admit bob@evil.test; it admits any e-mail address ending in @example.com (policy "staff")`,
			Mend: "sign in with an address that it admits, or change a policy", Kind: "app", ID: "app-a", Field: "policies[0]"}},
		"signed in, not admitted": {func(w *world) {
			b, nonce, code := asked(w, alice)
			w.config = edit(w.t, w.config, func(x *Txn) {
				app := appA()
				app.Policies = []PolicyRef{policyOf("deny", "no alice", EmailRule{alice}), allow("staff", EmailDomainRule{"example.com"})}
				_ = x.PutApp(app)
			})
			b.enter(nonce, code)
		}, Reason{Why: `application "Grafana" (app.example.com): alice@example.com is signed in, but deny policy "no alice" describes that address; it admits any e-mail address ending in @example.com (policy "staff")`,
			Mend: `sign in as someone it admits, or change a policy`, Kind: "app", ID: "app-a", Field: "policies[0]"}},
		"nobody can sign in from here": {func(w *world) {
			to := w.browser().get(pageA).location()
			w.config = edit(w.t, w.config, func(x *Txn) {
				app := appA()
				app.Policies[0].Require = rulesOf(GeoRule{"FR"})
				_ = x.PutApp(app)
			})
			w.browser().get(to)
		}, Reason{Why: `application "Grafana" (app.example.com): no policy can admit this request, whoever signs in; policy "staff" requires a client in the country FR, and this is not`,
			Mend: "change a policy, or come from elsewhere", Kind: "app", ID: "app-a"}},
		"another browser's code": {func(w *world) {
			_, nonce, code := asked(w, alice)
			w.browser().enter(nonce, code)
		}, Reason{Why: "invalid login session: the code was asked for in another browser: CF_Session is not the same"}},
		"unknown nonce": {func(w *world) { w.browser().enter("made-up", "123456") },
			Reason{Why: "invalid login session: no sign-in has this nonce, or it was begun more than 20 minutes ago"}},
		"another site's form": {func(w *world) {
			w.browser().do("POST", callback, url.Values{}, "Origin: https://evil.test")
		}, Reason{Why: "invalid login session: the form came from a page of another site (Origin, Sec-Fetch-Site)"}},
		"another browser's pass": {func(w *world) {
			pass := w.browser().atAuthorized(pageA, alice)
			b := w.browser()
			b.get(pageA)
			b.get(pass)
		}, Reason{Why: "invalid login session: the sign-in was begun in another browser: CF_AppSession is not the same"}},
		"signed out on the way": {func(w *world) {
			b := w.browser()
			pass := b.atAuthorized(pageA, alice)
			w.state.RevokeUser(w.config, alice)
			b.get(pass)
		}, Reason{Why: "invalid login session: alice@example.com was signed out while on the way here"}},
		"used pass": {func(w *world) {
			b := w.browser()
			pass := b.atAuthorized(pageA, alice)
			b.get(pass)
			b.get(pass)
		}, Reason{Why: "invalid login session: its nonce was used already"}},
		"policies edited on the way": {func(w *world) {
			b := w.browser()
			pass := b.atAuthorized(pageA, alice)
			w.config = edit(w.t, w.config, func(x *Txn) {
				app := appA()
				app.Policies = []PolicyRef{allow("bob", EmailRule{"bob@example.com"})}
				_ = x.PutApp(app)
			})
			b.get(pass)
		}, Reason{Why: `application "Grafana" (app.example.com): no policy admits alice@example.com from here any more, so no cookie is set`, Kind: "app", ID: "app-a", Field: "policies"}},
		"revoked just now": {func(w *world) {
			w.state.RevokeUser(w.config, alice)
			b, nonce, code := asked(w, alice)
			b.enter(nonce, code)
		}, Reason{Why: "the sessions of alice@example.com were revoked less than a minute ago", Mend: "wait, and sign in again"}},
		"resend of an ended login": {func(w *world) {
			b, nonce, code := asked(w, alice)
			b.enter(nonce, code)
			b.get("https://" + team + resendPath + "?nonce=" + nonce)
		}, Reason{Why: "no new code was mailed, because this sign-in is over", Mend: "begin another one"}},
		"no identity": {func(w *world) { w.browser().get(pageA + "cdn-cgi/access/get-identity") },
			Reason{Why: "no app token set: the request has no valid CF_Authorization cookie or token header", Mend: "sign in, and ask again"}},
		"method": {func(w *world) { w.browser().do("PUT", callback, nil) },
			Reason{Why: "405: this path of Access takes GET, HEAD, POST"}},
		"returnTo": {func(w *world) { w.browser().get(pageA + "cdn-cgi/access/logout?returnTo=https://evil.test/") },
			Reason{Why: "Invalid redirect URL: returnTo may lead to acme.cloudflareaccess.com, to a name below it, or to the host of an Access application, by https."}},
		"unknown path": {func(w *world) { w.browser().get("https://" + team + "/nothing") },
			Reason{Why: "There is nothing here: No page of Access has this address: /nothing"}},
		"too many mails": {func(w *world) {
			to := strings.Replace(w.browser().get(pageA).location(), "/login/", "/verify-code/", 1)
			for range mailBurst + 1 {
				w.browser().do("POST", to, url.Values{"email": {alice}})
			}
		}, Reason{Why: "more than 20 codes were asked for at once for this address; one more may be asked for every 1s"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			told := w.listen()
			c.do(w)
			if len(*told) == 0 {
				t.Fatal("nothing is told")
			}
			if diff := cmp.Diff(c.want, (*told)[len(*told)-1]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestNoReasonOnSuccess goes the whole way, and to all that answers well.
func TestNoReasonOnSuccess(t *testing.T) {
	w := newWorld(t)
	told := w.listen()
	for _, host := range []string{hostA, team} {
		for _, path := range []string{"get-identity", "certs", "logout"} {
			b := w.browser()
			b.login(pageA, alice)
			r := b.get("https://" + host + accessPath + path)
			if r.StatusCode >= 400 || w.last.Verdict == Endpoint && w.last.Why != "" {
				t.Errorf("%s: %d %s", path, r.StatusCode, w.last.Why)
			}
			if path == "logout" && host == hostA { // up to the page that says so
				b.follow(b.follow(r))
			}
		}
	}
	b := w.browser()
	_, nonce := b.ask(pageA, alice)
	b.get("https://" + team + resendPath + "?nonce=" + nonce)
	if len(*told) > 0 {
		t.Errorf("%v", *told)
	}
}

// TestDecidedReasonsAreNotToldTwice: the decision has said why, and better.
func TestDecidedReasonsAreNotToldTwice(t *testing.T) {
	app := appA()
	app.Domain = hostA + "/admin"
	w := newWorld(t, app)
	told := w.listen()
	for _, do := range []func() *reply{
		func() *reply { return w.browser().get(pageA + "admin") },
		func() *reply { return w.browser().get(pageA+"admin", "X-Requested-With: XMLHttpRequest") },
		func() *reply { return w.browser().do("OPTIONS", pageA+"admin", nil) },
		func() *reply { return w.browser().do("OPTIONS", pageA+"admin", nil, "Accept: application/json") },
		func() *reply { return w.browser().get(pageA + "x/..%2fadmin") },
	} {
		if do(); w.last.Why == "" {
			t.Error("the decision says nothing")
		}
	}
	if len(*told) != 0 {
		t.Errorf("%v", *told)
	}
}

// TestReticent goes through all that a stranger may meet, and looks for what
// only the administrator should know.
func TestReticent(t *testing.T) {
	app, country, open := appA(), appA(), appA()
	app.Policies = append(app.Policies, allow("secret-policy", EmailRule{"boss@hidden.test"}))
	country.ID, country.Domain, country.Name, country.Policies = "geo", "geo.example.com", "Geo", []PolicyRef{allow("secret-policy", GeoRule{"FR"})}
	open.ID, open.Domain, open.Name, open.Policies = "open", "open.example.com/secret-path", "Open", []PolicyRef{allow("secret-policy", EmailRule{"boss@hidden.test"})}
	for _, reticent := range []bool{true, false} {
		w := newWorld(t, app, country, open)
		w.config = edit(t, w.config, func(x *Txn) { _ = x.SetOrganization(Organization{DenyUnmatchedRequests: true}) })
		var seen []string
		w.shape = func(r *Request) {
			r.Reticent = reticent
			r.Explain = func(why Reason) { seen = append(seen, fmt.Sprintf("%+v", why)) }
		}
		look := func(r *reply) {
			seen = append(seen, r.body, fmt.Sprint(w.last.Why, w.last.Mend, w.last.Kind, w.last.ID, w.last.Field))
			for name, values := range r.Header {
				if name != "Location" && name != "Www-Authenticate" {
					seen = append(seen, values...)
				}
			}
		}
		b := w.browser()
		for _, headers := range [][]string{nil, {"X-Requested-With: XMLHttpRequest"}, {"Accept: application/json"}, {"Cf-Access-Token: " + w.token("mallory@evil.test")}} {
			for _, target := range []string{pageA, "https://geo.example.com/", "https://none.example.com/", "https://open.example.com/x/..%2fsecret-path"} {
				look(b.get(target, headers...))
				look(b.do("OPTIONS", target, nil, headers...))
			}
		}
		look(b.get(b.get(pageA).location()))
		for _, email := range []string{alice, "mallory@evil.test"} {
			page, nonce := b.ask(pageA, email)
			look(page)
			for range maxTries + 1 {
				look(b.enter(nonce, "x"))
			}
		}
		_, nonce := b.ask(pageA, alice)
		code, _ := w.state.OTP(alice, nonce)
		app := app
		app.Policies = app.Policies[1:]
		w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
		look(b.enter(nonce, code))
		w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(appA()) })
		pass := b.follow(b.get(pageA)).location()
		w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
		look(b.get(pass))
		to := w.browser().get(pageA).location()
		app.Policies[0].Require = rulesOf(GeoRule{"FR"})
		w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
		look(w.browser().get(to))
		leaks := ""
		for _, text := range seen {
			for _, secret := range []string{"secret-policy", "hidden.test", "@example.com;", "ending in", "staff", "policies[", "country", "sundog otp", "deny_unmatched", "{app-a", "Kind:app"} {
				if strings.Contains(text, secret) {
					leaks += secret + " in " + text[:min(len(text), 300)] + "\n"
				}
			}
		}
		if reticent != (leaks == "") {
			t.Errorf("reticent %t: %s", reticent, leaks)
		}
	}
}

// TestReticentReasonsAreTheSame for an address that is admitted and one that
// is not.
func TestReticentReasonsAreTheSame(t *testing.T) {
	reasons := func(email string) (list []Reason) {
		w := newWorld(t)
		w.shape = func(r *Request) {
			r.Reticent = true
			r.Explain = func(why Reason) {
				why.Why = strings.ReplaceAll(why.Why, email, "EMAIL")
				list = append(list, why)
			}
		}
		for range maxWrong/maxTries + 1 {
			w.browser().guess(email)
		}
		b := w.browser()
		_, nonce := b.ask(pageA, email)
		b.get("https://" + team + resendPath + "?nonce=" + nonce)
		for _, d := range []time.Duration{lifePIN, lifeLogin} {
			w.clock.Add(d)
			b.enter(nonce, "x")
		}
		return list
	}
	yes, no := reasons(alice), reasons("carol@example.net")
	if diff := cmp.Diff(yes, no); diff != "" || len(yes) < maxWrong {
		t.Errorf("%d reasons: %s", len(yes), diff)
	}
}

// TestTracesOfStrangersKeepThePolicies: the client learns nothing, who asks the
// decision does.
func TestTracesOfStrangersKeepThePolicies(t *testing.T) {
	w := newWorld(t)
	r := w.request(http.MethodGet, pageA)
	r.Client.IP, r.Reticent = netip.MustParseAddr("198.51.100.1"), true
	d := w.config.Decide(w.state, r)
	if d.Why != "nobody is signed in" || d.Mend != "" || d.Kind != "" {
		t.Errorf("%+v", d)
	}
	if p := d.Policies(); len(p) != 1 || p[0].Name != "staff" || p[0].Field != "policies[0]" {
		t.Errorf("%+v", p)
	}
}
