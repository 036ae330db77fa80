package accessemu

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu/keypool"
)

// issuer is an OpenID provider of a test, whose every answer can be bent.
type issuer struct {
	t      *testing.T
	key    crypto.PrivateKey
	alg    jose.SignatureAlgorithm
	now    func() time.Time
	form   url.Values // of the last exchange
	asked  url.Values // of the last authorization
	claims map[string]any
	bend   func(claims map[string]any)
	answer func(w http.ResponseWriter) bool // in place of the tokens
	api    map[string]any                   // of GitHub, by path
	down   bool
}

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	if i.down {
		return nil, errors.New("connection refused")
	}
	rec := httptest.NewRecorder()
	switch r.URL.Path {
	case "/token":
		i.token(rec, r)
	case "/keys":
		public := i.key.(interface{ Public() crypto.PublicKey }).Public()
		_ = json.NewEncoder(rec).Encode(map[string]any{"keys": []any{
			map[string]any{"kty": "odd"}, jose.JSONWebKey{Key: public, KeyID: "k1", Algorithm: string(i.alg), Use: "sig"},
		}})
	default:
		body, ok := i.api[r.URL.Path]
		if r.Header.Get("Authorization") != "Bearer at" || !ok {
			rec.WriteHeader(http.StatusForbidden)
		}
		_ = json.NewEncoder(rec).Encode(body)
	}
	return rec.Result(), nil
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		i.t.Error(err)
	}
	i.form = r.PostForm
	if i.answer != nil && i.answer(w) {
		return
	}
	claims := map[string]any{
		"iss": "https://idp.test", "sub": "u1", "aud": "client", "nonce": i.asked.Get("nonce"), "email": alice,
		"iat": i.now().Unix(), "exp": i.now().Add(time.Hour).Unix(),
	}
	maps.Copy(claims, i.claims)
	if i.bend != nil {
		i.bend(claims)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: i.alg, Key: jose.JSONWebKey{Key: i.key, KeyID: "k1"}}, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	body, _ := json.Marshal(claims)
	jws, err := signer.Sign(body)
	if err != nil {
		i.t.Fatal(err)
	}
	token, _ := jws.CompactSerialize()
	_ = json.NewEncoder(w).Encode(map[string]any{"id_token": token, "access_token": "at", "token_type": "Bearer"})
}

// elsewhere is a world whose provider is an issuer.
func elsewhere(t *testing.T, doc IdentityProvider) (*world, *issuer) {
	t.Helper()
	w := corpWorld(t)
	i := &issuer{t: t, alg: jose.RS256, now: w.clock.Now, claims: map[string]any{"groups": []string{"admins"}}}
	key, err := keypool.Key(0)
	if err != nil {
		t.Fatal(err)
	}
	i.key = key
	w.state.http = i
	doc.ID, doc.Name = "corp", "Corp"
	w.provide(doc)
	return w, i
}

func oidcDoc() IdentityProvider {
	return IdentityProvider{Type: "oidc", Config: IdentityProviderConfig{
		ClientID: "client", ClientSecret: "s3cret", AuthURL: "https://idp.test/auth?tenant=1", TokenURL: "https://idp.test/token", CertsURL: "https://idp.test/keys",
		Claims: []string{"department", "groups"}, PKCEEnabled: true,
	}}
}

// through goes to the provider and back with a query that has the state.
func (b *browser) through(i *issuer, query string) *reply {
	b.w.t.Helper()
	to := b.toProvider(pageA, "corp")
	u, err := url.Parse(to.location())
	if to.StatusCode != 302 || err != nil {
		b.w.t.Fatalf("%d %s", to.StatusCode, to.body)
	}
	i.asked = u.Query()
	return b.home(b.get(i.asked.Get("redirect_uri") + "?" + query + "&state=" + url.QueryEscape(i.asked.Get("state"))))
}

func TestOIDCProvider(t *testing.T) {
	w, i := elsewhere(t, oidcDoc())
	i.claims = map[string]any{"Groups": []any{"admins"}, "department": "sales", "secret": "x", "name": "Alice", "amr": []string{"mfa"}}
	b := w.browser()
	if r := b.through(i, "code=c1"); r.body != "origin" {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	sum := sha256.Sum256([]byte(i.form.Get("code_verifier")))
	for name, want := range map[string]string{
		"tenant": "1", "response_type": "code", "client_id": "client", "redirect_uri": "https://" + team + "/cdn-cgi/access/callback", "scope": "openid email profile",
		"code_challenge": base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method": "S256",
	} {
		if got := i.asked.Get(name); got != want {
			t.Errorf("%s=%q; want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"grant_type": "authorization_code", "code": "c1", "client_id": "client", "client_secret": "s3cret", "redirect_uri": i.asked.Get("redirect_uri")} {
		if got := i.form.Get(name); got != want {
			t.Errorf("%s=%q; want %q", name, got, want)
		}
	}
	claims := payload(t, w.seen.Header.Get("Cf-Access-Jwt-Assertion"))
	if diff := cmp.Diff(map[string]any{"department": "sales"}, claims["custom"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{"mfa"}, claims["amr"]); diff != "" {
		t.Error(diff)
	}
	d := b.identity()
	if d["id"] != "u1" || d["name"] != "Alice" || !cmp.Equal(d["groups"], []any{"admins"}) || !cmp.Equal(d["oidc_fields"], map[string]any{"department": "sales"}) {
		t.Errorf("%v", d)
	}
}

func TestOIDCAlgorithms(t *testing.T) {
	curve := func(c elliptic.Curve) crypto.PrivateKey {
		key, err := ecdsa.GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	for _, tt := range []struct {
		alg jose.SignatureAlgorithm
		key crypto.PrivateKey // nil: RSA
		ok  bool
	}{
		{jose.RS256, nil, true}, {jose.RS512, nil, true}, {jose.PS512, nil, true}, {jose.RS384, nil, false}, {jose.PS256, nil, false},
		{jose.ES256, curve(elliptic.P256()), true}, {jose.ES384, curve(elliptic.P384()), true}, {jose.ES512, curve(elliptic.P521()), true},
	} {
		w, i := elsewhere(t, oidcDoc())
		i.alg = tt.alg
		if tt.key != nil {
			i.key = tt.key
		}
		if r := w.browser().through(i, "code=c"); (r.body == "origin") != tt.ok || !tt.ok && r.StatusCode != 502 {
			t.Errorf("%s: %d", tt.alg, r.StatusCode)
		}
	}
}

func TestOIDCRefusals(t *testing.T) {
	claim := func(name string, value any) func(*issuer) {
		return func(i *issuer) {
			i.bend = func(claims map[string]any) {
				if claims[name] = value; value == nil {
					delete(claims, name)
				}
			}
		}
	}
	answers := func(status int, body string) func(*issuer) {
		return func(i *issuer) {
			i.answer = func(w http.ResponseWriter) bool {
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
				return true
			}
		}
	}
	past, future := time.Now().Add(-time.Hour).Unix(), time.Now().Add(time.Hour).Unix()
	for name, tt := range map[string]struct {
		query  string
		bend   func(*issuer)
		status int
		says   string
	}{
		"denied":         {"error=access_denied&error_description=no+way%0d%0aX:+y", nil, 403, "error=access_denied (no way  X: y)"},
		"server error":   {"error=server_error", nil, 502, "error=server_error"},
		"nothing":        {"x=1", nil, 502, "neither code nor error"},
		"down":           {"code=c", func(i *issuer) { i.down = true }, 502, "was not reached: connection refused"},
		"client":         {"code=c", answers(401, `{"error":"invalid_client","error_description":"who?"}`), 502, "answered 401 with error=invalid_client (who?)"},
		"no JSON":        {"code=c", answers(200, `<html>`), 502, "something else than JSON"},
		"status":         {"code=c", answers(500, `{}`), 502, "answered 500"},
		"no ID token":    {"code=c", answers(200, `{"access_token":"x"}`), 502, "no id_token"},
		"no JWT":         {"code=c", answers(200, `{"id_token":"x.y"}`), 502, "the ID token is"},
		"alg none":       {"code=c", answers(200, `{"id_token":"eyJhbGciOiJub25lIn0.e30.AAAA"}`), 502, "ID token is"},
		"other key":      {"code=c", func(i *issuer) { i.answer = strangers(i) }, 502, "no key of certs_url verifies"},
		"iss":            {"code=c", claim("iss", "idp"), 502, "which is no URL"},
		"aud":            {"code=c", claim("aud", "other"), 502, "for another client"},
		"several aud":    {"code=c", claim("aud", []string{"client", "other"}), 502, "given to another client"},
		"azp":            {"code=c", claim("azp", "other"), 502, "given to another client"},
		"expired":        {"code=c", claim("exp", past), 502, "has expired"},
		"no exp":         {"code=c", claim("exp", nil), 502, "has expired"},
		"from tomorrow":  {"code=c", claim("iat", future), 502, "from the future"},
		"nonce":          {"code=c", claim("nonce", "other"), 502, "nonce is not that of this sign-in"},
		"no sub":         {"code=c", claim("sub", nil), 502, "no sub"},
		"no email":       {"code=c", claim("email", nil), 502, `no claim &#34;email&#34;`},
		"odd email":      {"code=c", claim("email", "alice"), 502, "no e-mail address"},
		"no nonce is ok": {"code=c", claim("nonce", nil), 200, "origin"},
	} {
		t.Run(name, func(t *testing.T) {
			w, i := elsewhere(t, oidcDoc())
			if tt.bend != nil {
				tt.bend(i)
			}
			var why Reason
			b := w.browser()
			w.shape = func(r *Request) { r.Explain = func(told Reason) { why = told } }
			r := b.through(i, tt.query)
			if w.shape = nil; tt.status == 200 {
				if b.cookie(pageA, cookieAuthorization) == "" {
					t.Errorf("%d %s", r.StatusCode, why.Why)
				}
				return
			}
			if r.StatusCode != tt.status || !strings.Contains(r.body, tt.says) || b.cookie(pageA, cookieAuthorization) != "" || b.cookie("https://"+team, cookieAuthorization) != "" {
				t.Errorf("%d %s", r.StatusCode, r.body)
			}
			if !strings.HasPrefix(why.Why, `identity provider "Corp": `) || why.Kind != "identity_provider" || why.ID != "corp" {
				t.Errorf("%+v", why)
			}
		})
	}
}

// strangers signs with a key that the provider does not publish.
func strangers(i *issuer) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			i.t.Fatal(err)
		}
		other := *i
		other.key, other.alg, other.answer = key, jose.ES256, nil
		r := httptest.NewRequest("POST", "/token", nil)
		other.token(w, r)
		return true
	}
}

// TestStrangersAreNotToldOfTheProvider: where it is and what it said is the administrator's.
func TestStrangersAreNotToldOfTheProvider(t *testing.T) {
	w, i := elsewhere(t, oidcDoc())
	i.down = true
	w.shape = func(r *Request) { r.Reticent = true }
	if r := w.browser().through(i, "code=c"); r.StatusCode != 502 || strings.Contains(r.body, "idp.test") || strings.Contains(r.body, "refused") {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}

func TestEmailClaimName(t *testing.T) {
	doc := oidcDoc()
	doc.Config.EmailClaimName = "upn"
	w, i := elsewhere(t, doc)
	i.claims["upn"] = "Upn@Example.com"
	b := w.browser()
	if r := b.through(i, "code=c"); r.body != "origin" || w.seen.Header.Get("Cf-Access-Authenticated-User-Email") != "upn@example.com" {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}

func TestGoogle(t *testing.T) {
	doc := IdentityProvider{Type: "google-apps", Config: IdentityProviderConfig{
		ClientID: "client", AuthURL: "https://accounts.google.com/o/oauth2/v2/auth", TokenURL: "https://oauth2.test/token", CertsURL: "https://oauth2.test/keys", AppsDomain: "example.com",
	}}
	good := map[string]any{"iss": "https://accounts.google.com", "email_verified": true, "hd": "example.com", "groups": []string{"admins"}}
	for name, tt := range map[string]struct {
		claim  string
		value  any
		status int
	}{
		"right": {"x", 1, 200}, "issuer": {"iss", "https://idp.test", 502}, "not verified": {"email_verified", false, 502}, "other domain": {"hd", "outside.test", 403}, "no domain": {"hd", "", 403},
	} {
		w, i := elsewhere(t, doc)
		i.claims = maps.Clone(good)
		i.claims[tt.claim] = tt.value
		if r := w.browser().through(i, "code=c"); r.StatusCode != tt.status || i.asked.Get("hd") != "example.com" {
			t.Errorf("%s: %d %s", name, r.StatusCode, r.body)
		}
	}
	if p, err := compileProvider(IdentityProvider{Type: "google", Config: IdentityProviderConfig{ClientID: "c", AuthURL: "https://accounts.google.com/o/oauth2/v2/auth"}}, ""); err != nil || p.doc.Config.TokenURL != googleToken || p.doc.Config.CertsURL != googleCerts {
		t.Errorf("%+v %v", p, err)
	}
}

func TestGitHub(t *testing.T) {
	doc := IdentityProvider{Type: "github", Config: IdentityProviderConfig{
		ClientID: "client", ClientSecret: "s", AuthURL: "https://github.com/login/oauth/authorize", TokenURL: "https://github.test/token", APIURL: "https://api.github.test",
	}}
	api := func() map[string]any {
		return map[string]any{
			"/user": githubUser{7, "octo", ""}, "/user/emails": []githubEmail{{"old@example.com", false, true}, {"Octo@Example.com", true, true}},
			"/user/orgs": []githubOrg{{1, "Acme"}}, "/user/teams": []githubTeam{{2, "Core Team", "core-team", githubOrg{1, "Acme"}}},
		}
	}
	for name, tt := range map[string]struct {
		rule   GitHubOrganizationRule
		change func(map[string]any)
		status int
		says   string
	}{
		"organization":   {GitHubOrganizationRule{Name: "acme"}, nil, 200, ""},
		"team":           {GitHubOrganizationRule{Name: "acme", Team: "core-team", ProviderID: "corp"}, nil, 200, ""},
		"team by name":   {GitHubOrganizationRule{Name: "acme", Team: "Core Team"}, nil, 200, ""},
		"other":          {GitHubOrganizationRule{Name: "other"}, nil, 403, noAccess},
		"other team":     {GitHubOrganizationRule{Name: "acme", Team: "sales"}, nil, 403, noAccess},
		"no address":     {GitHubOrganizationRule{Name: "acme"}, func(a map[string]any) { a["/user/emails"] = []githubEmail{{"a@b", true, false}} }, 502, "no verified primary"},
		"teams withheld": {GitHubOrganizationRule{Name: "acme"}, func(a map[string]any) { delete(a, "/user/teams") }, 502, "/user/teams answered 403"},
	} {
		w, i := elsewhere(t, doc)
		app := appA()
		app.Policies = []PolicyRef{allow("GitHub", tt.rule)}
		w.put(app)
		if i.api = api(); tt.change != nil {
			tt.change(i.api)
		}
		b := w.browser()
		r := b.through(i, "code=c")
		if r.StatusCode != tt.status || !strings.Contains(r.body, tt.says) {
			t.Errorf("%s: %d %s", name, r.StatusCode, r.body)
			continue
		}
		if tt.status != 200 {
			continue
		}
		want := []any{map[string]any{"id": "1", "name": "Acme"}, map[string]any{"id": "2", "name": "Acme/Core Team"}}
		if d := b.identity(); d["name"] != "octo" || d["id"] != "7" || d["email"] != "octo@example.com" || !cmp.Equal(d["groups"], want) {
			t.Errorf("%v", d)
		}
		if i.asked.Get("scope") != "user:email read:org" || i.asked.Has("nonce") {
			t.Errorf("%v", i.asked)
		}
	}
}

func FuzzIDToken(f *testing.F) {
	f.Add([]byte(`{"iss":"https://a.test","sub":"u","aud":"client","exp":4102444800,"email":"a@b.test","groups":["x",{"id":"1"}]}`))
	f.Add([]byte(`{"aud":["client",""],"azp":"client","groups":{"a":1},"amr":"mfa"}`))
	doc := oidcDoc()
	p, err := compileProvider(doc, "")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		w, err := p.readIDToken(body, &attempt{nonce: "n"}, time.Unix(1e9, 0))
		if (w == nil) == (err == nil) {
			t.Fatalf("%v %v", w, err)
		}
		if w != nil {
			if _, ok := canonicalEmail(w.email); !ok {
				t.Errorf("the address %q", w.email)
			}
		}
	})
}
