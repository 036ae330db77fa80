package accesstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/accessemu/forge"
)

// internet is all that a validator can reach.
type internet struct{ access *Access }

func (i internet) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	a := i.access
	w := httptest.NewRecorder()
	switch host := r.URL.Hostname(); {
	case r.URL.Scheme != "https":
		return nil, fmt.Errorf("accesstest: %s: the team's keys are asked for over https", r.URL)
	case strings.EqualFold(host, a.config.AuthDomain()):
		a.state.ServeTeam(w, &accessemu.Request{Host: a.config.AuthDomain(), HTTP: r.Clone(r.Context())}, a.config)
	case host == forge.AttackerHost || strings.HasSuffix(host, "."+forge.AttackerHost) || "https://"+host == forge.AttackerIssuer:
		if err := a.serveAttacker(w); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("accesstest: %s %s: there is no network here, and only %s answers", r.Method, r.URL, a.Issuer)
	}
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// serveAttacker is a key set with the attacker's key.
func (a *Access) serveAttacker(w http.ResponseWriter) error {
	m, err := a.state.Forging(a.config, a.app, Host, Email, accessemu.Client{})
	if err != nil {
		return err
	}
	jwk, err := m.Foreign.JWK()
	if err != nil {
		return err
	}
	cert := map[string]string{"kid": m.Foreign.ID, "cert": m.Foreign.Certificate}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]any{"keys": []json.RawMessage{jwk}, "public_cert": cert, "public_certs": []any{cert}})
}
