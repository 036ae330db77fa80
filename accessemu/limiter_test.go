package accessemu

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// guess enters wrong codes until a sign-in is over, and answers the last status.
func (b *browser) guess(email string) int {
	b.w.t.Helper()
	_, nonce := b.ask(pageA, email)
	status := 0
	for range maxTries {
		code, _ := b.w.state.OTP(email, nonce)
		status = b.enter(nonce, wrong(code)).StatusCode
	}
	return status
}

// TestWrongCodesCountAcrossSignIns guesses in one sign-in after another.
func TestWrongCodesCountAcrossSignIns(t *testing.T) {
	for _, email := range []string{alice, "carol@example.net"} {
		w := newWorld(t)
		for i := range maxWrong / maxTries {
			if got := w.browser().guess(email); got != http.StatusForbidden {
				t.Fatalf("%s, sign-in %d: %d", email, i, got)
			}
		}
		b := w.browser()
		_, nonce := b.ask(pageA, email)
		l, _ := w.state.logins.get(nonce)
		if r := b.enter(nonce, l.code); r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") != "30" {
			t.Errorf("%s: the right code after %d wrong ones: %d", email, maxWrong, r.StatusCode)
		}
		if _, ok := w.state.OTP(email, nonce); ok {
			t.Errorf("%s: OTP answers a code that does not work", email)
		}
		if r := b.enter(nonce, l.code); l.tries != 0 || r.StatusCode != http.StatusTooManyRequests {
			t.Errorf("%s: refused codes count: %d tries", email, l.tries)
		}
	}
}

func TestWrongCodesAreForgottenInTime(t *testing.T) {
	w := newWorld(t)
	for range maxWrong / maxTries {
		w.browser().guess(alice)
	}
	w.browser().login(pageA, "bob@example.com")
	for _, pass := range []func(time.Duration){w.clock.Add, func(d time.Duration) { w.state.Age(d) }} {
		pass(lifePIN / maxWrong)
		b := w.browser()
		_, nonce := b.ask(pageA, alice)
		code, _ := w.state.OTP(alice, nonce)
		if r := b.enter(nonce, wrong(code)); r.StatusCode != http.StatusForbidden {
			t.Errorf("one more wrong code: %d", r.StatusCode)
		}
		if r := b.enter(nonce, code); r.StatusCode != http.StatusTooManyRequests {
			t.Errorf("and another: %d", r.StatusCode)
		}
	}
	w.clock.Add(lifePIN)
	w.browser().login(pageA, alice)
}

// TestLimiterKeepsFullBuckets makes up keys to have a full bucket forgotten.
func TestLimiterKeepsFullBuckets(t *testing.T) {
	now := time.Unix(1e9, 0)
	l := limiter{burst: 3, every: time.Minute, most: 4}
	for range 3 {
		l.add("alice", now)
	}
	for i := range 100 {
		key := fmt.Sprint("made-up ", i)
		if !l.full(key, now) {
			l.add(key, now)
		}
		if !l.full("alice", now) {
			t.Fatalf("after %d made-up keys the bucket is empty", i+1)
		}
	}
	if len(l.kept) != 4 {
		t.Errorf("%d buckets", len(l.kept))
	}
	if !l.full("bob", now) {
		t.Error("keys without a bucket of their own are not counted")
	}
	now = now.Add(3 * time.Minute)
	if l.add("bob", now); len(l.kept) != 1 || l.kept["bob"] == nil {
		t.Errorf("empty buckets are kept: %v", l.kept)
	}
}

// TestLimiterWhenTheClockIsSetBack neither fills nor empties a bucket, and goes
// on from there.
func TestLimiterWhenTheClockIsSetBack(t *testing.T) {
	now := time.Unix(1e9, 0)
	l := limiter{burst: 2, every: time.Minute, most: 4}
	l.add("alice", now)
	now = now.Add(-24 * time.Hour)
	if l.full("alice", now) {
		t.Error("one event fills the bucket")
	}
	l.add("alice", now)
	if !l.full("alice", now) {
		t.Error("two events do not")
	}
	if l.full("alice", now.Add(time.Minute)) {
		t.Error("nothing leaks out")
	}
}
