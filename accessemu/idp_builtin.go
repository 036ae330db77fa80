package accessemu

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// builtInPath is the page by which the lookalike plays an identity provider.
const builtInPath = accessPath + "sundog-idp"

const (
	maxQueue   = 1024 // answers that wait
	maxAnswers = 200  // groups and methods of one answer, each
)

// ProviderAnswer is what the lookalike's own identity provider answers: who signs in, or
// an error.
type ProviderAnswer struct {
	Email   string         `json:"email,omitempty"`
	Name    string         `json:"name,omitempty"`    // this and what follows empty: of a person of the world what the world says
	Groups  []string       `json:"groups,omitempty"`  //
	Claims  map[string]any `json:"claims,omitempty"`  //
	AMR     []string       `json:"amr,omitempty"`     // of RFC 8176: how the person proved to be it
	Country string         `json:"country,omitempty"` // two capital letters; of the identity and its tokens. Rules of geo look at the client

	Error            string `json:"error,omitempty"` // of OAuth, as "access_denied": nobody signs in
	ErrorDescription string `json:"error_description,omitempty"`
}

// check answers what is wrong with it.
func (a *ProviderAnswer) check() error {
	f := faults{kind: "answer"}
	_, ok := canonicalEmail(a.Email)
	switch {
	case a.Error != "" && a.Email != "":
		f.add("error", quote(a.Error)+" beside an e-mail address", "one of the two", "")
	case a.Error == "" && !ok:
		f.add("email", quote(a.Email), `an e-mail address, as "alice@example.com"`, "")
	case a.Error != "" && strings.Trim(a.Error, "abcdefghijklmnopqrstuvwxyz_") != "":
		f.add("error", quote(a.Error), `an error code of OAuth, as "access_denied"`, "")
	}
	if a.Country != "" && !twoCapitals(a.Country) {
		f.add("country", quote(a.Country), `two capital letters, as "DE", or "T1"`, "")
	}
	for _, m := range a.AMR {
		if !slices.Contains(authMethods, m) {
			f.add("amr", quote(m), either(authMethods), suggest(m, authMethods))
		}
	}
	if slices.Contains(a.Groups, "") {
		f.add("groups", "a group without a name", "the names of groups", "")
	}
	if len(a.Groups) > maxAnswers || len(a.AMR) > maxAnswers {
		f.add("groups", "more than 200", "fewer", "")
	}
	return f.err()
}

// QueueIdentity lets the next browser that comes to the lookalike's own identity
// provider sign in, or fail, without a question. Answers are used in the order in which
// they came. Its error joins FieldErrors.
func (s *State) QueueIdentity(a ProviderAnswer) error {
	if err := a.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.answers) >= maxQueue {
		return &FieldError{Field: "email", Found: "one more than the 1024 answers that may wait"}
	}
	s.answers = append(s.answers, a)
	return nil
}

// QueuedIdentities is how many answers wait.
func (s *State) QueuedIdentities() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.answers)
}

func (s *State) nextAnswer() (ProviderAnswer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.answers) == 0 {
		return ProviderAnswer{}, false
	}
	a := s.answers[0]
	s.answers = s.answers[1:]
	return a, true
}

// claimedAnswer is what the provider says by an answer. What it leaves out, the world says.
func (c *Config) claimedAnswer(p *provider, a ProviderAnswer) *claimed {
	email, _ := canonicalEmail(a.Email)
	w := c.claimedBy(p, strings.Clone(email))
	if a.Name+a.Country != "" || len(a.Groups)+len(a.Claims) > 0 {
		w = &claimed{provider: p, email: w.email, name: a.Name, country: a.Country}
		w.join(a.Groups)
		w.take(a.Claims)
	}
	w.amr = a.AMR
	return w
}

// serveBuiltIn is the lookalike's own identity provider: the developer says who signs in.
func (s *State) serveBuiltIn(w http.ResponseWriter, r *Request, c *Config) {
	noStore(w.Header())
	if r.Reticent {
		s.notFromHere(w, r, c)
		return
	}
	var state string
	switch r.HTTP.Method {
	case http.MethodGet, http.MethodHead:
		state = r.HTTP.URL.Query().Get("state")
	case http.MethodPost:
		if !s.form(w, r, c) {
			return
		}
		state = r.HTTP.PostFormValue("state")
	default:
		methodNotAllowed(w, r, "GET, HEAD, POST")
		return
	}
	browser, _ := oneCookie(r.HTTP.Header, cookieSession)
	a, problem := s.findAttempt(state, browser, false)
	app, ok := c.AppByAUD(a.aud)
	p, there := c.providers.get(a.provider)
	if problem == "" && (!ok || !there || !p.builtIn) {
		problem = "the application of the sign-in, or its identity provider, is gone"
	}
	if problem != "" {
		s.invalidSession(w, r, c, "Go back to the application, and sign in again.", problem)
		return
	}
	if r.HTTP.Method == http.MethodPost {
		answer, problem := answerOf(r.HTTP.PostForm)
		if problem == "" {
			if err := answer.check(); err != nil {
				problem = strings.ReplaceAll(err.Error(), "\n", "; ")
			}
		}
		if problem != "" {
			s.showBuiltIn(w, r, c, app, p, &a, page{Status: http.StatusBadRequest, Alert: problem, reason: Reason{Why: "the form of the lookalike's identity provider: " + problem}})
			return
		}
		s.answerBuiltIn(w, r, c, p, &a, answer)
		return
	}
	if r.HTTP.Method == http.MethodGet && !r.Own {
		if answer, ok := s.nextAnswer(); ok {
			s.answerBuiltIn(w, r, c, p, &a, answer)
			return
		}
	}
	s.showBuiltIn(w, r, c, app, p, &a, page{Status: http.StatusOK})
}

// answerBuiltIn sends the browser back as a provider does.
func (s *State) answerBuiltIn(w http.ResponseWriter, r *Request, c *Config, p *provider, a *attempt, answer ProviderAnswer) {
	back := a.returns + "?"
	if answer.Error != "" {
		back += "error=" + url.QueryEscape(answer.Error)
		if answer.ErrorDescription != "" {
			back += "&error_description=" + url.QueryEscape(answer.ErrorDescription)
		}
		redirect(w, r, back+"&state="+a.state)
		return
	}
	code, found := s.text(32, alphanumeric), c.claimedAnswer(p, answer)
	s.mu.Lock()
	if kept, ok := s.attempts.get(a.state); ok {
		next := *kept
		next.code, next.found = code, found
		s.attempts.put(a.state, &next)
	}
	s.mu.Unlock()
	redirect(w, r, back+"code="+code+"&state="+a.state)
}

// answerOf reads the page's form: a person who was picked, an error, or what was typed.
func answerOf(form url.Values) (a ProviderAnswer, problem string) {
	if code := form.Get("error"); code != "" {
		return ProviderAnswer{Error: code, ErrorDescription: "the developer said no"}, ""
	}
	a.Email = strings.TrimSpace(form.Get("email"))
	if form.Get("person") != "" {
		return a, ""
	}
	a.Name, a.Country = strings.TrimSpace(form.Get("name")), strings.TrimSpace(form.Get("country"))
	a.Groups, a.AMR = split(form.Get("groups")), split(form.Get("amr"))
	if text := strings.TrimSpace(form.Get("claims")); text != "" {
		if err := json.Unmarshal([]byte(text), &a.Claims); err != nil {
			return a, `The claims are a JSON object, as {"department": "sales"}.`
		}
	}
	return a, ""
}

// split is a list as people type it.
func split(s string) (list []string) {
	for part := range strings.FieldsFuncSeq(s, func(c rune) bool { return c == ',' || c == '\n' || c == '\r' }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

func (s *State) showBuiltIn(w http.ResponseWriter, r *Request, c *Config, app *App, p *provider, a *attempt, shown page) {
	shown.Title = "Who signs in? · " + p.doc.Name
	shown.Heading = "Who signs in to " + app.Name + "?"
	shown.Detail = "This page is the lookalike's own. It stands for " + p.label() + " (" + p.doc.Type + "), and believes whatever it is told; only this computer is shown it."
	shown.Provider, shown.State = builtInPath, a.state
	shown.People, shown.More = c.listed(p)
	shown.Typed = typed{}
	if r.HTTP.Method == http.MethodPost {
		f := r.HTTP.PostForm
		shown.Typed = typed{f.Get("email"), f.Get("name"), f.Get("groups"), f.Get("claims"), f.Get("amr"), f.Get("country")}
	}
	shown.Actions = []action{{"Back to the login page", a.loginPage()}}
	shown.app, shown.host = app, a.host
	s.show(w, r, c, shown)
}

// typed is what stands in the fields of the lookalike's own page.
type typed struct{ Email, Name, Groups, Claims, AMR, Country string }
