package accessemu

import (
	"bytes"
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
		methodNotAllowed(w, "GET, HEAD, POST")
		return
	}
	g, app, ok := s.goalOf(w, r, c, host)
	if !ok {
		return
	}
	noStore(w.Header())
	if r.HTTP.Method == http.MethodPost {
		s.askForCode(w, r, c, app, g)
		return
	}
	nonce := r.HTTP.URL.Query().Get("nonce")
	if nonce == "" {
		redirect(w, r, loginPath+g.host+"?"+g.query)
		return
	}
	browser, _ := oneCookie(r.HTTP.Header, cookieSession)
	l, ok := s.findLogin(nonce, browser)
	if !ok {
		s.invalidSession(w, r, c, "Go back to the application, and sign in again.")
		return
	}
	s.showCode(w, r, c, app, l, http.StatusOK, "")
}

// askForCode answers every address alike, so that the answer does not tell who
// is admitted; only the mail does.
func (s *State) askForCode(w http.ResponseWriter, r *Request, c *Config, app *App, g goal) {
	if foreign(r, c) {
		s.invalidSession(w, r, c, "The form was sent from a page of another site.")
		return
	}
	limitForm(w, r.HTTP)
	email, ok := canonicalEmail(r.HTTP.PostFormValue("email"))
	if !ok {
		s.showLogin(w, r, c, app, g, page{Status: http.StatusBadRequest, Alert: "Enter an e-mail address, as alice@example.com."})
		return
	}
	if !s.allowMail(email) {
		s.tooManyMails(w, r, c)
		return
	}
	l := &login{goal: g, nonce: s.text(43, alphanumeric), email: email, browser: s.loginSession(w, r.HTTP)}
	l.allowed = s.mayReceive(r, app, email)
	s.newCode(l)
	s.openLogin(l, s.compose(r, c, l))
	query := g.query
	if query != "" {
		query += "&"
	}
	redirect(w, r, verifyPath+g.host+"?"+query+"nonce="+l.nonce)
}

// mayReceive tells whether a policy could admit the address from here.
func (s *State) mayReceive(r *Request, app *App, email string) bool {
	sub := subjectFrom(r.Client)
	sub.email = email
	o := app.evaluate(sub)
	if !o.allow && !o.bypass {
		// The page does not tell, so the log does: here the person at the terminal is also the administrator.
		s.log.Warn("access: no PIN was sent", "to", email, "application", app.Name, "why", app.missing(sub))
		return false
	}
	return true
}

func (s *State) tooManyMails(w http.ResponseWriter, r *Request, c *Config) {
	w.Header().Set("Retry-After", "1")
	s.show(w, r, c, page{Status: http.StatusTooManyRequests, Title: "Too many codes",
		Lead: "Codes were asked for too often for this address. Wait a moment, and try again."})
}

// serveResend mails a new code, which voids the older one of the same sign-in.
func (s *State) serveResend(w http.ResponseWriter, r *Request, c *Config) {
	if r.HTTP.Method != http.MethodGet && r.HTTP.Method != http.MethodHead {
		methodNotAllowed(w, "GET, HEAD")
		return
	}
	noStore(w.Header())
	nonce := r.HTTP.URL.Query().Get("nonce")
	browser, _ := oneCookie(r.HTTP.Header, cookieSession)
	l, ok := s.findLogin(nonce, browser)
	app, found := c.AppByAUD(l.aud)
	if !ok || !found {
		s.invalidSession(w, r, c, "Go back to the application, and sign in again.")
		return
	}
	if !s.allowMail(l.email) {
		s.tooManyMails(w, r, c)
		return
	}
	s.resend(nonce, s.mayReceive(r, app, l.email), func(l *login) Mail { return s.compose(r, c, l) })
	if strings.Contains(r.HTTP.Header.Get("Accept"), "text/html") {
		redirect(w, r, codePage(l)) // a link was followed, the page wants to be shown again
		return
	}
	writeJSON(w, r.HTTP, http.StatusOK, []byte(`{"success":true}`))
}

// codePage is where a login's code is asked for.
func codePage(l login) string {
	query := l.query
	if query != "" {
		query += "&"
	}
	return verifyPath + l.host + "?" + query + "nonce=" + l.nonce
}

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
