package accessemu

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	loginPath    = accessPath + "login/"
	verifyPath   = accessPath + "verify-code/"
	callbackPath = accessPath + "callback"
	resendPath   = accessPath + "resend-code"
)

// ServeTeam answers everything on the team's host.
func (s *State) ServeTeam(w http.ResponseWriter, r *Request, c *Config) {
	if c == nil {
		http.NotFound(w, r.HTTP)
		return
	}
	path, _ := requestPath(r.HTTP.URL)
	switch path {
	case accessPath + "certs":
		s.serveCerts(w, r.HTTP)
	case accessPath + "get-identity":
		s.serveIdentity(w, r, c, "org")
	case accessPath + "logout":
		s.serveLogout(w, r, c, true)
	case callbackPath:
		s.serveCallback(w, r, c)
	case resendPath:
		s.serveResend(w, r, c)
	default:
		if host, ok := strings.CutPrefix(path, loginPath); ok && plainPath(path) {
			s.serveLogin(w, r, c, host)
		} else if host, ok := strings.CutPrefix(path, verifyPath); ok && plainPath(path) {
			s.serveVerify(w, r, c, host)
		} else {
			s.unknown(w, r, c, path)
		}
	}
}

// goalOf reads where a login page leads. It answers the page itself when no
// application is meant.
func (s *State) goalOf(w http.ResponseWriter, r *Request, c *Config, host string) (goal, *App, bool) {
	q := r.HTTP.URL.Query()
	g := goal{aud: q.Get("kid"), host: lowerASCII(host), redirect: safePath(q.Get("redirect_url")), query: withoutNonce(r.HTTP.URL.RawQuery)}
	app, ok := c.AppByAUD(g.aud)
	if !ok || !validDomain(g.host) || !app.covers(g.host) {
		noStore(w.Header())
		s.log.Warn("access: a login page for no application", "host", host, "kid", g.aud)
		s.show(w, r, c, page{Status: http.StatusNotFound, Title: "Unable to find your Access application",
			Lead: "No application of this team has the audience tag of this link and covers its host.", Detail: "Go back to the application, and sign in from there."})
		return goal{}, nil, false
	}
	g.session = s.sessionHash(q.Get("meta"), g)
	return g, app, true
}

// sessionHash is the browser's CF_AppSession as the application's host saw it,
// signed into meta. Without meta, or with one that is too old, it is not known,
// and the sign-in leads to the application's host for a fresh one.
func (s *State) sessionHash(meta string, g goal) string {
	if meta == "" {
		return ""
	}
	body, key, problem := s.open(meta)
	now := s.now()
	var m metaClaims
	if problem != "" || !s.usable(key, now) || json.Unmarshal(body, &m) != nil ||
		m.Type != "meta" || m.Audience != g.aud || m.Host != g.host || m.Expires <= now.Unix() || m.NotYet > now.Unix() {
		return ""
	}
	return m.Session
}

// withoutNonce is a query to come back with, less what a PIN added to it.
func withoutNonce(raw string) string {
	var kept []string
	for part := range strings.SplitSeq(raw, "&") {
		if part != "" && !strings.HasPrefix(part, "nonce=") {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// serveLogin shows the login page, or goes on at once for who is signed in at
// the team domain already.
func (s *State) serveLogin(w http.ResponseWriter, r *Request, c *Config, host string) {
	if r.HTTP.Method != http.MethodGet && r.HTTP.Method != http.MethodHead {
		methodNotAllowed(w, "GET, HEAD")
		return
	}
	g, app, ok := s.goalOf(w, r, c, host)
	if !ok {
		return
	}
	// Clients before signed metadata find the application by these.
	h := w.Header()
	h.Set("Cf-Access-Domain", app.Domains[0])
	h.Set("Cf-Access-Aud", app.AUD)
	noStore(h)
	s.loginSession(w, r.HTTP)
	if v := s.orgToken(r, c); v != nil {
		s.proceed(w, r, c, app, g, s.sessionOf(c, v, r.Client))
		return
	}
	if !app.evaluate(subjectFrom(r.Client)).login {
		s.deny(w, r, c, app, g, "")
		return
	}
	s.showLogin(w, r, c, app, g, page{Status: http.StatusOK, Alert: message(g.redirect)})
}

// orgToken is the team domain's own token of a request.
func (s *State) orgToken(r *Request, c *Config) *verified {
	value, several := oneCookie(r.HTTP.Header, cookieAuthorization)
	if value == "" || several {
		return nil
	}
	v, problem := s.verify(value)
	if problem != "" || s.stale(v, c.issuer, "org", s.now()) != "" {
		return nil
	}
	return v
}

// proceed takes someone who is signed in to the application, or says why not.
func (s *State) proceed(w http.ResponseWriter, r *Request, c *Config, app *App, g goal, who *session) {
	sub := subjectFrom(r.Client)
	sub.email = who.email
	if o := app.evaluate(sub); !o.allow && !o.bypass {
		s.deny(w, r, c, app, g, who.email)
		return
	}
	if g.session == "" {
		// The browser's session with the application is not known. Its own
		// host knows it, and comes back here without a question.
		redirect(w, r, r.origin(g.host)+g.redirect)
		return
	}
	nonce := s.openPass(g, who)
	redirect(w, r, r.origin(g.host)+accessPath+"authorized?nonce="+nonce+"&state="+url.QueryEscape(s.signState(c, g, nonce)))
}

// deny answers someone whom no policy admits: by a page about what nobody can
// mend by signing in, or else the login page again.
func (s *State) deny(w http.ResponseWriter, r *Request, c *Config, app *App, g goal, email string) {
	sub := subjectFrom(r.Client)
	anonymous := app.evaluate(sub)
	if anonymous.bypass {
		redirect(w, r, r.origin(g.host)+g.redirect)
		return
	}
	if !anonymous.login {
		d := Decision{App: app, subject: sub}
		d.refuse(anonymous, anonymous, r)
		s.answerForbidden(w, r, c, &d)
		return
	}
	if app.doc.CustomDenyURL != "" {
		redirect(w, r, app.doc.CustomDenyURL)
		return
	}
	p := page{Status: http.StatusForbidden, Alert: noAccess}
	if app.doc.CustomDenyMessage != "" {
		p.Alert = app.doc.CustomDenyMessage
	}
	if email != "" {
		p.SignedInAs = email
	}
	s.showLogin(w, r, c, app, g, p)
}

const noAccess = "That account does not have access."

// message is what an application's URL asks the login page to say.
func message(redirect string) string {
	u, err := url.Parse(redirect)
	if err != nil {
		return ""
	}
	switch u.Query().Get(messageParameter) {
	case "logged_out":
		return "You have been signed out."
	case "unauthorized":
		return noAccess
	}
	return ""
}

// foreign tells whether a form was sent from another site's page.
func foreign(r *Request, c *Config) bool {
	switch r.HTTP.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
	default:
		return true
	}
	origin := r.HTTP.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || u.Scheme != "https" || u.Hostname() != c.authDomain
}

// limitForm limits what a form may hold before it is read.
func limitForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
}

// invalidSession is the page for sign-ins that are unknown, used or another
// browser's.
func (s *State) invalidSession(w http.ResponseWriter, r *Request, c *Config, detail string) {
	noStore(w.Header())
	s.show(w, r, c, page{Status: http.StatusBadRequest, Title: "Invalid login session",
		Lead: "This sign-in is not known here, was finished already, or was begun in another browser.", Detail: detail})
}

// until is a duration in words.
func until(d time.Duration) string {
	if d%time.Minute == 0 {
		if d == time.Minute {
			return "a minute"
		}
		return strings.TrimSuffix(d.String(), "m0s") + " minutes"
	}
	return d.String()
}
