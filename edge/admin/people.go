package admin

import (
	"errors"
	"net/http"
	"time"
)

// People is what the port asks of an edge about who logs in. Errors are a *Problem, or the edge's own
// fault.
type People interface {
	// Persons are the people of the world, in the order of its file.
	Persons() []Person
	// Login takes somebody through the login pages.
	Login(Login) (LoggedIn, error)
	// Lend makes the proxy add a credential to requests of one user.
	Lend(Credential) (Lent, error)
	// NextIdentity queues an answer of the lookalike's own identity provider, and tells how many wait.
	NextIdentity(Identity) (waiting int, err error)
	// EndLoan ends it, and tells whether there was one.
	EndLoan(user string) bool
}

// Problem is an error with the status that it has here.
type Problem struct {
	Status int
	Failure
}

func (p *Problem) Error() string { return p.Failure.Error }

// Person is one of people:.
type Person struct {
	Email   string   `json:"email"`
	Name    string   `json:"name,omitempty"`
	Groups  []string `json:"groups,omitempty"`
	Country string   `json:"country,omitempty"`
}

// Login is the body of a request to /v1/login.
type Login struct {
	Email  string `json:"email"`
	URL    string `json:"url"`              // https, of a host of the world
	Client string `json:"client,omitempty"` // entry of clients:; empty: the default, in the person's own country
}

// LoggedIn is its answer.
type LoggedIn struct {
	Email     string    `json:"email"`
	URL       string    `json:"url"`
	Protected bool      `json:"protected"`        // false: nobody is asked to log in there
	App       string    `json:"app,omitempty"`    // the application's name
	AUD       string    `json:"aud,omitempty"`    // its audience tag
	Policy    string    `json:"policy,omitempty"` // that let the person in
	Why       string    `json:"why"`
	Where     string    `json:"where,omitempty"`  // file:line:column of the policy
	Expires   time.Time `json:"expires,omitzero"` // of the application's token
	Cookies   []Cookie  `json:"cookies"`          // empty, not null, when there are none
}

// Cookie is one cookie, with Playwright's names of its fields.
type Cookie struct {
	Name     string  `json:"name"`
	Value    string  `json:"value"`
	Domain   string  `json:"domain"`  // the one host that gets it, without a dot before it
	Path     string  `json:"path"`    // "/"
	Expires  float64 `json:"expires"` // seconds since 1970; -1: with the browser
	HTTPOnly bool    `json:"httpOnly"`
	Secure   bool    `json:"secure"`
	SameSite string  `json:"sameSite"` // "Strict", "Lax" or "None"; Lax, as browsers take it, where the cookie does not say
}

// Credential is the body of a request to /v1/credentials.
type Credential struct {
	As           string `json:"as,omitempty"`            // e-mail address; empty: the service token
	ServiceToken string `json:"service_token,omitempty"` // name of one; counts when As is empty
	Client       string `json:"client,omitempty"`        // entry of clients: that requests come from; empty: the default, in the person's own country
}

// Lent is its answer.
type Lent struct {
	User    string    `json:"user"`              // user name for the proxy, a secret
	Holder  string    `json:"holder"`            // whose credential it is
	Apps    []string  `json:"apps"`              // applications that let the holder in
	Refused []Failure `json:"refused,omitempty"` // by the others
}

// Identity is the body of a request to /v1/idp/next: who signs in next at the lookalike's own
// identity provider, or with which error.
type Identity struct {
	Email   string         `json:"email,omitempty"`
	Name    string         `json:"name,omitempty"` // this and what follows empty: as people: says
	Groups  []string       `json:"groups,omitempty"`
	Claims  map[string]any `json:"claims,omitempty"`
	AMR     []string       `json:"amr,omitempty"`
	Country string         `json:"country,omitempty"`

	Error            string `json:"error,omitempty"` // of OAuth, as access_denied, in place of the rest
	ErrorDescription string `json:"error_description,omitempty"`
}

func (s *server) nextIdentity(w http.ResponseWriter, r *http.Request) {
	var next Identity
	if decode(w, r, &next) {
		n, err := s.backend.NextIdentity(next)
		s.outcome(w, r, struct {
			Waiting int `json:"waiting"`
		}{n}, err)
	}
}

func (s *server) peoplePaths(mux *paths) {
	mux.Handle("POST /v1/idp/next", s.guarded(s.nextIdentity))
	mux.Handle("GET /v1/people", s.guarded(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, append([]Person{}, s.backend.Persons()...))
	}))
	mux.Handle("POST /v1/login", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		var l Login
		if decode(w, r, &l) {
			done, err := s.backend.Login(l)
			s.outcome(w, r, done, err)
		}
	}))
	mux.Handle("POST /v1/credentials", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		var c Credential
		if decode(w, r, &c) {
			lent, err := s.backend.Lend(c)
			s.outcome(w, r, lent, err)
		}
	}))
	mux.Handle("DELETE /v1/credentials/{user}", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		if !s.backend.EndLoan(r.PathValue("user")) {
			fail(w, http.StatusNotFound, "no credential has that user name", "take the one that POST /v1/credentials answered")
			return
		}
		reply(w, http.StatusOK, struct{}{})
	}))
}

// outcome answers with a value, or with why there is none.
func (s *server) outcome(w http.ResponseWriter, r *http.Request, v any, err error) {
	var p *Problem
	switch {
	case err == nil:
		reply(w, http.StatusOK, v)
	case errors.As(err, &p):
		reply(w, p.Status, p.Failure)
	default:
		s.Log.Error("admin request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		fail(w, http.StatusInternalServerError, err.Error(), "")
	}
}
