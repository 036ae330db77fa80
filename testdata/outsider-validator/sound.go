// Package outsider has two validators of Access tokens, as origins have them: one by a
// library, and one made by hand that should not be.
package outsider

import (
	"context"
	"errors"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Validator says whose token it is; of a service token, the name is empty.
type Validator func(ctx context.Context, token string) (email string, err error)

// Sound verifies as Cloudflare's documentation has it for Go origins: a remote key set, the
// team domain as issuer, the application's AUD tag as client id.
func Sound(teamDomain, aud string, client *http.Client) Validator {
	keys := oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), client), teamDomain+"/cdn-cgi/access/certs")
	verifier := oidc.NewVerifier(teamDomain, keys, &oidc.Config{ClientID: aud})
	return func(ctx context.Context, token string) (string, error) {
		verified, err := verifier.Verify(ctx, token)
		if err != nil {
			return "", err
		}
		var claims struct {
			Email string `json:"email"`
		}
		return claims.Email, verified.Claims(&claims)
	}
}

// Protect lets requests through that carry a token which the validator accepts, and tells
// the handler who it is by the header X-User.
func Protect(validate Validator, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		email, err := one(r.Header["Cf-Access-Jwt-Assertion"], func(token string) (string, error) { return validate(r.Context(), token) })
		if err != nil {
			http.Error(w, "forbidden", http.StatusForbidden)
			return
		}
		r.Header.Set("X-User", email)
		next.ServeHTTP(w, r)
	})
}

func one(tokens []string, validate func(string) (string, error)) (string, error) {
	if len(tokens) != 1 {
		return "", errors.New("not exactly one token")
	}
	return validate(tokens[0])
}
