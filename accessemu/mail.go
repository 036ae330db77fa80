package accessemu

import (
	"context"
	"crypto/subtle"
	"slices"
	"time"
)

// Mail is one message with a PIN. Nothing is really sent.
type Mail struct {
	From    string
	To      string
	Subject string // names the host of the application
	Text    string // holds the code and the link
	Host    string // of the application
	Code    string // 6 digits
	Link    string // signs in without typing the code
	Nonce   string // of the sign-in
	At      time.Time
}

const sender = "noreply@notify.cloudflare.com"

// post puts the mail into the inbox and hands it to the Mail option. The
// caller holds mu.
func (s *State) post(m Mail) {
	if len(s.inbox) >= maxInbox {
		s.inbox = append([]Mail(nil), s.inbox[len(s.inbox)-maxInbox+1:]...)
	}
	s.inbox = append(s.inbox, m)
	s.changed()
	if s.mail == nil {
		return
	}
	s.posting.Do(func() {
		s.mails = make(chan Mail, maxInbox)
		s.background(s.deliver)
	})
	select {
	case s.mails <- m:
	default:
		s.log.Warn("access: the Mail option is too slow, a mail is in the inbox only", "to", m.To)
	}
}

// deliver calls the option apart from the answer, whose time would otherwise
// tell whether an address is admitted.
func (s *State) deliver() {
	for {
		select {
		case m := <-s.mails:
			s.mail(m)
		case <-s.stopped.Done():
			return
		}
	}
}

// changed wakes those who wait for a PIN. The caller holds mu.
func (s *State) changed() {
	close(s.mailed)
	s.mailed = make(chan struct{})
}

// Inbox is every mail that is kept, at most 1024, oldest first.
func (s *State) Inbox() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.inbox)
}

// OTP is the newest PIN that was mailed to an address and still works. An
// empty nonce means whichever sign-in asked last.
func (s *State) OTP(email, nonce string) (code string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.otp(email, nonce)
}

func (s *State) otp(email, nonce string) (string, bool) {
	email, _ = canonicalEmail(email)
	if nonce != "" {
		l, ok := s.loginOf(nonce)
		if ok && l.email == email && l.allowed && s.works(l) {
			return l.code, true
		}
		return "", false
	}
	for _, m := range slices.Backward(s.inbox) {
		if m.To != email {
			continue
		}
		l, ok := s.loginOf(m.Nonce)
		if ok && subtle.ConstantTimeCompare([]byte(l.code), []byte(m.Code)) == 1 && s.works(l) {
			return m.Code, true
		}
	}
	return "", false
}

// works tells whether the code of a login would still be taken. The caller holds mu.
func (s *State) works(l *login) bool {
	return l.over() == codeRight && !s.wrong.full(l.email, s.counting()) && !s.wrongOf.full(l.browser, s.counting()) && !s.expired(l.asked, lifePIN)
}

// WaitOTP waits until OTP has an answer, or until ctx is done, whose error it
// then answers.
func (s *State) WaitOTP(ctx context.Context, email, nonce string) (string, error) {
	for {
		s.mu.Lock()
		code, ok := s.otp(email, nonce)
		mailed := s.mailed
		s.mu.Unlock()
		if ok {
			return code, nil
		}
		select {
		case <-mailed:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}
