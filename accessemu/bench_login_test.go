package accessemu

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"
	"time"
)

// signatures are those of one login: the login URL's meta, the team domain's token, the application's.
const signatures = 3

// BenchmarkLogins is a whole login with a one-time PIN, from the first redirect to the application's page,
// on one core. rsa/op is how much of it are the signatures alone: what no login can be faster than.
func BenchmarkLogins(b *testing.B) {
	w := newWorld(b)
	key := mustKeys(b, w.state).current.private
	sum := sha256.Sum256([]byte("text"))
	const signed = 200
	begun := time.Now()
	for range signed {
		if _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:]); err != nil {
			b.Fatal(err)
		}
	}
	limit := time.Since(begun) / signed * signatures
	b.ReportAllocs()
	for b.Loop() {
		w.browser().login(pageA, alice)
		w.clock.Add(time.Second) // so that the address may be mailed to again
	}
	per := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(time.Second)/float64(per), "logins/s")
	b.ReportMetric(float64(time.Second)/float64(limit), "rsa-limit/s")
}

func mustKeys(tb testing.TB, s *State) *keyPair {
	tb.Helper()
	pair, err := s.keys()
	if err != nil {
		tb.Fatal(err)
	}
	return pair
}
