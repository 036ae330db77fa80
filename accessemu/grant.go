package accessemu

import (
	"crypto/sha256"
	"sync/atomic"
	"time"
)

// grant is the moment at which something was granted. Its age is counted by
// the clock, and by what Age added since; the claims of a token say nothing
// about the latter.
type grant struct {
	at    time.Time
	aged  int64  // State.age at that moment
	order uint64 // of this grant among all; 0: not known
	user  *user  // of a token; nil: of something else
}

// user is a person, for revocation.
type user struct {
	revoked   atomic.Uint64 // tokens whose grant's order is not above are revoked
	refused   *grant        // no sign-in for a minute from here; nil: none. Guarded by State.mu
	forgotten atomic.Bool   // this entry was evicted, look for a newer one
}

// Age makes all that was granted so far (sessions, PINs, tokens, retired keys)
// older by d, which may be negative to undo it. What is granted later is not
// affected, and claims keep the time of the clock.
func (s *State) Age(d time.Duration) {
	s.age.Add(int64(d))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed()
}

func (s *State) newGrant(u *user) *grant {
	return &grant{at: s.now(), aged: s.age.Load(), order: s.count.Add(1), user: u}
}

// at is the time that it is for a grant.
func (s *State) at(g *grant, now time.Time) time.Time {
	return now.Add(time.Duration(s.age.Load() - g.aged))
}

// expired tells whether a grant is older than life.
func (s *State) expired(g *grant, life time.Duration) bool {
	return !s.at(g, s.now()).Before(g.at.Add(life))
}

// userOf finds or adds the person. The caller holds mu.
func (s *State) userOf(subject string) *user {
	u, ok := s.users.get(subject)
	if !ok {
		u = new(user)
		s.users.put(subject, u)
	}
	return u
}

// forgetUser keeps the revocations of a person who is evicted, by revoking
// everything that old.
func (s *State) forgetUser(u *user) {
	u.forgotten.Store(true)
	if revoked := u.revoked.Load(); revoked > s.floor.Load() {
		s.floor.Store(revoked)
	}
}

// remember keeps the grant of a token.
func (s *State) remember(token, subject string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grants.put(sha256.Sum256([]byte(token)), s.newGrant(s.userOf(subject)))
}

// grantOf is the grant of a verified token. Of a token that is not known (any
// more) all ageing counts.
func (s *State) grantOf(token, subject string, issued int64) *grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.userOf(subject)
	if g, ok := s.grants.get(sha256.Sum256([]byte(token))); ok {
		if g.user == u {
			return g
		}
		again := *g
		again.user = u
		return &again
	}
	return &grant{at: time.Unix(issued, 0), user: u}
}

// isRevoked tells whether the person or everyone was signed out after the grant.
func (s *State) isRevoked(g *grant) bool {
	limit := max(s.floor.Load(), g.user.revoked.Load())
	return limit > 0 && g.order <= limit
}

// refusal is how long a sign-in is refused after RevokeUser.
const refusal = time.Minute

// RevokeUser ends every session of a person at once, in all applications, and
// refuses a new sign-in for a minute, as the real API does.
func (s *State) RevokeUser(c *Config, email string) {
	email, _ = canonicalEmail(email)
	s.revoke(subjectOf(c.account, email), true)
}

func (s *State) revoke(subject string, refuse bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.userOf(subject)
	g := s.newGrant(nil)
	u.revoked.Store(g.order)
	if refuse {
		u.refused = g
	}
}

// refusedLogin tells whether the person may not sign in just now.
func (s *State) refusedLogin(subject string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.users.get(subject)
	return ok && u.refused != nil && !s.expired(u.refused, refusal)
}
