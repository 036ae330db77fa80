// Command sound-origin verifies Access tokens as it should be done: keys from the team's
// address alone, RS256 alone, and issuer, audience, expiry and person all looked at.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/sundog-edge/sundog/testdata/attack/origin"
)

func main() { origin.Main("sound-origin", newValidator) }

func newValidator(teamDomain, aud string, client *http.Client) origin.Validator {
	return func(ctx context.Context, token string) (string, error) {
		if len(token) > 16<<10 {
			return "", errors.New("too long")
		}
		parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
		if err != nil {
			return "", err
		}
		keys, err := fetch(ctx, client, teamDomain+"/cdn-cgi/access/certs")
		if err != nil {
			return "", err
		}
		var claims struct {
			jwt.Claims
			Email string `json:"email"`
		}
		if err := parsed.Claims(keys, &claims); err != nil {
			return "", err
		}
		if claims.Expiry == nil || claims.Email == "" {
			return "", errors.New("no exp, or no person")
		}
		return claims.Email, claims.Validate(jwt.Expected{Issuer: teamDomain, AnyAudience: jwt.Audience{aud}, Time: time.Now()})
	}
}

func fetch(ctx context.Context, client *http.Client, url string) (*jose.JSONWebKeySet, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	set := new(jose.JSONWebKeySet)
	return set, json.NewDecoder(resp.Body).Decode(set)
}
