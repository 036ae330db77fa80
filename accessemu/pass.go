package accessemu

import "time"

// lifePass is how long it may take from the callback to "authorized".
const lifePass = 5 * time.Minute

// pass is the right to return to an application once.
type pass struct {
	goal
	login     *session
	at        *grant
	used      bool
	justified bool // the person has said what for
}

func (p *pass) weight() int { return p.goal.weight() + 256 }

// openPass makes the nonce of "authorized".
func (s *State) openPass(g goal, who *session, justified bool) string {
	nonce := s.text(43, alphanumeric)
	g.query = "" // nothing leads back to the login page from here
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passes.sweep(func(p *pass) bool { return s.expired(p.at, lifePass) })
	s.passes.put(nonce, &pass{goal: g, login: who, at: s.newGrant(nil), justified: justified})
	return nonce
}

// takePass answers what a nonce is good for, or in words why it is good for
// nothing. Host and browser must be those where the sign-in began, and the
// sign-in must not have been revoked since. Whoever shows it uses it up: a
// pass that was seen elsewhere is not safe any more.
func (s *State) takePass(nonce, host, appSession string) (pass, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.passes.get(nonce)
	if !ok {
		return pass{}, "its nonce is not known here, or older than " + until(lifePass)
	}
	used := p.used
	p.used = true
	switch {
	case used:
		return pass{}, "its nonce was used already"
	case s.expired(p.at, lifePass):
		return pass{}, "its nonce is older than " + until(lifePass)
	case p.host != host:
		return pass{}, "the sign-in was begun on " + p.host + ", not on " + host
	case !equal(p.session, sha256Hex(appSession)):
		return pass{}, "the sign-in was begun in another browser: " + cookieAppSession + " is not the same"
	case s.signedOut(p.login), s.refusedLogin(p.login.subject):
		return pass{}, p.login.email + " was signed out while on the way here"
	}
	return *p, ""
}
