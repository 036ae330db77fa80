package accessemu

import (
	"testing"
	"time"
)

func TestAge(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.login(pageA, alice)
	verdict := func(token string) Verdict {
		return w.config.Decide(w.state, w.request("GET", pageA, headerToken, token)).Verdict
	}
	old := b.cookie(pageA, cookieAuthorization)
	w.state.Age(23 * time.Hour)
	if got := verdict(old); got != Forward {
		t.Errorf("after 23h: %s", got)
	}
	w.state.Age(time.Hour)
	if got := verdict(old); got != Login {
		t.Errorf("after 24h: %s", got)
	}
	fresh := w.token(alice)
	if got := verdict(fresh); got != Forward {
		t.Errorf("a token granted after the ageing: %s", got)
	}
	if c := claims(t, fresh); c["iat"] != float64(w.clock.Now().Unix()) {
		t.Errorf("its iat is %v", c["iat"])
	}
	if page := b.follow(b.get(pageA)); page.StatusCode != 200 {
		t.Errorf("the session of the team domain did not age: %d %q", page.StatusCode, page.location())
	}
	w.state.Age(-24 * time.Hour)
	if got := verdict(old); got != Forward {
		t.Errorf("made younger again: %s", got)
	}
}

func TestAgePIN(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	_, nonce := b.ask(pageA, alice)
	code, _ := w.state.OTP(alice, nonce)
	w.state.Age(lifePIN)
	if r := b.enter(nonce, code); r.StatusCode != 400 {
		t.Errorf("%d", r.StatusCode)
	}
	if _, ok := w.state.OTP(alice, nonce); ok {
		t.Error("OTP answers an expired code")
	}
	_, nonce = b.ask(pageA, alice)
	code, _ = w.state.OTP(alice, nonce)
	if r := b.enter(nonce, code); r.StatusCode != 302 {
		t.Errorf("a PIN asked for after the ageing: %d", r.StatusCode)
	}
}

func TestForgottenGrantsCountAllAgeing(t *testing.T) {
	w := newWorld(t)
	w.state.grants.most = 1
	token := w.token(alice)
	w.token("bob@example.com")
	decide := func() Verdict {
		return w.config.Decide(w.state, w.request("GET", pageA, headerToken, token)).Verdict
	}
	if got := decide(); got != Forward {
		t.Errorf("%s", got)
	}
	w.state.Age(24 * time.Hour)
	if got := decide(); got != Login {
		t.Errorf("aged: %s", got)
	}
}

func TestRevocationSurvivesEviction(t *testing.T) {
	w := newWorld(t)
	w.state.users.most = 2
	token, warm := w.token(alice), w.token("bob@example.com")
	decide := func(token string) Verdict {
		return w.config.Decide(w.state, w.request("GET", pageA, headerToken, token)).Verdict
	}
	if decide(warm) != Forward {
		t.Fatal("bob is not admitted")
	}
	w.state.RevokeUser(w.config, alice)
	w.state.grants.most = 1
	for _, email := range []string{"c@example.com", "d@example.com", "e@example.com"} {
		w.token(email)
	}
	if got := decide(token); got != Login {
		t.Errorf("a revoked token after its owner was forgotten: %s", got)
	}
	w.state.RevokeUser(w.config, "bob@example.com")
	if got := decide(warm); got != Login {
		t.Errorf("a cached token, revoked after its owner was forgotten: %s", got)
	}
	if got := decide(w.token("f@example.com")); got != Forward {
		t.Errorf("a newer token: %s", got)
	}
}

func TestNewTokenInTheSecondOfALogoutWorks(t *testing.T) {
	w := newWorld(t)
	old := w.token(alice)
	a, _ := w.config.App("app-a")
	w.state.revoke(subjectOf(w.config.account, alice), false, 0)
	fresh := w.token(alice)
	for token, want := range map[string]string{old: "revoked by a logout", fresh: ""} {
		if _, got := w.state.appToken(token, w.config.issuer, a.AUD, w.clock.Now()); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSessionsAreBounded(t *testing.T) {
	w := newWorld(t)
	w.state.sessions.most = 2
	token := w.token(alice)
	for range 5 {
		w.token("bob@example.com")
	}
	if len(w.state.sessions.entries) != 2 {
		t.Errorf("%d sessions", len(w.state.sessions.entries))
	}
	if r := w.serve("GET", pageA+"cdn-cgi/access/get-identity", nil, "Cookie: CF_Authorization="+token); r.StatusCode != 200 {
		t.Errorf("get-identity of a forgotten session: %d", r.StatusCode)
	}
}

func TestTable(t *testing.T) {
	tab := table[int, int]{most: 3}
	for i := range 1000 {
		tab.put(i, i)
		tab.put(i, i)
	}
	if len(tab.entries) != 3 || len(tab.order)-tab.head != 3 || cap(tab.order) > 64 {
		t.Errorf("%d entries, %d in order, capacity %d", len(tab.entries), len(tab.order)-tab.head, cap(tab.order))
	}
	if _, ok := tab.get(997); !ok {
		t.Error("the newest are gone")
	}
}
