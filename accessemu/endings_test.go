package accessemu

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	pageB = "https://wiki.example.com/"
	bob   = "bob@example.com"
)

// answers tells "in" or why not of a token at an application.
func (w *world) verdict(page, token string) string {
	d := w.config.Decide(w.state, w.request("GET", page, headerToken, token))
	if d.Verdict == Forward {
		return "in"
	}
	if len(d.Refused) != 1 {
		return d.Verdict.String() + ": " + d.Why
	}
	return d.Refused[0].Problem
}

func TestLogoutLatency(t *testing.T) {
	w := newWorld(t, appA(), appB())
	w.state.SetEndings(Endings{LogoutLatency: 25 * time.Second})
	b := w.browser()
	b.login(pageA, alice)
	token := b.cookie(pageA, cookieAuthorization)
	if !w.state.LogOut(w.config, "Alice@Example.com") {
		t.Error("nobody was signed in")
	}
	if r := b.follow(b.get(pageB)); r.StatusCode != 200 || !strings.Contains(r.body, "email") {
		t.Errorf("the team domain still knows who it is: %d %s", r.StatusCode, r.location())
	}
	for _, step := range []struct {
		wait time.Duration
		want string
	}{{0, "in"}, {24 * time.Second, "in"}, {time.Second, "revoked by a logout"}} {
		w.clock.Add(step.wait)
		if got := w.verdict(pageA, token); got != step.want {
			t.Errorf("%s later: %s, want %s", step.wait, got, step.want)
		}
	}
	fresh := w.token(alice)
	w.state.LogOut(w.config, alice)
	w.clock.Add(20 * time.Second)
	w.state.LogOut(w.config, alice)
	w.clock.Add(5 * time.Second)
	if got := w.verdict(pageA, fresh); got != "revoked by a logout" {
		t.Errorf("a second logout put the first one off: %s", got)
	}
	other := w.token(alice)
	w.state.RevokeUser(w.config, alice)
	if got := w.verdict(pageA, other); got != "revoked by a logout" {
		t.Errorf("a revocation knows no delay: %s", got)
	}
	if w.state.LogOut(w.config, "nobody@example.com") {
		t.Error("somebody who never came was signed in")
	}
}

func TestRevokeApp(t *testing.T) {
	for name, c := range map[string]struct {
		revoke       func(*world, *App)
		alice, other string
	}{
		"everybody's": {func(w *world, a *App) { w.state.RevokeApp(a) }, "revoked for this application", "revoked for this application"},
		"Alice's":     {func(w *world, a *App) { w.state.RevokeAppUser(w.config, a, "ALICE@example.com") }, "revoked for this application", "in"},
		"merged": {func(w *world, a *App) {
			w.state.RevokeAppUser(w.config, a, alice)
			for i := range maxRevocations {
				w.state.revokeTokens(strings.Repeat("x", i%7) + time.Duration(i).String() + "\x00")
			}
		}, "revoked for this application", "revoked for this application"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, appA(), appB())
			a, _ := w.config.App("app-a")
			b := w.browser()
			b.login(pageA, alice)
			b.follow(b.follow(b.get(pageB)))
			other := w.token(bob)
			c.revoke(w, a)
			if got := w.verdict(pageA, b.cookie(pageA, cookieAuthorization)); got != c.alice {
				t.Errorf("Alice: %s", got)
			}
			if got := w.verdict(pageA, other); got != c.other {
				t.Errorf("Bob: %s", got)
			}
			if r := b.get(pageB); name != "merged" && r.StatusCode != 200 {
				t.Errorf("the other application: %d", r.StatusCode)
			}
			// The sign-in stays: back in without a page.
			if r := b.follow(b.follow(b.follow(b.get(pageA)))); r.StatusCode != 200 || r.body != "origin" {
				t.Errorf("no way back: %d %s", r.StatusCode, r.location())
			}
		})
	}
}

func TestKeysRotateByAge(t *testing.T) {
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		rotation time.Duration
		steps    []time.Duration
		keys     []int // how many of the first two keys the set still shows
		old      []bool
	}{
		"six weeks":         {0, []time.Duration{41 * day, day, 6 * day, day}, []int{2, 1, 1, 1}, []bool{true, true, true, false}},
		"ten days":          {10 * day, []time.Duration{10 * day, 10 * day}, []int{1, 0}, []bool{true, false}},
		"nobody asked, one": {0, []time.Duration{50 * day}, []int{1}, []bool{false}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.state.SetEndings(Endings{KeyRotation: c.rotation})
			first, err := w.state.keys()
			if err != nil {
				t.Fatal(err)
			}
			begin := []string{first.current.kid, first.previous.kid}
			for i, step := range c.steps {
				w.clock.Add(step)
				pair, err := w.state.keys()
				if err != nil {
					t.Fatal(err)
				}
				shown := 0
				for _, kid := range []string{pair.current.kid, pair.previous.kid} {
					if slices.Contains(begin, kid) {
						shown++
					}
				}
				old := pair.byID(begin[0])
				if usable := old != nil && w.state.usable(old, w.clock.Now()); shown != c.keys[i] || usable != c.old[i] {
					t.Errorf("step %d: %d of the first keys, the first current one usable: %t", i, shown, usable)
				}
			}
		})
	}
}

func TestSeats(t *testing.T) {
	w := newWorld(t)
	w.state.SetEndings(Endings{Seats: 1})
	w.browser().login(pageA, alice)
	w.clock.Add(time.Minute)
	w.browser().login(pageA, alice)
	uid := subjectOf(w.config.account, alice)
	want := []Seat{{UID: uid, Email: alice, Since: w.clock.Now().Add(-time.Minute), Last: w.clock.Now()}}
	if diff := cmp.Diff(want, w.state.Seats()); diff != "" {
		t.Error(diff)
	}
	enter := func() *reply {
		b := w.browser()
		_, nonce := b.ask(pageA, bob)
		code, _ := w.state.OTP(bob, nonce)
		return b.enter(nonce, code)
	}
	reasons := w.listen()
	if r := enter(); r.StatusCode != 403 || !strings.Contains(r.body, "No seat left") {
		t.Errorf("a second person: %d %s", r.StatusCode, r.body)
	}
	if got := (*reasons)[len(*reasons)-1]; got.Why != "all 1 seats are taken, and bob@example.com has none" {
		t.Errorf("said: %+v", got)
	}
	w.shape = nil
	w.state.RevokeUser(w.config, alice) // which frees nothing
	if r := enter(); r.StatusCode != 403 {
		t.Errorf("after a revocation: %d", r.StatusCode)
	}
	if !w.state.RemoveSeat(w.config, "Alice@example.com") || w.state.RemoveSeat(w.config, alice) {
		t.Error("a seat is removed once")
	}
	if r := enter(); r.StatusCode != 302 {
		t.Errorf("with a free seat: %d", r.StatusCode)
	}
}

func TestExpireOTP(t *testing.T) {
	w := newWorld(t)
	one, two := w.browser(), w.browser()
	_, nonce := one.ask(pageA, alice)
	_, other := two.ask(pageA, alice)
	code, _ := w.state.OTP(alice, nonce)
	if n := w.state.ExpireOTP(alice, nonce); n != 1 {
		t.Errorf("%d PINs", n)
	}
	if r := one.enter(nonce, code); r.StatusCode != 400 || !strings.Contains(r.body, "This code has expired") {
		t.Errorf("an expired PIN: %d %s", r.StatusCode, r.body)
	}
	if _, ok := w.state.OTP(alice, nonce); ok {
		t.Error("the inbox still has it")
	}
	if _, ok := w.state.OTP(alice, other); !ok {
		t.Error("the other sign-in lost its PIN")
	}
	for email, want := range map[string]int{"Alice@example.com": 1, bob: 0, "": 0} {
		if n := w.state.ExpireOTP(email, ""); n != want {
			t.Errorf("%q: %d PINs", email, n)
		}
	}
}

// TestGuessesOfOneBrowser spreads them over many addresses.
func TestGuessesOfOneBrowser(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	var last *reply
	for i := range maxWrong + 1 {
		_, nonce := b.ask(pageA, string(rune('a'+i))+"@example.com")
		last = b.enter(nonce, "no code")
	}
	if last.StatusCode != 429 || !strings.Contains(last.body, "in this browser") {
		t.Errorf("%d %s", last.StatusCode, last.body)
	}
	if r := w.browser().login(pageA, alice); r.StatusCode != 200 {
		t.Errorf("another browser: %d", r.StatusCode)
	}
	w.clock.Add(lifePIN)
	if r := b.login(pageA, alice); r.StatusCode != 200 {
		t.Errorf("later: %d", r.StatusCode)
	}
}
