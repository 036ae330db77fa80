package accessemu

import (
	"crypto/subtle"
	"time"
)

// The rules of one-time PINs.
const (
	lifePIN   = 10 * time.Minute
	lifeLogin = 2 * lifePIN // to say "expired" of; for every address alike
	maxTries  = 5           // wrong codes, then the sign-in is dead
	maxWrong  = 20          // wrong codes for one address, or of one browser, within the life of a PIN, in all sign-ins
	mailBurst = 20          // mails an address may ask for at once
	mailEvery = time.Second // and one more after each of these
)

// login is one PIN that was asked for.
type login struct {
	goal
	nonce   string
	email   string
	browser string // its CF_Session
	allowed bool   // a policy could admit the address; if not, no code is right
	picked  bool   // from the list of people, on this machine: the code page fills the code in
	own     bool   // the edge's own: nothing is mailed
	code    string
	secret  string // of the link in the mail
	asked   *grant // when the code was made
	tries   int
	used    bool
}

func (l *login) weight() int {
	return l.goal.weight() + len(l.nonce) + len(l.email) + len(l.browser) + 256
}

// over tells why no code can finish the login any more; codeRight: one can.
func (l *login) over() checked {
	switch {
	case l.used:
		return codeUsed
	case l.tries >= maxTries:
		return codeDead
	}
	return codeRight
}

// checked is what became of a code.
type checked uint8

const (
	codeRight checked = iota
	codeWrong
	codeUsed    // was right once already
	codeExpired // older than ten minutes
	codeDead    // too many wrong ones in this sign-in
	codeBarred  // too many wrong ones for this address
	codeGuessed // too many wrong ones of this browser
	codeUnknown // no such sign-in
	codeForeign // a sign-in of another browser
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
	s.logins.sweep(s.forgettable)
	s.logins.put(l.nonce, l)
	if l.allowed && !l.own {
		s.post(m)
	}
}

// forgettable holds for logins of which nothing can become, whether their
// address is admitted or not: one that vanished sooner would tell.
func (s *State) forgettable(l *login) bool { return s.expired(l.asked, lifeLogin) }

// loginOf finds a login. The caller holds mu.
func (s *State) loginOf(nonce string) (*login, bool) {
	l, ok := s.logins.get(nonce)
	if ok && s.forgettable(l) {
		s.logins.drop(nonce)
		return nil, false
	}
	return l, ok
}

// checkCode tries a code, or the secret of the link, once. The browser must be
// the one that asked, or a sign-in could be pushed on someone; a code that
// comes from elsewhere is used up, as mail scanners find out.
func (s *State) checkCode(nonce, code, secret, browser string, link bool) (login, checked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.loginOf(nonce)
	if !ok {
		return login{}, codeUnknown
	}
	same := equal(l.browser, browser)
	if !same && !link {
		return login{}, codeForeign
	}
	now := s.counting()
	switch over := l.over(); {
	case over != codeRight:
		return *l, over
	case s.expired(l.asked, lifePIN):
		return *l, codeExpired
	case s.wrong.full(l.email, now):
		return *l, codeBarred
	case s.wrongOf.full(l.browser, now):
		return *l, codeGuessed
	}
	right := equal(l.code, code)
	if link {
		right = right && equal(l.secret, secret)
	}
	if !right || !l.allowed {
		l.tries++
		s.wrong.add(l.email, now)
		s.wrongOf.add(l.browser, now)
		return *l, codeWrong
	}
	l.used = true
	s.changed()
	if !same {
		return login{}, codeForeign
	}
	return *l, codeRight
}

// findLogin is a copy of a login of this browser.
func (s *State) findLogin(nonce, browser string) (login, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, ok := s.loginOf(nonce); ok && equal(l.browser, browser) {
		return *l, true
	}
	return login{}, false
}

// resend replaces the code of a login that is still open, and answers codeRight
// if it is.
func (s *State) resend(nonce string, allowed bool, mail func(*login) Mail) checked {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.loginOf(nonce)
	if !ok {
		return codeUnknown
	}
	if over := l.over(); over != codeRight {
		return over
	}
	s.newCode(l)
	m := mail(l)
	if l.allowed = allowed; allowed {
		s.post(m)
	}
	return codeRight
}

// counting is the time by which limits leak: ageing empties them as well.
func (s *State) counting() time.Time { return s.now().Add(time.Duration(s.age.Load())) }

// allowMail counts one request for a code; also of addresses that get none.
func (s *State) allowMail(email string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.counting()
	if s.asked.full(email, now) {
		return false
	}
	s.asked.add(email, now)
	return true
}

func equal(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
