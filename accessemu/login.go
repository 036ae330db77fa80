package accessemu

import (
	"crypto/subtle"
	"math"
	"time"
)

// The rules of one-time PINs.
const (
	lifePIN   = 10 * time.Minute
	maxTries  = 5               // wrong codes, then the sign-in is dead
	mailBurst = 20              // mails an address may ask for at once
	mailEvery = time.Second     // and one more after each of these
	lifePass  = 5 * time.Minute // from the callback to "authorized"
)

// goal is where a sign-in leads: an application, on one host, and a path there.
type goal struct {
	aud, host string
	redirect  string // path and query, safe
	session   string // SHA-256 of the browser's CF_AppSession, hex; empty: not known
	query     string // of the login page, to come back to it
}

// login is one PIN that was asked for.
type login struct {
	goal
	nonce   string
	email   string
	browser string // its CF_Session
	allowed bool   // a policy could admit the address; if not, no code is right
	code    string
	secret  string // of the link in the mail
	asked   *grant // when the code was made
	tries   int
	used    bool
}

// checked is what became of a code.
type checked uint8

const (
	codeRight checked = iota
	codeWrong
	codeUsed    // was right once already
	codeExpired // older than ten minutes
	codeDead    // too many wrong ones
	codeUnknown // no such sign-in, or one of another browser
)

// newCode gives the login a fresh code, which voids the one before.
func (s *State) newCode(l *login) {
	l.code, l.secret, l.asked = s.text(6, digits), s.text(32, alphanumeric), s.newGrant(nil)
}

// openLogin keeps a login and mails its code, if the address is admitted. Both
// cases do the same work but for the mail.
func (s *State) openLogin(l *login, m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logins.put(l.nonce, l)
	if l.allowed {
		s.post(m)
	}
}

// checkCode tries a code, or the secret of the link, once. The browser must be
// the one that asked, or a sign-in could be pushed on someone; a code that
// comes from elsewhere is used up, as mail scanners find out.
func (s *State) checkCode(nonce, code, secret, browser string, link bool) (login, checked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.logins.get(nonce)
	if !ok {
		return login{}, codeUnknown
	}
	same := equal(l.browser, browser)
	if !same && !link {
		return login{}, codeUnknown
	}
	switch {
	case l.used:
		return *l, codeUsed
	case l.tries >= maxTries:
		return *l, codeDead
	case s.expired(l.asked, lifePIN):
		return *l, codeExpired
	}
	right := equal(l.code, code)
	if link {
		right = right && equal(l.secret, secret)
	}
	if !right || !l.allowed {
		l.tries++
		return *l, codeWrong
	}
	l.used = true
	s.changed()
	if !same {
		return login{}, codeUnknown
	}
	return *l, codeRight
}

// findLogin is a copy of a login of this browser.
func (s *State) findLogin(nonce, browser string) (login, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, ok := s.logins.get(nonce); ok && equal(l.browser, browser) {
		return *l, true
	}
	return login{}, false
}

// resend replaces the code of a login that is still open.
func (s *State) resend(nonce string, allowed bool, mail func(*login) Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.logins.get(nonce)
	if !ok || l.used || l.tries >= maxTries {
		return
	}
	s.newCode(l)
	m := mail(l)
	if l.allowed = allowed; allowed {
		s.post(m)
	}
}

func equal(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// bucket counts the mails an address asked for.
type bucket struct {
	level float64
	at    time.Time
}

// allowMail counts one request for a code; also of addresses that get none.
func (s *State) allowMail(email string) bool {
	now := s.now().Add(time.Duration(s.age.Load()))
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.limits.get(email)
	if !ok {
		b = &bucket{at: now}
		s.limits.put(email, b)
	}
	b.level = math.Max(0, b.level-now.Sub(b.at).Seconds()/mailEvery.Seconds())
	b.at = now
	if b.level+1 > mailBurst {
		return false
	}
	b.level++
	return true
}

// pass is the right to return to an application once.
type pass struct {
	goal
	login *session
	at    *grant
	used  bool
}

// openPass makes the nonce of "authorized".
func (s *State) openPass(g goal, who *session) string {
	nonce := s.text(43, alphanumeric)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passes.put(nonce, &pass{goal: g, login: who, at: s.newGrant(nil)})
	return nonce
}

// takePass uses a nonce up, if host and browser are those where the sign-in
// began. From elsewhere it stays untouched.
func (s *State) takePass(nonce, host, appSession string) (pass, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.passes.get(nonce)
	if !ok || p.used || p.host != host || s.expired(p.at, lifePass) || !equal(p.session, sha256Hex(appSession)) {
		return pass{}, false
	}
	p.used = true
	return *p, true
}
