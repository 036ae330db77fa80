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
	order uint64 // of this grant among all, of a token that of its sign-in; 0: not known
	user  *user  // of a token; nil: of something else

	minted uint64 // of a token: its own order; 0: not known
}

// user is a person, for revocation.
type user struct {
	revoked   atomic.Pointer[revocation] // nil: never. Written under State.mu
	refused   *grant                     // no sign-in for a minute from here; nil: none. Guarded by State.mu
	forgotten atomic.Bool                // this entry was evicted, look for a newer one
}

// revocation ends what comes of a sign-in whose order is not above.
type revocation struct {
	order  uint64
	from   *grant        // when it was asked for
	after  time.Duration // and how long after that application tokens end
	before uint64        // up to where they have ended already
}

// limit is up to which order what comes of a sign-in is revoked; of application tokens by now.
func (u *user) limit(s *State, app bool, now time.Time) uint64 {
	r := u.revoked.Load()
	switch {
	case r == nil:
		return 0
	case app && r.after > 0 && s.at(r.from, now).Before(r.from.at.Add(r.after)):
		return r.before
	}
	return r.order
}

// maxAge is where ageing stops, in either direction, so that no sum of it can
// turn around and make young again what has expired.
const maxAge = 100 * 365 * 24 * time.Hour

// Age makes all that was granted so far (sessions, PINs, tokens, retired keys)
// older by d, which may be negative to undo it. What is granted later is not
// affected, and claims keep the time of the clock. It answers the sum of all
// ageing, which stays within a hundred years.
func (s *State) Age(d time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := time.Duration(s.age.Load())
	switch {
	case d > maxAge-sum:
		sum = maxAge
	case d < -maxAge-sum:
		sum = -maxAge
	default:
		sum += d
	}
	s.age.Store(int64(sum))
	s.changed()
	return sum
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
	if r := u.revoked.Load(); r != nil && r.order > s.floor.Load() {
		s.floor.Store(r.order)
	}
}

// remember keeps the grant of a token of a sign-in.
func (s *State) remember(token string, who *session) { s.rememberFor(token, who.subject, who.order) }

// rememberFor keeps the grant of a token.
func (s *State) rememberFor(token, subject string, order uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grants.put(sha256.Sum256([]byte(token)), &grant{at: s.now(), aged: s.age.Load(), order: order, minted: s.count.Add(1), user: s.userOf(subject)})
	s.cache.place(token).Store(nil) // of a token that was revoked within this second, and is the same again
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

// isRevoked tells whether the person or everyone was signed out after the
// sign-in of a token.
func (s *State) isRevoked(g *grant, app bool, now time.Time) bool {
	limit := max(s.floor.Load(), g.user.limit(s, app, now))
	return limit > 0 && g.order <= limit
}

// signedOut tells the same of a sign-in, whose person may be forgotten by now.
// The caller holds mu.
func (s *State) signedOut(who *session) bool {
	limit := s.floor.Load()
	if u, ok := s.users.get(who.subject); ok {
		limit = max(limit, u.limit(s, false, s.now()))
	}
	return limit > 0 && who.order <= limit
}

// refusal is how long a sign-in is refused after RevokeUser.
const refusal = time.Minute

// RevokeUser ends every session of a person at once, in all applications, and
// refuses a new sign-in for a minute, as the real API does.
func (s *State) RevokeUser(c *Config, email string) {
	email, _ = canonicalEmail(email)
	s.revoke(subjectOf(c.account, email), true, 0)
}

// LogOut ends every session of a person, as the logout page does: application tokens end
// Endings.LogoutLatency later. It tells whether there was a session to end.
func (s *State) LogOut(c *Config, email string) bool {
	email, _ = canonicalEmail(email)
	subject := subjectOf(c.account, email)
	s.mu.Lock()
	signedIn := false
	for _, who := range s.sessions.entries {
		if who.subject == subject && !s.signedOut(who) {
			signedIn = true
			break
		}
	}
	s.mu.Unlock()
	s.revoke(subject, false, s.endings.Load().LogoutLatency)
	return signedIn
}

func (s *State) revoke(subject string, refuse bool, after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, g := s.userOf(subject), s.newGrant(nil)
	r := &revocation{order: g.order, from: g, after: after, before: u.limit(s, true, g.at)}
	if last := u.revoked.Load(); last != nil && r.before < last.order && after > 0 {
		r.from, r.after = last.from, last.after // a second logout puts off nothing
	}
	u.revoked.Store(r)
	if refuse {
		u.refused = g
	}
}

// refusedLogin tells whether the person may not sign in just now. The caller
// holds mu.
func (s *State) refusedLogin(subject string) bool {
	u, ok := s.users.get(subject)
	return ok && u.refused != nil && !s.expired(u.refused, refusal)
}
