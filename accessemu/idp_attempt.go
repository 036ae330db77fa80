package accessemu

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// attempt is a sign-in that is under way at an identity provider.
type attempt struct {
	goal
	state    string
	provider string // its id
	browser  string // its CF_Session
	returns  string // redirect_uri
	nonce    string // of the ID token
	verifier string // of PKCE; empty: not used
	at       *grant

	code  string   // that the lookalike's own page gave; empty: none yet
	found *claimed // for that code
}

func (a *attempt) weight() int {
	return a.goal.weight() + len(a.state) + len(a.browser) + len(a.returns) + 512
}

// openAttempt begins a sign-in at a provider.
func (s *State) openAttempt(w http.ResponseWriter, r *Request, c *Config, p *provider, g goal) *attempt {
	a := &attempt{
		goal: g, state: s.text(43, alphanumeric), provider: p.doc.ID, browser: s.loginSession(w, r),
		returns: r.origin(c.authDomain) + callbackPath, nonce: s.text(32, alphanumeric), at: s.newGrant(nil),
	}
	if p.doc.Config.PKCEEnabled {
		a.verifier = s.text(64, alphanumeric)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts.sweep(func(a *attempt) bool { return s.expired(a.at, lifeLogin) })
	s.attempts.put(a.state, a)
	return a
}

// findAttempt is a copy of an attempt of this browser, or in words why there is none.
// Taking it ends it.
func (s *State) findAttempt(state, browser string, take bool) (attempt, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.attempts.get(state)
	switch {
	case !ok || s.expired(a.at, lifeLogin):
		return attempt{}, "no sign-in has this state, or it was finished already, or begun more than " + until(lifeLogin) + " ago"
	case !equal(a.browser, browser):
		return attempt{}, "the sign-in was begun in another browser: " + cookieSession + " is not the same"
	}
	if take {
		s.attempts.drop(state)
	}
	return *a, ""
}

// begin sends the browser to an identity provider.
func (s *State) begin(w http.ResponseWriter, r *Request, c *Config, app *App, g goal, p *provider) {
	if p.builtIn {
		if r.Reticent {
			s.notFromHere(w, r, c)
			return
		}
		a := s.openAttempt(w, r, c, p, g)
		redirect(w, r, r.origin(c.authDomain)+builtInPath+"?state="+a.state)
		return
	}
	a := s.openAttempt(w, r, c, p, g)
	redirect(w, r, p.authorization(a))
}

// authorization is where the browser signs in at a provider that is elsewhere.
func (p *provider) authorization(a *attempt) string {
	doc := &p.doc.Config
	query := "client_id=" + url.QueryEscape(doc.ClientID) + "&redirect_uri=" + url.QueryEscape(a.returns) +
		"&scope=" + url.QueryEscape(strings.Join(doc.Scopes, " ")) + "&state=" + a.state
	if p.doc.Type != typeGitHub {
		query = "response_type=code&" + query + "&nonce=" + a.nonce
	}
	if doc.AppsDomain != "" {
		query += "&hd=" + url.QueryEscape(doc.AppsDomain)
	}
	if a.verifier != "" {
		sum := sha256.Sum256([]byte(a.verifier))
		query += "&code_challenge=" + base64.RawURLEncoding.EncodeToString(sum[:]) + "&code_challenge_method=S256"
	}
	if strings.Contains(doc.AuthURL, "?") {
		return doc.AuthURL + "&" + query
	}
	return doc.AuthURL + "?" + query
}

// choice is a provider on the login page.
type choice struct {
	Name, URL string
	Ours      bool // the lookalike's own page
}

// choices are the links of a login page; none leads a stranger to the lookalike's own page.
func (c *Config) choices(r *Request, app *App, g goal) (list []choice, pin *provider) {
	for _, p := range c.offered(app) {
		switch {
		case p.pin():
			pin = p
		case p.builtIn && r.Reticent:
		default:
			list = append(list, choice{p.doc.Name, g.loginPage() + "&idp=" + url.QueryEscape(p.doc.ID), p.builtIn})
		}
	}
	return list, pin
}

// notFromHere is the page of strangers whom only the lookalike's own page could sign in.
func (s *State) notFromHere(w http.ResponseWriter, r *Request, c *Config) {
	s.show(w, r, c, page{Status: http.StatusForbidden, Title: "Nobody can sign in from here",
		Lead: "The identity provider is a page of the lookalike, which only its own computer is shown."})
}
