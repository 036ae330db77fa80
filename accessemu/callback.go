package accessemu

import (
	"fmt"
	"net/http"
	"strings"
)

// serveCallback takes the code, typed (POST) or by the link in the mail (GET), or
// what an identity provider answers.
func (s *State) serveCallback(w http.ResponseWriter, r *Request, c *Config) {
	noStore(w.Header())
	browser, _ := oneCookie(r.HTTP.Header, cookieSession)
	var nonce, code, secret string
	switch r.HTTP.Method {
	case http.MethodPost:
		if !s.form(w, r, c) {
			return
		}
		nonce, code = r.HTTP.PostFormValue("nonce"), r.HTTP.PostFormValue("code")
	case http.MethodGet, http.MethodHead:
		q := r.HTTP.URL.Query()
		if q.Has("state") {
			s.serveReturn(w, r, c, q)
			return
		}
		nonce, code, secret = q.Get("nonce"), q.Get("code"), q.Get("secret")
	default:
		methodNotAllowed(w, r, "GET, HEAD, POST")
		return
	}
	code = strings.Map(func(c rune) rune { // people copy "123 456"
		if c == ' ' || c == '-' {
			return -1
		}
		return c
	}, code)
	l, result := s.checkCode(nonce, code, secret, browser, r.HTTP.Method != http.MethodPost)
	if result == codeUnknown || result == codeForeign {
		why := "no sign-in has this nonce, or it was begun more than " + until(lifeLogin) + " ago"
		if result == codeForeign {
			why = "the code was asked for in another browser: " + cookieSession + " is not the same"
		}
		s.invalidSession(w, r, c, "Codes and links work in the browser in which they were asked for.", why)
		return
	}
	app, ok := c.AppByAUD(l.aud)
	if !ok {
		s.invalidSession(w, r, c, "The application is gone.", "no application has the audience tag of the sign-in any more")
		return
	}
	s.finishCode(w, r, c, app, l, result)
}

// finishCode answers a code. The pages say no more than a stranger may know;
// the reasons say the rest.
func (s *State) finishCode(w http.ResponseWriter, r *Request, c *Config, app *App, l login, result checked) {
	p := page{Status: http.StatusForbidden, app: app, host: l.host, Actions: []action{{"Ask for a new code", l.loginPage()}}}
	switch result {
	case codeRight:
		s.signIn(w, r, c, app, l.goal, c.pinned(l.email))
		return
	case codeUsed:
		p.Status, p.Title = http.StatusBadRequest, "This code has already been used"
		p.Lead = "A code works once. Mail scanners that open links use them up, too."
		p.reason.Why = "the code was used before; it works once"
	case codeExpired:
		p.Status, p.Title = http.StatusBadRequest, "This code has expired"
		p.Lead = "A code works for " + until(lifePIN) + "."
		p.reason.Why = "the code expired: it was made more than " + until(lifePIN) + " ago"
	case codeDead:
		p.Title = "Too many wrong codes"
		p.Lead = fmt.Sprintf("After %d wrong codes a sign-in is over.", maxTries)
		p.reason.Why = fmt.Sprintf("%d wrong codes ended this sign-in", maxTries)
	case codeBarred:
		p.Status, p.Title, p.Actions = http.StatusTooManyRequests, "Too many wrong codes", nil
		p.Lead = "Too many wrong codes were entered for this address. Wait a few minutes, and try again."
		p.reason.Why = fmt.Sprintf("%d wrong codes were entered for %s within %s; no code is looked at until some of that time has passed", maxWrong, l.email, until(lifePIN))
		w.Header().Set("Retry-After", fmt.Sprint(int((lifePIN / maxWrong).Seconds())))
	case codeGuessed:
		p.Status, p.Title, p.Actions = http.StatusTooManyRequests, "Too many wrong codes", nil
		p.Lead = "Too many wrong codes were entered in this browser. Wait a few minutes, and try again."
		p.reason.Why = fmt.Sprintf("%d wrong codes came from this browser (%s) within %s, whichever the address; no code is looked at until some of that time has passed", maxWrong, cookieSession, until(lifePIN))
		w.Header().Set("Retry-After", fmt.Sprint(int((lifePIN / maxWrong).Seconds())))
	default:
		s.wrongCode(w, r, c, app, l)
		return
	}
	if result != codeBarred && result != codeGuessed {
		p.reason.Mend = "ask for a new code"
	}
	s.show(w, r, c, p)
}

// wrongCode shows the login page again, with the code's form while there are
// tries left.
func (s *State) wrongCode(w http.ResponseWriter, r *Request, c *Config, app *App, l login) {
	p := page{Status: http.StatusForbidden, Alert: noAccess}
	left := maxTries - l.tries
	if left > 0 {
		p.Nonce = l.nonce
	}
	if l.allowed {
		p.reason = Reason{Why: fmt.Sprintf("wrong code, %d of %d tries left", left, maxTries), Mend: "enter the code of the newest mail to " + l.email}
		if left == 0 {
			p.reason.Mend = "ask for a new code"
		}
	} else {
		p.reason = app.notAdmitted(r, l.email)
	}
	s.showLogin(w, r, c, app, l.goal, p)
}

// signIn begins a session at the team domain for who has proved to be somebody.
func (s *State) signIn(w http.ResponseWriter, r *Request, c *Config, app *App, g goal, with *claimed) {
	// Begun first and asked after, so that a revocation in between is either
	// seen or comes later than the session, and ends it.
	who := s.newSession(c, with, r.Client)
	s.mu.Lock()
	refused := s.refusedLogin(who.subject)
	s.mu.Unlock()
	if refused {
		s.show(w, r, c, page{Status: http.StatusForbidden, Title: "Signing in is refused just now", app: app, host: g.host,
			Lead:   "The sessions of this person were revoked. Try again in " + until(refusal) + ".",
			reason: Reason{Why: "the sessions of " + with.email + " were revoked less than " + until(refusal) + " ago", Mend: "wait, and sign in again"}})
		return
	}
	s.mu.Lock()
	seated := s.takeSeat(who.subject, who.email)
	s.mu.Unlock()
	if !seated {
		most := s.endings.Load().Seats
		s.show(w, r, c, page{Status: http.StatusForbidden, Title: "No seat left", app: app, host: g.host,
			Lead: "Everybody whom this organization's plan has room for has signed in already. Ask its administrator.",
			reason: Reason{Why: fmt.Sprintf("all %d seats are taken, and %s has none", most, with.email),
				Mend: "remove the seat of somebody who needs none, or raise seats"}})
		return
	}
	token, expires, err := s.mintOrg(c, who)
	if err != nil {
		s.internal(w, r, "token of the team domain", err)
		return
	}
	h := w.Header()
	setCookie(h, cookieAuthorization, token, "/", "None", expires, true)
	device, _ := oneCookie(r.HTTP.Header, cookieDevice)
	if !isHex(device, 32) {
		device = s.text(32, hexDigits)
	}
	setCookie(h, cookieDevice, device, "/", "Strict", s.now().Add(lifeDevice), true)
	if !r.Own {
		g.tour = app.tour(g.host)
	}
	s.proceed(w, r, c, app, g, who)
}
