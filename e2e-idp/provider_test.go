// Package e2eidp signs in with a real OpenID Connect server. It is a module of its own, so that
// nobody who uses sundog gets that server with it.
package e2eidp

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/ory/fosite"
	"github.com/ory/fosite/compose"
	"github.com/ory/fosite/handler/openid"
	"github.com/ory/fosite/storage"
	"github.com/ory/fosite/token/jwt"
	"golang.org/x/crypto/bcrypt"

	"github.com/sundog-edge/sundog/accessemu/keypool"
)

// server is an OpenID Connect server whose people say yes, or no, without being asked.
type server struct {
	*httptest.Server
	t      *testing.T
	oauth  fosite.OAuth2Provider
	claims map[string]any // of the next sign-in
	deny   bool
}

func serve(t *testing.T) *server {
	t.Helper()
	key, err := keypool.Key(1)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := bcrypt.GenerateFromPassword([]byte("s3cret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	store := storage.NewMemoryStore()
	store.Clients["sundog"] = &fosite.DefaultClient{
		ID: "sundog", Secret: secret, RedirectURIs: []string{"https://acme.cloudflareaccess.com/cdn-cgi/access/callback"},
		ResponseTypes: []string{"code"}, GrantTypes: []string{"authorization_code"}, Scopes: []string{"openid", "email", "profile"},
	}
	s := &server{t: t}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /auth", s.authorize)
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		if err := json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k1", Use: "sig", Algorithm: "RS256"}}}); err != nil {
			t.Error(err)
		}
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	s.oauth = compose.ComposeAllEnabled(&fosite.Config{
		GlobalSecret: []byte("a secret of thirty-two bytes 123"), IDTokenIssuer: s.URL, EnforcePKCE: true,
	}, store, key)
	return s
}

func (s *server) session() *openid.DefaultSession {
	email, _ := s.claims["email"].(string)
	return &openid.DefaultSession{
		Claims:  &jwt.IDTokenClaims{Issuer: s.URL, Subject: "u-" + email, AuthTime: time.Now(), RequestedAt: time.Now(), Extra: s.claims},
		Headers: &jwt.Headers{Extra: map[string]any{"kid": "k1"}}, Subject: "u-" + email,
	}
}

func (s *server) authorize(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	asked, err := s.oauth.NewAuthorizeRequest(ctx, r)
	if err == nil && s.deny {
		err = fosite.ErrAccessDenied
	}
	if err != nil {
		s.oauth.WriteAuthorizeError(ctx, w, asked, err)
		return
	}
	for _, scope := range asked.GetRequestedScopes() {
		asked.GrantScope(scope)
	}
	answer, err := s.oauth.NewAuthorizeResponse(ctx, asked, s.session())
	if err != nil {
		s.oauth.WriteAuthorizeError(ctx, w, asked, err)
		return
	}
	s.oauth.WriteAuthorizeResponse(ctx, w, asked, answer)
}

func (s *server) token(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	asked, err := s.oauth.NewAccessRequest(ctx, r, new(openid.DefaultSession))
	if err != nil {
		s.oauth.WriteAccessError(ctx, w, asked, err)
		return
	}
	answer, err := s.oauth.NewAccessResponse(ctx, asked)
	if err != nil {
		s.oauth.WriteAccessError(ctx, w, asked, err)
		return
	}
	s.oauth.WriteAccessResponse(ctx, w, asked, answer)
}
