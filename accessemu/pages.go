package accessemu

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

//go:embed pages
var pageFiles embed.FS

// Parsed when the first page is shown: a command that shows none starts sooner.
var pages = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(pageFiles, "pages/*")) })

// page is everything a page may show. Title is in the tab and, without
// Heading, on the page.
type page struct {
	Status         int
	Title, Heading string
	Lead, Detail   string
	Alert          string // announced to screen readers
	Facts          []fact
	Actions        []action
	JSON           string // the same as the page says, for programs
	SignedInAs     string

	Login    string // action of the form that asks for the address
	Asks     string // sentence above that form
	Code     string // action of the form that asks for the code
	Again    string // sentence above that form, when it stands on the login page
	Nonce    string // of that form
	Email    string // where the code went
	Resend   string
	People   []*Person // to pick from, in a form of their own
	More     int       // people who are not listed
	Filled   string    // the code, for who was picked
	Note     string    // what only this machine is told
	Purpose  string    // action of the form that asks what for
	Choices  []choice  // identity providers
	Provider string    // action of the lookalike's own provider's forms
	State    string    // of them
	Typed    typed     // what stands in their fields
	Redirect string
	Confirm  string   // action of the form that only wants a yes
	Grant    string   // shows that this browser was asked
	Foot     []string // why am I here?
	Team     string
	Design   LoginDesign
	Brand    template.CSS
	Policy   string // nonce of the Content-Security-Policy
	app      *App   // whose policies the foot tells
	host     string
	reason   Reason // why it is an error; empty: what the page says
	decided  bool   // the Decision has said why
}

// says is what an error page says, in one line; empty for a page that is no error.
func (p *page) says() string {
	switch {
	case p.Status < http.StatusBadRequest:
		return ""
	case p.Alert != "":
		return p.Heading + ": " + p.Alert
	case p.Detail != "":
		return p.Heading + ": " + p.Lead + " " + p.Detail
	}
	return p.Heading + ": " + p.Lead
}

type fact struct{ Name, Value string }

type action struct{ Text, URL string }

// show writes a page with the headers that keep it from being framed, sniffed
// or made to run anything.
func (s *State) show(w http.ResponseWriter, r *Request, c *Config, p page) {
	p.Team = c.org.Name
	if p.Team == "" {
		p.Team = c.authDomain
	}
	images := ""
	if d := c.org.LoginDesign; d != nil {
		p.Design = *d
		p.Brand = d.css()
		if d.LogoPath != "" {
			images = "; img-src https:"
		}
	}
	if p.Heading == "" {
		p.Heading = p.Title
	}
	if p.app != nil && !r.Reticent {
		p.Foot = p.app.why(p.host)
	}
	p.Policy = s.text(22, alphanumeric) // no "+", which HTML writes longer: the length would tell pages apart
	var b bytes.Buffer
	if err := pages().ExecuteTemplate(&b, "page.html", p); err != nil {
		s.internal(w, r, "page "+p.Title, err)
		return
	}
	h := w.Header()
	// A form's answer redirects to the application, which may lead on to
	// anywhere; browsers hold form-action against the whole chain.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+p.Policy+"'; form-action 'self' https:; base-uri 'none'; frame-ancestors 'none'"+images)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	if h.Get("Cache-Control") == "" {
		noStore(h)
	}
	if p.reason.Why == "" || r.Reticent {
		p.reason = Reason{Why: p.says()}
	}
	if !p.decided {
		r.tell(p.reason)
	}
	writeBody(w, r.HTTP, p.Status, "text/html; charset=utf-8", b.Bytes())
}

// showLogin shows the login page of a goal.
func (s *State) showLogin(w http.ResponseWriter, r *Request, c *Config, app *App, g goal, p page) {
	p.Title = "Sign in · " + app.Name
	p.Heading = "Sign in to " + app.Name
	p.Asks = "Enter your e-mail address. If it has access, a code is sent to it."
	p.Login = verifyPath + g.host + "?" + g.query
	p.Redirect = g.redirect
	if p.Nonce != "" {
		p.Code = callbackPath
		p.Again = "If you mistyped the code, enter it again."
		p.Asks = "Or enter your e-mail address for a new code. If it has access, one is sent to it."
	}
	p.app, p.host = app, g.host
	choices, pin := c.choices(r, app, g)
	p.Choices = choices
	if pin == nil {
		p.Login, p.Asks, p.Code = "", "", ""
		if len(choices) == 0 {
			p.Lead = "Nobody can sign in from here. The identity provider is a page of the lookalike, which only its own computer is shown."
		}
	} else if !r.Reticent {
		if p.People, p.More = c.listed(pin); len(p.People) > 0 && p.Nonce == "" {
			p.Asks = "Or enter an e-mail address. If it has access, a code is sent to it."
		}
	}
	s.show(w, r, c, p)
}

// showCode shows the page that asks for the code; the same one whether a mail
// was sent or not.
func (s *State) showCode(w http.ResponseWriter, r *Request, c *Config, app *App, l login, status int, alert string) {
	p := page{
		Status: status, Title: "Enter your code · " + app.Name, Heading: "Enter your code", Alert: alert,
		Lead: "A code of six digits is on its way, if this address has access:", Email: l.email,
		Code: callbackPath, Nonce: l.nonce, Resend: resendPath + "?nonce=" + url.QueryEscape(l.nonce),
		Actions: []action{{"Use another address", l.loginPage()}},
		app:     app, host: l.host,
	}
	if l.picked && !r.Reticent {
		s.fillIn(&p, r, app, l)
	}
	s.show(w, r, c, p)
}

// fillIn spares who was picked from the list the way to the inbox, or tells why
// there is nothing to fill in.
func (s *State) fillIn(p *page, r *Request, app *App, l login) {
	s.mu.Lock()
	works := s.works(&l)
	s.mu.Unlock()
	switch {
	case !l.allowed:
		p.reason = app.notAdmitted(r, l.email)
		p.Note = "No code was sent: the " + app.label() + " does not admit " + l.email + "; it admits " + app.admits() + ". Only this computer is told."
	case works:
		p.Filled = l.code
	}
}

// why answers "why am I here?" in plain words.
func (a *App) why(host string) []string {
	list := []string{host + " is guarded by the " + a.label() + "."}
	for i := range a.policies {
		p := &a.policies[i]
		verb := "turns away"
		switch {
		case p.bypass:
			verb = "lets pass without a sign-in"
		case p.service:
			verb = "lets machines pass that show"
		case p.allow:
			verb = "admits"
		}
		name := p.label()
		list = append(list, strings.ToUpper(name[:1])+name[1:]+" "+verb+" "+p.say()+".")
	}
	if len(a.policies) == 0 {
		list = append(list, "It has no policy, so it admits nobody.")
	}
	return append(list, "This is sundog, a lookalike on this computer: no mail leaves it. “sundog otp ADDRESS” prints the code.")
}

func parsedPath(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		return &url.URL{Path: "/"}
	}
	return u
}
