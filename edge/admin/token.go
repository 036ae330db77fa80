package admin

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/sundog-edge/sundog/accessemu/forge"
)

// Forger makes tokens, as the edge's Access would and as it never would.
type Forger interface {
	// MakeToken makes a token. The error is a *Refused when the request means nothing.
	MakeToken(TokenRequest) (Token, error)
	// KeySet is the JSON of /cdn-cgi/access/certs.
	KeySet() ([]byte, error)
}

// TokenRequest is the body of a request to /v1/token.
type TokenRequest struct {
	URL     string `json:"url"`               // absolute; the application that guards it is the one meant
	Email   string `json:"email"`             // who is to be signed in; policies are not asked
	Expired bool   `json:"expired,omitempty"` // good until an hour ago
	AUD     string `json:"aud,omitempty"`     // another audience than the application's
	Forge   string `json:"forge,omitempty"`   // name of a forgery
}

// Token is what somebody shows to an origin.
type Token struct {
	Token   string         `json:"token,omitempty"`   // empty: the forgery has none, only headers
	Headers http.Header    `json:"headers"`           // what a request to the origin carries
	App     string         `json:"app"`               // name of the application
	Issuer  string         `json:"issuer"`            // TEAM_DOMAIN of the origin
	AUD     string         `json:"aud"`               // POLICY_AUD of the origin: the application's, not always the token's
	Expires time.Time      `json:"expires,omitzero"`  // of a token that is signed by the account
	Forgery *forge.Forgery `json:"forgery,omitempty"` // when it is one
	Note    string         `json:"note,omitempty"`    // why the edge itself would not let this person through
}

// Refused is a request that asks for what cannot be.
type Refused struct{ Cause, Mend string }

func (r *Refused) Error() string {
	if r.Mend == "" {
		return r.Cause
	}
	return r.Cause + "; " + r.Mend
}

func (s *server) token(w http.ResponseWriter, r *http.Request) {
	var x TokenRequest
	if !decode(w, r, &x) {
		return
	}
	made, err := s.backend.MakeToken(x)
	if err != nil {
		failed(w, err)
		return
	}
	reply(w, http.StatusOK, made)
}

func (s *server) jwks(w http.ResponseWriter, _ *http.Request) {
	set, err := s.backend.KeySet()
	if err != nil {
		failed(w, err)
		return
	}
	reply(w, http.StatusOK, json.RawMessage(set))
}

// failed answers an error of the backend.
func failed(w http.ResponseWriter, err error) {
	var refused *Refused
	if errors.As(err, &refused) {
		fail(w, http.StatusBadRequest, refused.Cause, refused.Mend)
		return
	}
	fail(w, http.StatusInternalServerError, err.Error(), "")
}
