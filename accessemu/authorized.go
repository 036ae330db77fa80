package accessemu

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
)

// returnState is "state": base64 of JSON, for people to read, and signed.
type returnState struct {
	Host      string `json:"hostname"`
	Team      string `json:"authDomain"`
	Redirect  string `json:"redirectURL"`
	SSO       bool   `json:"isSSO"`
	Signature string `json:"signature"`
}

// signState binds what the team domain says to one nonce.
func (s *State) signState(c *Config, g goal, nonce string) string {
	state := returnState{Host: g.host, Team: c.authDomain, Redirect: g.redirect}
	state.Signature = s.mac(state, nonce)
	text, err := json.Marshal(state)
	if err != nil {
		panic("accessemu: " + err.Error()) // strings and a bool always encode
	}
	return base64.StdEncoding.EncodeToString(text)
}

func (s *State) readState(text, nonce string) (returnState, bool) {
	var state returnState
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(data, &state) != nil {
		return state, false
	}
	return state, equal(state.Signature, s.mac(state, nonce))
}

func (s *State) mac(state returnState, nonce string) string {
	state.Signature = nonce
	text, err := json.Marshal(state)
	if err != nil {
		panic("accessemu: " + err.Error())
	}
	m := hmac.New(sha256.New, s.secret[:])
	m.Write(text)
	return hex.EncodeToString(m.Sum(nil))
}

// serveAuthorized is the end of a sign-in on the application's host: it sets
// the cookie, once, for the browser that began there.
func (s *State) serveAuthorized(w http.ResponseWriter, r *Request, c *Config) {
	if r.HTTP.Method != http.MethodGet && r.HTTP.Method != http.MethodHead {
		methodNotAllowed(w, r, "GET, HEAD")
		return
	}
	h := w.Header()
	noStore(h)
	q := r.HTTP.URL.Query()
	session, several := oneCookie(r.HTTP.Header, cookieAppSession)
	if several {
		session = ""
	}
	nonce := q.Get("nonce")
	if t, ok := s.takeStop(nonce, r.Host); ok && !several {
		s.serveStop(w, r, c, t)
		return
	}
	// Taken before anything else is looked at: showing a pass uses it up.
	p, problem := s.takePass(nonce, r.Host, session)
	if several {
		s.invalidSession(w, r, c, "The browser sent two different CF_AppSession cookies. Delete those of this host and its parent domains.",
			"two different "+cookieAppSession+" cookies were sent; one may be another host's work")
		return
	}
	state, ok := s.readState(q.Get("state"), nonce)
	app, found := c.AppByAUD(p.aud)
	switch {
	case problem != "":
	case !ok || state.Host != r.Host || state.Team != c.authDomain:
		problem = "state is not the one that was given with the nonce"
	case !s.ownAppSession(r.Host, session):
		problem = "its " + cookieAppSession + " was not made here"
	case !found || !c.covers(app, r, r.Host):
		problem = "its application is gone"
	}
	if problem != "" {
		s.invalidSession(w, r, c, "Open the application again.", problem)
		return
	}
	o := app.evaluate(p.login.signedInFrom(r.Client))
	if o.allow && o.policy.doc.PurposeRequired && !p.justified {
		// Another policy admits the person now than when the pass was given.
		redirect(w, r, r.origin(r.Host)+p.redirect)
		return
	}
	if !o.allow || !app.admitsProvider(p.login.traits) {
		// The policies or the client's address changed on the way: the
		// application's own answer says what holds now.
		r.tell(Reason{Why: app.label() + ": no policy admits " + p.login.email + " from here any more, so no cookie is set", Kind: "app", ID: app.ID, Field: "policies"})
		redirect(w, r, r.origin(r.Host)+p.redirect)
		return
	}
	issued := s.now()
	token, expires, err := s.mintAppAt(issued, c, app, o.policy, p.login, r.Host)
	if err != nil {
		s.internal(w, r, "application token", err)
		return
	}
	if err := s.setBinding(h, app, p.login, issued, expires); err != nil {
		s.internal(w, r, "binding cookie", err)
		return
	}
	rt := app.routeOn(r.Host)
	path, _ := requestPath(parsedPath(p.redirect))
	if m := c.index.match(r.Host, path); m != nil && m.app == app {
		rt = m
	}
	setAppToken(h, rt, path, token, expires)
	if path == cliPath {
		setCookie(h, cookieCLI, s.sealCLI(r.Host, session, p.login), cliPath, "", issued.Add(lifeMeta), true)
	}
	if o.policy != nil && o.policy.doc.PurposeRequired {
		p.tour = nil // every host would ask what for
	}
	redirect(w, r, s.onward(r, c, &p))
}
