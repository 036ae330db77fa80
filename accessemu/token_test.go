package accessemu

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// names lists the keys of a JSON object in the order in which they stand.
func names(t *testing.T, segment string) []string {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	var list []string
	for depth, key := 0, false; ; {
		token, err := dec.Token()
		if err != nil {
			return list
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth++
			} else {
				depth--
			}
			key = depth == 1
		default:
			if depth == 1 && key {
				list = append(list, v.(string))
			}
			if depth == 1 {
				key = !key
			}
		}
	}
}

func claims(t *testing.T, token string) map[string]any {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestUserToken(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.login("https://"+hostA+"/", "Alice@Example.com")
	token := b.cookie("https://"+hostA+"/", cookieAuthorization)
	parts := strings.Split(token, ".")
	if diff := cmp.Diff([]string{"alg", "kid"}, names(t, parts[0])); diff != "" {
		t.Error("header", diff)
	}
	want := []string{"aud", "email", "exp", "iat", "nbf", "iss", "type", "identity_nonce", "sub", "h_INTERNAL_DO_NOT_USE", "country", "policy_id"}
	if diff := cmp.Diff(want, names(t, parts[1])); diff != "" {
		t.Error("claims", diff)
	}
	got := claims(t, token)
	app, _ := w.config.App("app-a")
	now := float64(w.clock.Now().Unix())
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[58][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for _, id := range []string{"sub", "policy_id"} {
		if !uuid.MatchString(got[id].(string)) {
			t.Errorf("%s = %v", id, got[id])
		}
		delete(got, id)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9]{16}$`).MatchString(got["identity_nonce"].(string)) {
		t.Errorf("identity_nonce = %v", got["identity_nonce"])
	}
	delete(got, "identity_nonce")
	expected := map[string]any{
		"aud": []any{app.AUD}, "email": "alice@example.com", "exp": now + 86400, "iat": now, "nbf": now,
		"iss": "https://" + team, "type": "app", "h_INTERNAL_DO_NOT_USE": hostA, "country": "DE",
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Error(diff)
	}
}

func TestMetaToken(t *testing.T) {
	w := newWorld(t)
	r := w.browser().get("https://" + hostA + "/x?y=1")
	u, _ := url.Parse(r.location())
	meta := u.Query().Get("meta")
	if diff := cmp.Diff([]string{"typ", "alg", "kid"}, names(t, strings.Split(meta, ".")[0])); diff != "" {
		t.Error("header", diff)
	}
	app, _ := w.config.App("app-a")
	now := float64(w.clock.Now().Unix())
	expected := map[string]any{
		"type": "meta", "aud": app.AUD, "hostname": hostA, "redirect_url": "/x?y=1",
		"service_token_status": false, "is_warp": false, "is_gateway": false,
		"exp": now + 300, "nbf": now, "iat": now, "auth_status": "NONE", "real_country": "DE",
		"app_session_hash": sha256Hex(r.Cookies()[0].Value),
		"mtls_auth":        map[string]any{"cert_issuer_dn": "", "cert_serial": "", "cert_issuer_ski": "", "cert_presented": false, "common_name": "", "auth_status": "NONE"},
	}
	if diff := cmp.Diff(expected, claims(t, meta)); diff != "" {
		t.Error(diff)
	}
}

func TestOrgToken(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.login("https://"+hostA+"/", "alice@example.com")
	got := claims(t, b.cookie("https://"+team+"/", cookieAuthorization))
	identity, _ := got["identity"].(map[string]any)
	if got["type"] != "org" || got["iss"] != "https://"+team || got["account_id"] != w.config.account || identity["email"] != "alice@example.com" {
		t.Errorf("%v", got)
	}
	if aud, _ := got["aud"].([]any); len(aud) != 1 || !isHex(aud[0].(string), 64) {
		t.Errorf("aud = %v", got["aud"])
	}
}

// TestSubject checks against a published version 5 UUID (DNS namespace).
func TestSubject(t *testing.T) {
	if got := subjectOf("6ba7b8109dad11d180b400c04fd430c8", "www.example.com"); got != "2ed6657d-e927-568b-95e1-2665a8aea6a2" {
		t.Error(got)
	}
}

func TestPolicySessionPrecedesTheApplications(t *testing.T) {
	app := appA()
	app.Policies[0].SessionDuration = "30m"
	w := newWorld(t, app)
	b := w.browser()
	b.login("https://"+hostA+"/", "alice@example.com")
	got := claims(t, b.cookie("https://"+hostA+"/", cookieAuthorization))
	if got["exp"].(float64)-got["iat"].(float64) != 1800 {
		t.Errorf("%v", got)
	}
}
