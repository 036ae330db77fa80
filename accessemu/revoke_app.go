package accessemu

import (
	"bytes"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// maxRevocations is how many revocations of applications are kept apart; one more, and they are
// merged into one of everybody's tokens for every application.
const maxRevocations = 65536

// appRevocations tell up to which token an application's are revoked, by audience tag, NUL, subject;
// with no subject for everybody. Nobody's change them: they are copied.
type appRevocations struct {
	floor uint64 // of all applications
	upTo  *iradix.Tree[uint64]
}

// RevokeApp ends every application token of an application. Sign-ins at the team domain stay, so
// that browsers get a new one without being asked, and a service token buys another.
func (s *State) RevokeApp(a *App) { s.revokeTokens(a.AUD + "\x00") }

// RevokeAppUser ends those of one person.
func (s *State) RevokeAppUser(c *Config, a *App, email string) {
	email, _ = canonicalEmail(email)
	s.revokeTokens(a.AUD + "\x00" + subjectOf(c.account, email))
}

func (s *State) revokeTokens(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.revoked.Load()
	order := s.count.Add(1)
	if old == nil {
		old = &appRevocations{upTo: iradix.New[uint64]()}
	}
	next := *old
	if old.upTo.Len() >= maxRevocations {
		next = appRevocations{floor: order, upTo: iradix.New[uint64]()}
	}
	next.upTo, _, _ = next.upTo.Insert([]byte(key), order)
	s.revoked.Store(&next)
	s.service.forget()
}

// appRevoked tells whether a token was revoked for every application that it names.
func (s *State) appRevoked(v *verified) bool {
	r := s.revoked.Load()
	if r == nil {
		return false
	}
	if r.floor > 0 && v.grant.minted <= r.floor {
		return true
	}
	for _, key := range v.revocable {
		all, _ := r.upTo.Get(key[:bytes.IndexByte(key, 0)+1])
		one, _ := r.upTo.Get(key)
		if limit := max(all, one); limit == 0 || v.grant.minted > limit {
			return false
		}
	}
	return len(v.revocable) > 0
}

// revocable are the keys of what would revoke a token: one for each audience.
func revocable(aud audience, subject string) [][]byte {
	keys := make([][]byte, len(aud))
	for i, a := range aud {
		keys[i] = []byte(a + "\x00" + subject)
	}
	return keys
}

// forget makes the next request of a service token mint a token.
func (j *serviceJWTs) forget() {
	for i := range j.entries {
		j.entries[i].Store(nil)
	}
}
