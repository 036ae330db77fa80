package accessemu

import (
	"strings"
	"testing"
	"time"
)

// appB is a second application of the same people.
func appB() Application {
	b := appA()
	b.ID, b.Name, b.Domain = "app-b", "Wiki", "wiki.example.com"
	return b
}

// hoard signs in to A and keeps a pass for B.
func (b *browser) hoard() string {
	b.w.t.Helper()
	b.login(pageA, alice)
	to := b.follow(b.get("https://wiki.example.com/")).location()
	if !strings.Contains(to, "/authorized?nonce=") {
		b.w.t.Fatalf("no pass for B: %q", to)
	}
	return to
}

// TestPassDoesNotOutliveTheSignIn keeps the way back to an application until
// the person was signed out.
func TestPassDoesNotOutliveTheSignIn(t *testing.T) {
	for name, revoke := range map[string]func(*world, *browser){
		"logout at the team domain":  func(_ *world, b *browser) { b.get("https://" + team + "/cdn-cgi/access/logout") },
		"logout at an application":   func(_ *world, b *browser) { b.get(pageA + "cdn-cgi/access/logout") },
		"RevokeUser":                 func(w *world, _ *browser) { w.state.RevokeUser(w.config, alice) },
		"RevokeUser, after a minute": func(w *world, _ *browser) { w.state.RevokeUser(w.config, alice); w.clock.Add(refusal) },
		"RevokeUser, then forgotten": func(w *world, _ *browser) {
			w.state.RevokeUser(w.config, alice)
			w.state.users.most = 1
			w.token("bob@example.com")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, appA(), appB())
			b := w.browser()
			pass := b.hoard()
			revoke(w, b)
			if r := b.get(pass); r.StatusCode != 400 || b.cookie("https://wiki.example.com/", cookieAuthorization) != "" {
				t.Errorf("the pass still works: %d %q", r.StatusCode, r.location())
			}
			if r := b.get("https://wiki.example.com/"); !isLogin(r) {
				t.Errorf("B: %d", r.StatusCode)
			}
		})
	}
	w := newWorld(t, appA(), appB())
	b := w.browser()
	pass := b.hoard()
	w.state.RevokeUser(w.config, "bob@example.com")
	if r := b.follow(b.get(pass)); r.StatusCode != 200 {
		t.Errorf("another's revocation: %d", r.StatusCode)
	}
}

// TestTokensAreAsOldAsTheirSignIn mints after a revocation what a sign-in from
// before it asks for.
func TestTokensAreAsOldAsTheirSignIn(t *testing.T) {
	w := newWorld(t)
	a, _ := w.config.App("app-a")
	who := w.state.newSession(w.config, w.config.pinned(alice), w.client)
	w.state.revoke(who.subject, false, 0)
	token, _, err := w.state.mintApp(w.config, a, nil, who, hostA)
	if err != nil {
		t.Fatal(err)
	}
	if d := w.config.Decide(w.state, w.request("GET", pageA, headerToken, token)); d.Verdict != Login || !strings.Contains(d.Why, "revoked by a logout") {
		t.Errorf("%s: %s", d.Verdict, d.Why)
	}
}

// TestForgottenSignInsStayRevoked asks for what a token still says of a sign-in
// that is not kept any more.
func TestForgottenSignInsStayRevoked(t *testing.T) {
	w := newWorld(t)
	token := w.token(alice)
	w.state.sessions.most = 1
	w.token("bob@example.com")
	v, problem := w.state.verify(token)
	if problem != "" {
		t.Fatal(problem)
	}
	w.state.RevokeUser(w.config, alice) // after the look at the token, before it is used
	who := w.state.sessionOf(w.config, v, w.client)
	if w.clock.Add(refusal); who.email != alice || !w.state.signedOut(who) {
		t.Errorf("%s is signed in anew", who.email)
	}
}

func TestAgeSaturates(t *testing.T) {
	w := newWorld(t)
	token := w.token(alice)
	problem := func(token string) string {
		d := w.config.Decide(w.state, w.request("GET", pageA, headerToken, token))
		if len(d.Refused) != 1 {
			return d.Verdict.String()
		}
		return d.Refused[0].Problem
	}
	const forever = time.Duration(1<<63 - 1)
	for i, d := range []time.Duration{forever, forever, forever, time.Hour} {
		if sum := w.state.Age(d); sum != maxAge {
			t.Errorf("after ageing %d: the sum is %s", i, sum)
		}
		if got := problem(token); got != "expired" {
			t.Errorf("after ageing %d: %s", i, got)
		}
	}
	if sum := w.state.Age(-forever - 1); sum != -maxAge || w.state.Age(time.Hour) != time.Hour-maxAge {
		t.Errorf("made younger, the sum is %s", sum)
	}
	fresh := w.token(alice)
	for range 3 {
		w.state.Age(forever)
		if got := problem(fresh); got != "expired" {
			t.Errorf("granted while younger, then aged: %s", got)
		}
	}
}
