package admin

import (
	"context"
	"net/http"

	"github.com/sundog-edge/sundog/edge/attack"
)

// Attacker tries origins.
type Attacker interface {
	// Attack sends every forgery to the origin behind a URL. The error is a *Refused when
	// there is nothing to attack.
	Attack(context.Context, AttackRequest) (attack.Report, error)
}

// AttackRequest is the body of a request to /v1/attack.
type AttackRequest struct {
	URL    string `json:"url"`              // absolute; an application guards it
	As     string `json:"as,omitempty"`     // whose the genuine tokens are; empty: somebody whom the policies admit
	Origin string `json:"origin,omitempty"` // where the origin listens, http://127.0.0.1:PORT; empty: as the world says
}

func (s *server) attack(w http.ResponseWriter, r *http.Request) {
	var x AttackRequest
	if !decode(w, r, &x) {
		return
	}
	report, err := s.backend.Attack(r.Context(), x)
	if err != nil {
		failed(w, err)
		return
	}
	reply(w, http.StatusOK, report)
}
