package accessemu

import (
	"strings"
	"testing"
)

// TestResendOfAnEndedLogin mails nothing, and says so.
func TestResendOfAnEndedLogin(t *testing.T) {
	for name, c := range map[string]struct {
		end    func(w *world, b *browser, nonce, code string)
		page   string
		status int
	}{
		"used": {func(_ *world, b *browser, nonce, code string) { b.enter(nonce, code) }, "This code has already been used", 400},
		"too many tries": {func(_ *world, b *browser, nonce, code string) {
			for range maxTries {
				b.enter(nonce, wrong(code))
			}
		}, "Too many wrong codes", 403},
		"forgotten": {func(w *world, _ *browser, _, _ string) { w.clock.Add(lifeLogin) }, "Invalid login session", 400},
		"application gone": {func(w *world, _ *browser, _, _ string) {
			w.config = edit(w.t, w.config, func(x *Txn) { x.DeleteApp("app-a") })
		}, "Invalid login session", 400},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.browser()
			_, nonce := b.ask(pageA, alice)
			code, _ := w.state.OTP(alice, nonce)
			c.end(w, b, nonce, code)
			mails := len(w.state.Inbox())
			resend := "https://" + team + resendPath + "?nonce=" + nonce
			if r := b.get(resend); r.StatusCode != 400 || strings.Contains(r.body, `"success":true`) {
				t.Errorf("to a script: %d %s", r.StatusCode, r.body)
			}
			if r := b.get(resend, "Accept: text/html"); r.StatusCode != c.status || !strings.Contains(r.body, c.page) {
				t.Errorf("to a browser: %d %s", r.StatusCode, r.body)
			}
			if got := len(w.state.Inbox()); got != mails {
				t.Errorf("%d mails", got-mails)
			}
		})
	}
}

func TestResendRevivesAnExpiredLogin(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	_, nonce := b.ask(pageA, alice)
	w.clock.Add(lifePIN)
	if r := b.get("https://" + team + resendPath + "?nonce=" + nonce); r.StatusCode != 200 || r.body != `{"success":true}` {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	code, _ := w.state.OTP(alice, nonce)
	if r := b.enter(nonce, code); r.StatusCode != 302 {
		t.Errorf("%d", r.StatusCode)
	}
}
