package accessemu

import "time"

// Endings are when what was granted ends although nobody's clock says so. The zero value is fine.
type Endings struct {
	// LogoutLatency is how long application tokens still open applications after the person logged
	// out: 20 to 30 seconds on the real network. 0: not at all. RevokeUser and RevokeApp know no delay.
	LogoutLatency time.Duration

	// KeyRotation is how long a key signs; the one that it replaces verifies for seven days more.
	// 0: six weeks.
	KeyRotation time.Duration

	// Seats is how many people may have signed in. A seat is taken by the first sign-in and kept until
	// RemoveSeat; who finds none left is refused. 0: there is no limit.
	Seats int
}

// keyRotation is how long a key signs when nobody says otherwise.
const keyRotation = 6 * 7 * 24 * time.Hour

func (e *Endings) rotation() time.Duration {
	if e.KeyRotation <= 0 {
		return keyRotation
	}
	return e.KeyRotation
}

// SetEndings changes them. Who is signed in and what is held stays: fewer seats than are taken take
// none away.
func (s *State) SetEndings(e Endings) { s.endings.Store(&e) }

// ExpireOTP makes the PINs of an address that still work count as too old; with a nonce, that of one
// sign-in only. It answers how many there were.
func (s *State) ExpireOTP(email, nonce string) int {
	email, ok := canonicalEmail(email)
	if !ok {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for key, l := range s.logins.entries {
		if l.email != email || nonce != "" && key != nonce || !l.allowed || l.over() != codeRight || s.expired(l.asked, lifePIN) {
			continue
		}
		old := *l.asked
		old.at = old.at.Add(-lifePIN)
		l.asked = &old
		n++
	}
	if n > 0 {
		s.changed()
	}
	return n
}
