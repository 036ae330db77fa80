package accessemu

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"text/template"
)

// serveVerify takes the address (POST) and asks for the code (GET with nonce).
func (s *State) serveVerify(w http.ResponseWriter, r *Request, c *Config, host string) {
	switch r.HTTP.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		methodNotAllowed(w, r, "GET, HEAD, POST")
		return
	}
	g, app, ok := s.goalOf(w, r, c, host)
	if !ok {
		return
	}
	noStore(w.Header())
	if _, pin := c.choices(r, app, g); pin == nil {
		s.showLogin(w, r, c, app, g, page{Status: http.StatusBadRequest, Alert: "A code is no way to sign in to this application.",
			reason: Reason{Why: app.label() + ": no identity provider of the type " + oneTimePIN + " is allowed here", Mend: "add one to identity_providers, and to allowed_idps where the application has them", Kind: "app", ID: app.ID, Field: "allowed_idps"}})
		return
	}
	if r.HTTP.Method == http.MethodPost {
		s.askForCode(w, r, c, app, g)
		return
	}
	nonce := r.HTTP.URL.Query().Get("nonce")
	if nonce == "" {
		redirect(w, r, g.loginPage())
		return
	}
	browser, _ := oneCookie(r.HTTP.Header, cookieSession)
	l, ok := s.findLogin(nonce, browser)
	if !ok {
		s.unknownLogin(w, r, c)
		return
	}
	s.showCode(w, r, c, app, l, http.StatusOK, "")
}

// askForCode answers every address alike, so that the answer does not tell who
// is admitted; only the mail does.
func (s *State) askForCode(w http.ResponseWriter, r *Request, c *Config, app *App, g goal) {
	if !s.form(w, r, c) {
		return
	}
	email, ok := canonicalEmail(r.HTTP.PostFormValue("email"))
	if !ok {
		s.showLogin(w, r, c, app, g, page{Status: http.StatusBadRequest, Alert: "Enter an e-mail address, as alice@example.com.",
			reason: Reason{Why: "the form's email is no e-mail address"}})
		return
	}
	email = strings.Clone(email) // not a piece of the form, which it would keep
	if !r.Own && !s.allowMail(email) {
		s.tooManyMails(w, r, c)
		return
	}
	l := &login{goal: g, nonce: s.text(43, alphanumeric), email: email, browser: s.loginSession(w, r), own: r.Own}
	l.picked = picked(r, c, email)
	l.allowed = s.mayReceive(r, c, app, email)
	s.newCode(l)
	s.openLogin(l, s.compose(r, c, l))
	redirect(w, r, l.codePage())
}

// picked tells whether the address was chosen from the list of people, which only
// this machine is shown.
func picked(r *Request, c *Config, email string) bool {
	_, known := c.Person(email)
	return known && !r.Reticent && r.HTTP.PostFormValue("person") != ""
}

// mayReceive tells whether a policy could admit the address from here.
func (s *State) mayReceive(r *Request, c *Config, app *App, email string) bool {
	sub := expected(c, r.Client, email)
	o := app.evaluate(sub)
	if !o.allow && !o.bypass && !o.login {
		// The page does not tell, so the log does: here the person at the terminal is also the administrator.
		s.log.Warn("access: no PIN was sent", "to", email, "application", app.Name, "why", app.missing(sub))
		return false
	}
	return true
}

func (s *State) tooManyMails(w http.ResponseWriter, r *Request, c *Config) {
	w.Header().Set("Retry-After", "1")
	s.show(w, r, c, page{Status: http.StatusTooManyRequests, Title: "Too many codes",
		Lead:   "Codes were asked for too often for this address. Wait a moment, and try again.",
		reason: Reason{Why: fmt.Sprintf("more than %d codes were asked for at once for this address; one more may be asked for every %s", mailBurst, mailEvery)}})
}

func (s *State) unknownLogin(w http.ResponseWriter, r *Request, c *Config) {
	s.invalidSession(w, r, c, "Go back to the application, and sign in again.",
		"no sign-in has this nonce, or it was begun more than "+until(lifeLogin)+" ago, or in another browser")
}

// serveResend mails a new code, which voids the older one of the same sign-in.
// A sign-in that is finished, or over after too many wrong codes, stays so.
func (s *State) serveResend(w http.ResponseWriter, r *Request, c *Config) {
	if r.HTTP.Method != http.MethodGet && r.HTTP.Method != http.MethodHead {
		methodNotAllowed(w, r, "GET, HEAD")
		return
	}
	noStore(w.Header())
	nonce := r.HTTP.URL.Query().Get("nonce")
	browser, _ := oneCookie(r.HTTP.Header, cookieSession)
	l, ok := s.findLogin(nonce, browser)
	app, found := c.AppByAUD(l.aud)
	if !ok || !found {
		s.unknownLogin(w, r, c)
		return
	}
	if !s.allowMail(l.email) {
		s.tooManyMails(w, r, c)
		return
	}
	page := strings.Contains(r.HTTP.Header.Get("Accept"), "text/html") // a link was followed
	result := s.resend(nonce, s.mayReceive(r, c, app, l.email), func(l *login) Mail { return s.compose(r, c, l) })
	switch {
	case result == codeUnknown:
		s.unknownLogin(w, r, c)
	case result != codeRight && page:
		s.finishCode(w, r, c, app, l, result)
	case result != codeRight:
		r.tell(Reason{Why: "no new code was mailed, because this sign-in is over", Mend: "begin another one"})
		writeJSON(w, r.HTTP, http.StatusBadRequest, []byte(`{"success":false}`))
	case page:
		redirect(w, r, l.codePage())
	default:
		writeJSON(w, r.HTTP, http.StatusOK, []byte(`{"success":true}`))
	}
}

// codePage is where a login's code is asked for.
func (l *login) codePage() string { return verifyPath + l.host + "?" + l.query + "&nonce=" + l.nonce }

var mailText = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("mail").Parse(`Your code to sign in to {{.Host}} is

    {{.Code}}

It works once, within ten minutes. You can also follow this link in the browser
in which you asked for it:

{{.Link}}

If you did not ask for a code, nothing needs to be done.
`))
})

func (s *State) compose(r *Request, c *Config, l *login) Mail {
	m := Mail{From: sender, To: l.email, Subject: "Sign in to " + l.host, Host: l.host, Code: l.code, Nonce: l.nonce, At: s.now()}
	m.Link = r.origin(c.authDomain) + callbackPath + "?nonce=" + l.nonce + "&code=" + l.code + "&secret=" + url.QueryEscape(l.secret)
	var b bytes.Buffer
	if err := mailText().Execute(&b, m); err != nil {
		s.log.Error("access: mail", "error", err)
	}
	m.Text = b.String()
	return m
}
