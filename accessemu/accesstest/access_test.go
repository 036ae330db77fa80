package accesstest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu/accesstest"
	"github.com/sundog-edge/sundog/accessemu/forge"
)

// validate is a sound validator of a few lines, by go-jose.
func validate(a *accesstest.Access, token string, now time.Time) (*claims, error) {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, err
	}
	resp, err := a.HTTPClient.Get(a.CertsURL)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var set jose.JSONWebKeySet
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		return nil, err
	}
	var c claims
	if err := parsed.Claims(set, &c); err != nil {
		return nil, err
	}
	if c.Expiry == nil {
		return nil, jwt.ErrExpired
	}
	return &c, c.Validate(jwt.Expected{Issuer: a.Issuer, AnyAudience: jwt.Audience{a.AUD}, Time: now})
}

type claims struct {
	jwt.Claims
	Email      string `json:"email"`
	CommonName string `json:"common_name"`
}

func TestSoundValidator(t *testing.T) {
	a := accesstest.New(t, "acme")
	check := func(t *testing.T) {
		genuine, forged := 0, 0
		for name, c := range a.Genuine() {
			genuine++
			got, err := validate(a, c.Token, time.Now())
			if err != nil {
				t.Errorf("%s is genuine: %v", name, err)
				continue
			}
			if got.Email != c.Email || c.Service != (got.CommonName == accesstest.ClientID) {
				t.Errorf("%s: %+v", name, got)
			}
		}
		for name, c := range a.Forgeries() {
			forged++
			if _, err := validate(a, c.Token, time.Now()); err == nil {
				t.Errorf("%s was let in: %s", name, c)
			}
		}
		if genuine < 10 || forged < 60 {
			t.Errorf("%d genuine, %d forged", genuine, forged)
		}
	}
	check(t)
	t.Run("after a rotation", func(t *testing.T) {
		old := a.Token()
		a.RotateKeys()
		check(t)
		if _, err := validate(a, old, time.Now()); err != nil {
			t.Error(err)
		}
		a.RotateKeys()
		if _, err := validate(a, old, time.Now()); err == nil {
			t.Error("a token of the key before the previous one verifies")
		}
	})
}

func TestTokens(t *testing.T) {
	a := accesstest.New(t, "acme")
	a.Now = func() time.Time { return time.Unix(1_800_000_000, 0) }
	for name, tt := range map[string]struct {
		token        string
		header, want map[string]any
	}{
		"of a person": {a.Token(), map[string]any{"alg": "RS256"}, map[string]any{
			"aud": []any{a.AUD}, "email": accesstest.Email, "iss": "https://acme.cloudflareaccess.com", "type": "app", "country": "DE",
			"iat": 1.8e9, "nbf": 1.8e9, "exp": 1.8e9 + 86400, "h_INTERNAL_DO_NOT_USE": accesstest.Host, "policy_id": "",
		}},
		"expired": {a.Token(accesstest.Expired(), accesstest.User("Bob@Example.com")), map[string]any{"alg": "RS256"}, map[string]any{
			"aud": []any{a.AUD}, "email": "bob@example.com", "iss": a.Issuer, "type": "app", "country": "DE",
			"iat": 1.8e9 - 25*3600, "nbf": 1.8e9 - 25*3600, "exp": 1.8e9 - 3600, "h_INTERNAL_DO_NOT_USE": accesstest.Host, "policy_id": "",
		}},
		"of a program": {a.ServiceToken(accesstest.NotYetValid()), map[string]any{"alg": "RS256", "typ": "JWT"}, map[string]any{
			"aud": a.AUD, "iss": a.Issuer, "type": "app", "sub": "", "common_name": accesstest.ClientID,
			"iat": 1.8e9 + 3600, "exp": 1.8e9 + 25*3600, "h_INTERNAL_DO_NOT_USE": accesstest.Host,
		}},
		"of one's own claims": {a.ServiceToken(accesstest.Audience("x", "y"), accesstest.Issuer("z"), accesstest.Claim("n", 1),
			accesstest.Without("exp", "iat", "type", "sub", "common_name", "h_INTERNAL_DO_NOT_USE")), map[string]any{"alg": "RS256", "typ": "JWT"},
			map[string]any{"aud": []any{"x", "y"}, "iss": "z", "n": 1.0}},
	} {
		header, claims := decode(t, tt.token)
		delete(header, "kid")
		delete(claims, "identity_nonce")
		if claims["sub"] != "" {
			delete(claims, "sub")
		}
		if diff := cmp.Diff(tt.header, header); diff != "" {
			t.Error(name, "header", diff)
		}
		if diff := cmp.Diff(tt.want, claims); diff != "" {
			t.Error(name, diff)
		}
	}
	same, other := a.Token(), a.Token(accesstest.User("bob@example.com"))
	_, one := decode(t, same)
	_, two := decode(t, other)
	if one["sub"] == two["sub"] {
		t.Error("two people are one sub")
	}
	if _, err := validate(a, a.Token(accesstest.StrangersKey()), a.Now()); err == nil {
		t.Error("a stranger's key verifies")
	}
}

func decode(t *testing.T, token string) (header, claims map[string]any) {
	t.Helper()
	h, c, err := forge.Parse(token)
	if err != nil {
		t.Fatal(err)
	}
	for from, into := range map[*forge.Members]*map[string]any{&h: &header, &c: &claims} {
		text, err := json.Marshal(from)
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}

func TestNoNetwork(t *testing.T) {
	a := accesstest.New(t, "acme")
	for url, want := range map[string]string{
		"https://example.com/":                     "there is no network here, and only https://acme.cloudflareaccess.com answers",
		"http://acme.cloudflareaccess.com/":        "over https",
		"https://acme.cloudflareaccess.com.test/x": "there is no network here",
	} {
		resp, err := a.HTTPClient.Get(url)
		if err == nil {
			resp.Body.Close()
			t.Errorf("%s answers %s", url, resp.Status)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
	for _, url := range []string{a.CertsURL, "https://attacker.example/x", "https://acme.cloudflareaccess.com.attacker.example/x", forge.AttackerIssuer} {
		resp, err := a.HTTPClient.Get(url)
		if err != nil {
			t.Error(err)
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		var set struct {
			Keys  []json.RawMessage `json:"keys"`
			Certs []struct {
				Cert string `json:"cert"`
			} `json:"public_certs"`
		}
		if err := json.Unmarshal(body, &set); err != nil || len(set.Keys) == 0 || len(set.Keys) != len(set.Certs) || !strings.HasPrefix(set.Certs[0].Cert, "-----BEGIN CERTIFICATE") {
			t.Errorf("%s: %s %s", url, resp.Status, body)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, a.CertsURL, nil)
	if _, err := a.HTTPClient.Do(r); err == nil {
		t.Error("a request that was given up is answered")
	}
}

// A handler that goes by the verified token is right about every request whose parts
// disagree; one that goes by the header of the address is wrong about that one.
func TestDisagreeing(t *testing.T) {
	a := accesstest.New(t, "acme")
	sound := func(r *http.Request) string {
		tokens := r.Header["Cf-Access-Jwt-Assertion"]
		if len(tokens) != 1 {
			return ""
		}
		c, err := validate(a, tokens[0], time.Now())
		if err != nil {
			return ""
		}
		return c.Email
	}
	believed := map[string]bool{}
	for name, c := range a.Disagreeing() {
		r := accesstest.Request(t.Context(), http.MethodGet, "/", "")
		c.Put(r)
		if got := sound(r); got != "" && got != c.Email {
			t.Errorf("%s: %q is believed", name, got)
		}
		if c.Claimed == "" || c.Claimed == c.Email {
			t.Errorf("%s claims %q", name, c.Claimed)
		}
		if sound(r) != "" && r.Header.Get("Cf-Access-Authenticated-User-Email") == c.Claimed {
			believed[name] = true
		}
	}
	if diff := cmp.Diff(map[string]bool{"email-header-disagrees": true}, believed); diff != "" {
		t.Error(diff)
	}
}

func TestPut(t *testing.T) {
	r := accesstest.Request(t.Context(), http.MethodPost, "/a?b=c", "")
	r.Header.Set("Cookie", "a=b")
	accesstest.Put(r, "TOKEN")
	if r.URL.String() != "https://app.example.com/a?b=c" || r.Method != http.MethodPost {
		t.Error(r.Method, r.URL)
	}
	want := http.Header{"Cf-Access-Jwt-Assertion": {"TOKEN"}, "Cookie": {"a=b; CF_Authorization=TOKEN"}}
	if diff := cmp.Diff(want, r.Header); diff != "" {
		t.Error(diff)
	}
}

func TestMisuse(t *testing.T) {
	for name, tt := range map[string]struct {
		misuse func(testing.TB)
		want   string
	}{
		"no team":    {func(t testing.TB) { accesstest.New(t, "a b") }, "accesstest: "},
		"no forgery": {func(t testing.TB) { accesstest.New(t, "acme").Forgery("alg-non") }, `accesstest: there is no forgery "alg-non"; did you mean "alg-none"?`},
		"no address": {func(t testing.TB) { accesstest.New(t, "acme").Token(accesstest.User("bob")) }, "an e-mail address"},
		"no JSON":    {func(t testing.TB) { accesstest.New(t, "acme").Token(accesstest.Claim("x", func() {})) }, "accesstest: the token cannot be written"},
		"nothing (it is well)": {func(t testing.TB) {
			if !strings.Contains(accesstest.New(t, "acme").Forgery("alg-none").String(), "To mend it: ") {
				t.Fatalf("no mend")
			}
		}, ""},
	} {
		fake := &recorder{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer func() { _ = recover() }()
			tt.misuse(fake)
		}()
		<-done
		if !strings.Contains(fake.said, tt.want) || (tt.want == "") != (fake.said == "") {
			t.Errorf("%s: %q, want %q", name, fake.said, tt.want)
		}
	}
}

// recorder is a test that is meant to fail.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.said = fmt.Sprintf(format, args...)
	panic(r.said)
}
