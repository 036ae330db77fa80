package accessemu

import (
	"net/http"
	"strings"
)

const (
	purposePath  = accessPath + "purpose-justification"
	maxPurpose   = 500
	maxPrompt    = 1000
	purposeAsked = "What do you need access for?"
)

func compilePurpose(doc *Policy, field string, f *faults) {
	const required, prompt = "purpose_justification_required", "purpose_justification_prompt"
	if doc.PurposeRequired && doc.Decision != "allow" {
		f.add(join(field, required), "true in a policy that nobody signs in for", "false, or the decision allow", "")
	}
	if len(doc.PurposePrompt) > maxPrompt {
		f.add(join(field, prompt), "more than 1000 letters", "a sentence or two", "")
	}
}

// purpose is a sign-in that waits for its justification.
type purpose struct {
	goal
	login   *session
	policy  string // that asks
	browser string // its CF_Session
	at      *grant
}

func (p *purpose) weight() int { return p.goal.weight() + len(p.policy) + len(p.browser) + 256 }

// askPurpose shows the page between the login and the application. It comes
// once for each token of the application.
func (s *State) askPurpose(w http.ResponseWriter, r *Request, c *Config, app *App, p *appPolicy, g goal, who *session) {
	nonce := s.text(43, alphanumeric)
	waiting := &purpose{goal: g, login: who, policy: p.label(), browser: s.loginSession(w, r), at: s.newGrant(nil)}
	s.mu.Lock()
	s.purposes.sweep(func(p *purpose) bool { return s.expired(p.at, lifeLogin) })
	s.purposes.put(nonce, waiting)
	s.mu.Unlock()
	s.showPurpose(w, r, c, app, p, nonce, page{Status: http.StatusOK})
}

func (s *State) showPurpose(w http.ResponseWriter, r *Request, c *Config, app *App, p *appPolicy, nonce string, shown page) {
	shown.Title, shown.Heading = "Justify your access · "+app.Name, "Justify your access to "+app.Name
	shown.Lead = "Your answer is kept in the log of your organization."
	shown.Asks, shown.Purpose, shown.Nonce = purposeAsked, purposePath, nonce
	if p != nil && p.doc.PurposePrompt != "" {
		shown.Asks = p.doc.PurposePrompt
	}
	s.show(w, r, c, shown)
}

// servePurpose takes the answer, from the browser that was asked, once.
func (s *State) servePurpose(w http.ResponseWriter, r *Request, c *Config) {
	noStore(w.Header())
	if r.HTTP.Method != http.MethodPost {
		methodNotAllowed(w, r, "POST")
		return
	}
	if !s.form(w, r, c) {
		return
	}
	browser, _ := oneCookie(r.HTTP.Header, cookieSession)
	nonce, text := r.HTTP.PostFormValue("nonce"), strings.TrimSpace(r.HTTP.PostFormValue("justification"))
	s.mu.Lock()
	p, ok := s.purposes.get(nonce)
	ok = ok && equal(p.browser, browser) && !s.expired(p.at, lifeLogin) && !s.signedOut(p.login)
	if ok && text != "" {
		s.purposes.drop(nonce)
	}
	s.mu.Unlock()
	if !ok {
		s.invalidSession(w, r, c, "Go back to the application, and sign in again.", "no sign-in of this browser waits for a justification with this nonce")
		return
	}
	app, found := c.AppByAUD(p.aud)
	if !found {
		s.invalidSession(w, r, c, "The application is gone.", "no application has the audience tag of the sign-in any more")
		return
	}
	o := app.evaluate(p.login.signedInFrom(r.Client))
	if !o.allow || !app.admitsProvider(p.login.traits) {
		s.deny(w, r, c, app, p.goal, p.login)
		return
	}
	if text == "" {
		s.showPurpose(w, r, c, app, o.policy, nonce, page{Status: http.StatusBadRequest, Alert: "Write what for.",
			reason: Reason{Why: p.policy + " wants a justification, and none was written"}})
		return
	}
	if len(text) > maxPurpose {
		text = strings.ToValidUTF8(text[:maxPurpose], "")
	}
	s.log.Info("access: justified", "who", p.login.email, "application", app.Name, "host", p.host, "purpose", text)
	s.enter(w, r, c, p.goal, p.login, true)
}
