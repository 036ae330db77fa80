package admin

import (
	"net/http"
	"time"
)

// Endings is what the port asks of an edge about what ends before its time. An error is a *Refused, or
// the edge's own fault.
type Endings interface {
	// Expire ends what was granted.
	Expire(Expiry) (Expired, error)
	// Users are who has signed in and holds a seat, by address; never nil.
	Users() []User
	// SSHCA is the certificate authority of the application at a host or URL.
	SSHCA(at string) (SSHCA, error)
}

// Expiry is the body of a request to /v1/expire.
type Expiry struct {
	What  string `json:"what"`            // session, token, otp, key or seat
	Email string `json:"email,omitempty"` // whose; of token empty: everybody's
	URL   string `json:"url,omitempty"`   // of token: one that the application guards
	Nonce string `json:"nonce,omitempty"` // of otp: of one sign-in; empty: of all
}

// Expired is its answer.
type Expired struct {
	Expiry
	App string `json:"app,omitempty"` // name of the application of a token
	Did string `json:"did"`           // in words
}

// User is somebody who has signed in, with the real API's names.
type User struct {
	UID     string    `json:"uid"`
	Email   string    `json:"email"`
	Name    string    `json:"name,omitempty"` // as people: has it
	Seat    bool      `json:"access_seat"`
	Created time.Time `json:"created_at"`            // the first sign-in
	Last    time.Time `json:"last_successful_login"` // the newest
}

// SSHCA is the certificate authority of an application.
type SSHCA struct {
	App       string `json:"app"`
	AUD       string `json:"aud"`
	PublicKey string `json:"public_key"` // a line for the file that TrustedUserCAKeys names
}

func (s *server) endingPaths(mux *paths) {
	mux.Handle("POST /v1/expire", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		var x Expiry
		if decode(w, r, &x) {
			answerOr(w, x, s.backend.Expire)
		}
	}))
	mux.Handle("GET /v1/users", s.guarded(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.backend.Users())
	}))
	mux.Handle("GET /v1/ssh_ca", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		answerOr(w, r.URL.Query().Get("url"), s.backend.SSHCA)
	}))
}

// answerOr answers what the backend makes of a question, or its error.
func answerOr[Q, A any](w http.ResponseWriter, question Q, f func(Q) (A, error)) {
	a, err := f(question)
	if err != nil {
		failed(w, err)
		return
	}
	reply(w, http.StatusOK, a)
}
