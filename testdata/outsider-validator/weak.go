package outsider

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"time"
)

// Weak is what people write in an afternoon: the algorithm is the token's own choice, the one
// certificate of public_cert is the key of every token, and of the claims it looks at exp and
// whether the audience tag stands somewhere in aud.
func Weak(teamDomain, aud string, client *http.Client) Validator {
	return func(ctx context.Context, token string) (string, error) {
		parts := strings.Split(token, ".")
		if len(parts) < 2 {
			return "", errors.New("no token")
		}
		var header struct {
			Alg string `json:"alg"`
		}
		var claims struct {
			Aud   json.RawMessage `json:"aud"`
			Exp   int64           `json:"exp"`
			Email string          `json:"email"`
		}
		for i, into := range []any{&header, &claims} {
			text, err := base64.RawURLEncoding.DecodeString(parts[i])
			if err == nil {
				err = json.Unmarshal(text, into)
			}
			if err != nil {
				return "", err
			}
		}
		certificate, err := fetch(ctx, client, teamDomain+"/cdn-cgi/access/certs")
		if err != nil {
			return "", err
		}
		if strings.ToLower(header.Alg) != "none" {
			if err := verify(header.Alg, parts, certificate); err != nil {
				return "", err
			}
		}
		switch {
		case claims.Exp != 0 && claims.Exp < time.Now().Unix():
			return "", errors.New("expired")
		case !strings.Contains(string(claims.Aud), aud):
			return "", errors.New("another audience")
		}
		return claims.Email, nil
	}
}

func fetch(ctx context.Context, client *http.Client, url string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var set struct {
		Certificate struct {
			PEM string `json:"cert"`
		} `json:"public_cert"`
	}
	return set.Certificate.PEM, json.NewDecoder(resp.Body).Decode(&set)
}

func verify(alg string, parts []string, certificate string) error {
	if len(parts) != 3 {
		return errors.New("not three parts")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	signed := parts[0] + "." + parts[1]
	if alg == "HS256" {
		m := hmac.New(sha256.New, []byte(certificate))
		m.Write([]byte(signed))
		if !hmac.Equal(m.Sum(nil), signature) {
			return errors.New("wrong signature")
		}
		return nil
	}
	block, _ := pem.Decode([]byte(certificate))
	if block == nil {
		return errors.New("no certificate")
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(signed))
	return rsa.VerifyPKCS1v15(parsed.PublicKey.(*rsa.PublicKey), crypto.SHA256, sum[:], signature)
}
