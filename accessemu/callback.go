package accessemu

import (
	"fmt"
	"net/http"
	"strings"
)

// serveCallback takes the code, typed (POST) or by the link in the mail (GET).
func (s *State) serveCallback(w http.ResponseWriter, r *Request, c *Config) {
	noStore(w.Header())
	browser, _ := oneCookie(r.HTTP.Header, cookieSession)
	var nonce, code, secret string
	switch r.HTTP.Method {
	case http.MethodPost:
		if foreign(r, c) {
			s.invalidSession(w, r, c, "The form was sent from a page of another site.")
			return
		}
		limitForm(w, r.HTTP)
		nonce, code = r.HTTP.PostFormValue("nonce"), r.HTTP.PostFormValue("code")
	case http.MethodGet, http.MethodHead:
		q := r.HTTP.URL.Query()
		nonce, code, secret = q.Get("nonce"), q.Get("code"), q.Get("secret")
	default:
		methodNotAllowed(w, "GET, HEAD, POST")
		return
	}
	code = strings.Map(func(c rune) rune { // people copy "123 456"
		if c == ' ' || c == '-' {
			return -1
		}
		return c
	}, code)
	l, result := s.checkCode(nonce, code, secret, browser, r.HTTP.Method != http.MethodPost)
	if result == codeUnknown {
		s.invalidSession(w, r, c, "Codes and links work in the browser in which they were asked for.")
		return
	}
	app, ok := c.AppByAUD(l.aud)
	if !ok {
		s.invalidSession(w, r, c, "The application is gone.")
		return
	}
	s.finishCode(w, r, c, app, l, result)
}

func (s *State) finishCode(w http.ResponseWriter, r *Request, c *Config, app *App, l login, result checked) {
	again := []action{{"Ask for a new code", loginPath + l.host + "?" + l.query}}
	switch result {
	case codeRight:
		s.signIn(w, r, c, app, l)
	case codeUsed:
		s.show(w, r, c, page{Status: http.StatusBadRequest, Title: "This code has already been used", app: app, host: l.host,
			Lead: "A code works once. Mail scanners that open links use them up, too.", Actions: again})
	case codeExpired:
		s.show(w, r, c, page{Status: http.StatusBadRequest, Title: "This code has expired", app: app, host: l.host,
			Lead: "A code works for " + until(lifePIN) + ".", Actions: again})
	case codeDead:
		s.show(w, r, c, page{Status: http.StatusForbidden, Title: "Too many wrong codes", app: app, host: l.host,
			Lead: fmt.Sprintf("After %d wrong codes a sign-in is over.", maxTries), Actions: again})
	default:
		p := page{Status: http.StatusForbidden, Alert: noAccess}
		if l.tries < maxTries {
			p.Nonce = l.nonce
		}
		s.showLogin(w, r, c, app, l.goal, p)
	}
}

// signIn begins a session at the team domain for who had the right code.
func (s *State) signIn(w http.ResponseWriter, r *Request, c *Config, app *App, l login) {
	if s.refusedLogin(subjectOf(c.account, l.email)) {
		s.show(w, r, c, page{Status: http.StatusForbidden, Title: "Signing in is refused just now", app: app, host: l.host,
			Lead: "The sessions of this person were revoked. Try again in " + until(refusal) + "."})
		return
	}
	who := s.newSession(c, l.email, r.Client)
	token, expires, err := s.mintOrg(c, who)
	if err != nil {
		s.internal(w, "token of the team domain", err)
		return
	}
	h := w.Header()
	setCookie(h, cookieAuthorization, token, "/", "None", expires, true)
	device, _ := oneCookie(r.HTTP.Header, cookieDevice)
	if !isHex(device, 32) {
		device = s.text(32, hexDigits)
	}
	setCookie(h, cookieDevice, device, "/", "Strict", s.now().Add(lifeDevice), true)
	s.proceed(w, r, c, app, l.goal, who)
}
