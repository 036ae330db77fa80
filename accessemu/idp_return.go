package accessemu

import (
	"errors"
	"net/http"
	"net/url"
)

// providerError is a sign-in that an identity provider did not bring to an end.
type providerError struct {
	status int    // of the page
	lead   string // what everybody may know
	why    string // what the developer should know
	mend   string
}

func (e *providerError) Error() string { return e.why }

// refusedByProvider is an error that the provider itself answers in the browser.
func refusedByProvider(code, description string) *providerError {
	e := &providerError{status: http.StatusForbidden, lead: "The identity provider did not sign you in.", why: "the identity provider answered error=" + clean(code)}
	if description != "" {
		e.why += " (" + clean(description) + ")"
	}
	if code != "access_denied" {
		e.status = http.StatusBadGateway
		e.mend = "look at the identity provider's log, and at its redirect URIs and scopes"
	}
	return e
}

// unusable is an answer of the provider that cannot be believed or used.
func unusable(why, mend string) *providerError {
	return &providerError{http.StatusBadGateway, "The identity provider's answer cannot be used.", why, mend}
}

// serveReturn takes a browser back from an identity provider.
func (s *State) serveReturn(w http.ResponseWriter, r *Request, c *Config, q url.Values) {
	browser, _ := oneCookie(r.HTTP.Header, cookieSession)
	a, problem := s.findAttempt(q.Get("state"), browser, true)
	if problem != "" {
		s.invalidSession(w, r, c, "Go back to the application, and sign in again.", problem)
		return
	}
	app, ok := c.AppByAUD(a.aud)
	p, there := c.providers.get(a.provider)
	if !ok || !there {
		s.invalidSession(w, r, c, "Open the application again.", "the application of the sign-in, or its identity provider, is gone")
		return
	}
	with, err := s.ask(r, p, &a, q)
	if err != nil {
		s.failed(w, r, c, app, p, a.goal, err)
		return
	}
	s.signIn(w, r, c, app, a.goal, with)
}

// ask has a provider say who has signed in.
func (s *State) ask(r *Request, p *provider, a *attempt, q url.Values) (*claimed, error) {
	if code := q.Get("error"); code != "" {
		return nil, refusedByProvider(code, q.Get("error_description"))
	}
	code := q.Get("code")
	switch {
	case code == "":
		return nil, unusable("the identity provider sent the browser back with neither code nor error", "")
	case p.builtIn:
		if a.found == nil || r.Reticent || !equal(a.code, code) {
			return nil, unusable("the code is not the one that the lookalike's page gave", "sign in again")
		}
		return a.found, nil
	case p.doc.Type == typeGitHub:
		return s.askGitHub(r.HTTP.Context(), p, a, code)
	}
	return s.askOIDC(r.HTTP.Context(), p, a, code)
}

// failed shows why a provider signed nobody in.
func (s *State) failed(w http.ResponseWriter, r *Request, c *Config, app *App, p *provider, g goal, err error) {
	var e *providerError
	if !errors.As(err, &e) {
		e = unusable(err.Error(), "")
	}
	why := p.label() + ": " + e.why
	s.log.Warn("access: nobody was signed in", "provider", p.doc.Name, "application", app.Name, "why", e.why)
	shown := page{Status: e.status, Title: "You are not signed in", Lead: e.lead, app: app, host: g.host,
		Actions: []action{{"Back to the login page", g.loginPage()}},
		reason:  Reason{Why: why, Mend: e.mend, Kind: "identity_provider", ID: p.doc.ID, Field: "config"}}
	if !r.Reticent {
		shown.Note = why
		if e.mend != "" {
			shown.Note += ". To mend it: " + e.mend
		}
		shown.Note += ". Only this computer is told."
	}
	s.show(w, r, c, shown)
}
