// Command weak-origin is deliberately weak: it believes the token's own alg when that is
// "none", and checks signatures otherwise, but neither the issuer nor the audience.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/sundog-edge/sundog/testdata/attack/origin"
)

func main() { origin.Main("weak-origin", newValidator) }

func newValidator(teamDomain, _ string, client *http.Client) origin.Validator {
	return func(ctx context.Context, token string) (string, error) {
		head, rest, _ := strings.Cut(token, ".")
		body, _, _ := strings.Cut(rest, ".")
		var header struct {
			Alg string `json:"alg"`
		}
		if err := decode(head, &header); err != nil {
			return "", err
		}
		if !strings.EqualFold(header.Alg, "none") {
			if err := verify(ctx, token, teamDomain+"/cdn-cgi/access/certs", client); err != nil {
				return "", err
			}
		}
		var claims struct {
			Email   string `json:"email"`
			Expires int64  `json:"exp"`
		}
		if err := decode(body, &claims); err != nil {
			return "", err
		}
		if claims.Expires < time.Now().Unix() {
			return "", errors.New("expired")
		}
		return claims.Email, nil
	}
}

func decode(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func verify(ctx context.Context, token, url string, client *http.Client) error {
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var keys jose.JSONWebKeySet
	if err := json.NewDecoder(resp.Body).Decode(&keys); err != nil {
		return err
	}
	_, err = parsed.Verify(keys)
	return err
}
