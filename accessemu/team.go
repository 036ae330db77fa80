package accessemu

import (
	"cmp"
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
		s.serveCerts(w, r)
	case accessPath + "get-identity":
		s.serveIdentity(w, r, c, "org")
	case accessPath + "logout":
		s.serveLogout(w, r, c, true)
	case callbackPath:
		s.serveCallback(w, r, c)
	case signPath:
		s.serveSign(w, r, c)
	case resendPath:
		s.serveResend(w, r, c)
	case purposePath:
		s.servePurpose(w, r, c)
	case builtInPath:
		s.serveBuiltIn(w, r, c)
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

// serveLogin shows the login page, or goes on at once for who is signed in at
// the team domain already.
func (s *State) serveLogin(w http.ResponseWriter, r *Request, c *Config, host string) {
	if r.HTTP.Method != http.MethodGet && r.HTTP.Method != http.MethodHead {
		methodNotAllowed(w, r, "GET, HEAD")
		return
	}
	g, app, ok := s.goalOf(w, r, c, host)
	if !ok {
		return
	}
	// Clients before signed metadata find the application by these.
	h := w.Header()
	h.Set("Cf-Access-Domain", app.domainOn(g.host))
	h.Set("Cf-Access-Aud", app.AUD)
	noStore(h)
	s.loginSession(w, r)
	if v := s.orgToken(r, c); v != nil {
		s.proceed(w, r, c, app, g, s.sessionOf(c, v, r.Client))
		return
	}
	if !app.evaluate(subjectFrom(r.Client)).login {
		s.deny(w, r, c, app, g, nil)
		return
	}
	if id := r.HTTP.URL.Query().Get("idp"); id != "" {
		for _, p := range c.offered(app) {
			if p.doc.ID == id && !p.pin() {
				s.begin(w, r, c, app, g, p)
				return
			}
		}
		s.showLogin(w, r, c, app, g, page{Status: http.StatusBadRequest, Alert: "That is no way to sign in to this application.",
			reason: Reason{Why: app.label() + ": idp names no identity provider that the application allows", Kind: "app", ID: app.ID, Field: "allowed_idps"}})
		return
	}
	alert := message(g.redirect)
	if p := c.atOnce(app); p != nil && alert == "" {
		s.begin(w, r, c, app, g, p)
		return
	}
	s.showLogin(w, r, c, app, g, page{Status: http.StatusOK, Alert: alert})
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
	s.consult(r.HTTP.Context(), c, app, who, r.Client)
	o := app.evaluate(who.signedInFrom(r.Client))
	if !o.allow && !o.bypass || !app.admitsProvider(who.traits) {
		s.deny(w, r, c, app, g, who)
		return
	}
	if o.allow && o.policy.doc.PurposeRequired {
		s.askPurpose(w, r, c, app, o.policy, g, who)
		return
	}
	s.enter(w, r, c, g, who, false)
}

// enter leads to the application, with a pass.
func (s *State) enter(w http.ResponseWriter, r *Request, c *Config, g goal, who *session, justified bool) {
	if g.session == "" {
		// The browser's session with the application is not known. Its own
		// host knows it, and comes back here without a question.
		redirect(w, r, r.origin(g.host)+g.redirect)
		return
	}
	nonce := s.openPass(g, who, justified)
	redirect(w, r, r.origin(g.host)+accessPath+"authorized?nonce="+nonce+"&state="+url.QueryEscape(s.signState(c, g, nonce)))
}

// deny answers someone whom no policy admits: by a page about what nobody can
// mend by signing in, or else the login page again.
func (s *State) deny(w http.ResponseWriter, r *Request, c *Config, app *App, g goal, who *session) {
	d := Decision{App: app, subject: subjectFrom(r.Client), config: c}
	anonymous := app.evaluate(d.subject)
	if anonymous.bypass {
		redirect(w, r, r.origin(g.host)+g.redirect)
		return
	}
	result, email := anonymous, ""
	if who != nil {
		email = who.email
		d.Identity = &Identity{Email: email}
		signedIn := who.signedInFrom(r.Client)
		if result = app.evaluate(signedIn); result.allow {
			result.allow = false // its identity provider does not do
		}
		if anonymous.login {
			d.subject = signedIn
		}
	}
	d.refuse(anonymous, result, r)
	if r.Reticent {
		d.hush()
	}
	if !anonymous.login {
		r.tell(d.reason())
		s.answerForbidden(w, r, c, &d)
		return
	}
	if app.doc.CustomDenyURL != "" {
		r.tell(d.reason())
		redirect(w, r, app.doc.CustomDenyURL)
		return
	}
	if own := cmp.Or(app.pages.denied, c.ownPages.denied); own != nil {
		r.tell(d.reason())
		s.showCustom(w, r, own, http.StatusForbidden)
		return
	}
	p := page{Status: http.StatusForbidden, Alert: noAccess, SignedInAs: email, reason: d.reason()}
	if app.doc.CustomDenyMessage != "" {
		p.Alert = app.doc.CustomDenyMessage
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

// invalidSession is the page for sign-ins that are unknown, used or another
// browser's. Which it is, only the reason tells.
func (s *State) invalidSession(w http.ResponseWriter, r *Request, c *Config, detail, why string) {
	noStore(w.Header())
	s.show(w, r, c, page{Status: http.StatusBadRequest, Title: "Invalid login session",
		Lead:   "This sign-in is not known here, was finished already, or was begun in another browser.",
		Detail: detail, reason: Reason{Why: "invalid login session: " + why}})
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
