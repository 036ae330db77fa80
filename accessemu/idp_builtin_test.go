package accessemu

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const ownPage = "https://" + team + "/cdn-cgi/access/sundog-idp"

// corpWorld has the lookalike's own provider, and an application for a group of it.
func corpWorld(t *testing.T) *world {
	t.Helper()
	app := appA()
	app.Policies = []PolicyRef{allow("admins", OIDCClaimRule{Name: "department", Value: "sales"}, AuthMethodRule{"mfa"}, OktaGroupRule{Name: "admins", ProviderID: "corp"})}
	w := newWorld(t, app)
	w.provide(IdentityProvider{ID: "corp", Name: "Corp", Type: "oidc"}, IdentityProvider{ID: "pin", Type: "onetimepin"})
	return w
}

// toProvider follows a provider's link of the login page.
func (b *browser) toProvider(target, id string) *reply {
	b.w.t.Helper()
	loginPage := b.get(target).location()
	shown := b.get(loginPage)
	if !strings.Contains(shown.body, "&amp;idp="+id+`"`) {
		b.w.t.Fatalf("the login page has no link to %s: %s", id, shown.body)
	}
	return b.get(loginPage + "&idp=" + id)
}

// answerAs fills the lookalike's own page in.
func (b *browser) answerAs(target string, form url.Values) *reply {
	b.w.t.Helper()
	to := b.toProvider(target, "corp")
	shown := b.follow(to)
	if shown.StatusCode != 200 || !strings.Contains(shown.body, "the lookalike&#39;s own") {
		b.w.t.Fatalf("%d %s", shown.StatusCode, shown.body)
	}
	form.Set("state", shown.Request.URL.Query().Get("state"))
	return b.do("POST", ownPage, form, "Origin: https://"+team)
}

// home follows redirects to the last reply.
func (b *browser) home(r *reply) *reply {
	b.w.t.Helper()
	for range 20 {
		if r.StatusCode != 302 || r.Request.URL.Host == hostA && isLogin(r) {
			return r
		}
		r = b.follow(r)
	}
	b.w.t.Fatal("redirects in a circle")
	return nil
}

func (b *browser) identity() (d map[string]any) {
	b.w.t.Helper()
	if err := json.Unmarshal([]byte(b.get("https://"+hostA+"/cdn-cgi/access/get-identity").body), &d); err != nil {
		b.w.t.Fatal(err)
	}
	return d
}

// payload are the claims of a token.
func payload(t testing.TB, token string) (claims map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no token: %q", token)
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(body, &claims) != nil {
		t.Fatalf("no claims: %q", token)
	}
	return claims
}

func TestBuiltInProvider(t *testing.T) {
	w := corpWorld(t)
	b := w.browser()
	r := b.home(b.answerAs(pageA, url.Values{"email": {"Carol@Outside.test"}, "name": {"Carol"}, "groups": {"admins, on call"},
		"claims": {`{"department": "sales", "level": 3}`}, "amr": {"mfa,otp"}, "country": {"FR"}}))
	if r.StatusCode != 200 || r.body != "origin" {
		t.Fatalf("%d %s %s", r.StatusCode, w.last.Why, r.body)
	}
	claims := payload(t, w.seen.Header.Get("Cf-Access-Jwt-Assertion"))
	if diff := cmp.Diff(map[string]any{"department": "sales", "level": 3.0}, claims["custom"]); diff != "" {
		t.Error(diff)
	}
	if claims["country"] != "FR" || claims["email"] != "carol@outside.test" {
		t.Errorf("%v", claims)
	}
	d := b.identity()
	got := map[string]any{}
	for _, name := range []string{"name", "groups", "amr", "idp", "oidc_fields", "geo"} {
		got[name] = d[name]
	}
	want := map[string]any{
		"name": "Carol", "groups": []any{"admins", "on call"}, "amr": []any{"mfa", "otp"}, "idp": map[string]any{"id": "corp", "type": "oidc"},
		"oidc_fields": map[string]any{"department": "sales", "level": 3.0}, "geo": map[string]any{"country": "FR"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestPINForgetsGroups: who signs in by a one-time PIN later is known without groups from then on.
func TestPINForgetsGroups(t *testing.T) {
	w := corpWorld(t)
	open := appA()
	open.ID, open.Name, open.Domain, open.Policies = "app-b", "Wiki", "wiki.example.com", []PolicyRef{allow("staff", EmailDomainRule{"example.com"})}
	w.put(open, Person{Email: alice, Groups: []string{"admins"}})
	b := w.browser()
	if r := b.home(b.answerAs(pageA, url.Values{"email": {alice}, "person": {"1"}})); r.body != "origin" {
		t.Fatalf("%d %s", r.StatusCode, w.last.Why)
	}
	login := b.get("https://wiki.example.com/").location()
	sent := b.do("POST", strings.Replace(login, "/login/", "/verify-code/", 1), url.Values{"email": {alice}})
	nonce := b.follow(sent).Request.URL.Query().Get("nonce")
	code, ok := w.state.OTP(alice, nonce)
	if !ok {
		t.Fatal("no PIN")
	}
	if r := b.home(b.enter(nonce, code)); r.body != "origin" {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	u, _ := url.Parse(pageA)
	b.Jar.SetCookies(u, []*http.Cookie{{Name: cookieAuthorization, Path: "/", MaxAge: -1}})
	if r := b.follow(b.get(pageA)); r.StatusCode != 403 || !strings.Contains(r.body, noAccess) {
		t.Errorf("the groups are still known: %d", r.StatusCode)
	}
}

func TestBuiltInRefuses(t *testing.T) {
	w := corpWorld(t)
	for name, tt := range map[string]struct {
		form   url.Values
		status int
		says   string
	}{
		"error":     {url.Values{"error": {"access_denied"}}, 403, "did not sign you in"},
		"no member": {url.Values{"email": {"dave@example.com"}}, 403, noAccess},
	} {
		b := w.browser()
		r := b.home(b.answerAs(pageA, tt.form))
		if r.StatusCode != tt.status || !strings.Contains(r.body, tt.says) || b.cookie(pageA, cookieAuthorization) != "" {
			t.Errorf("%s: %d %s", name, r.StatusCode, r.body)
		}
	}
	for name, form := range map[string]url.Values{
		"address": {"email": {"dave"}}, "claims": {"email": {alice}, "claims": {"[1]"}}, "amr": {"email": {alice}, "amr": {"mfaa"}},
		"country": {"email": {alice}, "country": {"fr"}}, "error code": {"error": {"<b>"}},
	} {
		if r := w.browser().answerAs(pageA, form); r.StatusCode != 400 || !strings.Contains(r.body, `role="alert"`) {
			t.Errorf("%s: %d %s", name, r.StatusCode, r.body)
		}
	}
}

func TestBuiltInListsItsPeople(t *testing.T) {
	w := corpWorld(t)
	w.put(Person{Email: alice, Name: "Alice", Groups: []string{"admins"}, IDP: "Corp"})
	w.put(Person{Email: "pat@example.com", IDP: "onetimepin"})
	b := w.browser()
	shown := b.follow(b.toProvider(pageA, "corp"))
	if !strings.Contains(shown.body, `value="alice@example.com"`) || strings.Contains(shown.body, "pat@example.com") {
		t.Error(shown.body)
	}
	if login := b.get(b.get(pageA).location()); strings.Contains(login.body, alice) || !strings.Contains(login.body, "pat@example.com") {
		t.Error("the login page lists people of another provider, or not its own")
	}
	if r := b.home(b.answerAs(pageA, url.Values{"email": {alice}, "person": {"1"}})); r.body != "origin" {
		t.Errorf("%d %s", r.StatusCode, w.last.Why)
	}
	if d := b.identity(); d["name"] != "Alice" {
		t.Errorf("%v", d)
	}
}

func TestProviderQueue(t *testing.T) {
	w := corpWorld(t)
	w.put(Person{Email: alice, Groups: []string{"admins"}})
	for _, a := range []ProviderAnswer{{Email: alice}, {Error: "access_denied", ErrorDescription: "not today"}, {Email: "eve@example.com", Claims: map[string]any{"department": "sales"}}} {
		if err := w.state.QueueIdentity(a); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.state.QueuedIdentities(); n != 3 {
		t.Errorf("%d wait", n)
	}
	next := func() *reply {
		b := w.browser()
		return b.home(b.toProvider(pageA, "corp"))
	}
	if r := next(); r.body != "origin" {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
	if r := next(); r.StatusCode != 403 || !strings.Contains(r.body, "error=access_denied (not today)") {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
	if r := next(); r.body != "origin" {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
	if r := next(); r.StatusCode != 200 || !strings.Contains(r.body, "Who signs in") {
		t.Errorf("an empty queue: %d", r.StatusCode)
	}
	for _, bad := range []ProviderAnswer{{}, {Email: "x"}, {Email: alice, Error: "access_denied"}, {Error: "a b"}, {Email: alice, AMR: []string{"x"}}, {Email: alice, Country: "de"}, {Email: alice, Groups: []string{""}}} {
		if err := w.state.QueueIdentity(bad); len(FieldErrors(err)) == 0 {
			t.Errorf("%+v was queued", bad)
		}
	}
}

// TestBuiltInIsNotForStrangers: the page believes everybody, so nobody else's computer is shown it.
func TestBuiltInIsNotForStrangers(t *testing.T) {
	w := corpWorld(t)
	b := w.browser()
	shown := b.follow(b.toProvider(pageA, "corp"))
	state := shown.Request.URL.Query().Get("state")
	if err := w.state.QueueIdentity(ProviderAnswer{Email: alice, Groups: []string{"admins"}}); err != nil {
		t.Fatal(err)
	}
	w.shape = func(r *Request) { r.Reticent = true }
	loginPage := b.get(pageA).location()
	if r := b.get(loginPage); r.StatusCode != 200 || strings.Contains(r.body, "idp=corp") || !strings.Contains(r.body, `name="email"`) {
		t.Errorf("login page: %d %s", r.StatusCode, r.body)
	}
	for name, r := range map[string]*reply{
		"link":  b.get(loginPage + "&idp=corp"),
		"page":  b.get(ownPage + "?state=" + state),
		"form":  b.do("POST", ownPage, url.Values{"state": {state}, "email": {alice}}),
		"error": b.do("POST", ownPage, url.Values{"state": {state}, "error": {"access_denied"}}),
	} {
		if r.StatusCode != 403 || !strings.Contains(r.body, "Nobody can sign in from here") {
			t.Errorf("%s: %d %s", name, r.StatusCode, r.body)
		}
	}
	if n := w.state.QueuedIdentities(); n != 1 {
		t.Error("a stranger used the queue up")
	}
}

// TestBuiltInAttacks: another site cannot answer, and what another browser began nobody can end.
func TestBuiltInAttacks(t *testing.T) {
	w := corpWorld(t)
	victim, attacker := w.browser(), w.browser()
	form := url.Values{"email": {alice}, "groups": {"admins"}}
	if r := attacker.answerAs(pageA, form); r.StatusCode != 302 {
		t.Fatal(r.StatusCode)
	} else if got := victim.get(r.location()); got.StatusCode != 400 {
		t.Errorf("the victim's browser took another's sign-in: %d", got.StatusCode)
	}
	shown := victim.follow(victim.toProvider(pageA, "corp"))
	form.Set("state", shown.Request.URL.Query().Get("state"))
	if r := victim.do("POST", ownPage, form, "Origin: https://evil.test"); r.StatusCode != 400 {
		t.Errorf("a form of another site: %d", r.StatusCode)
	}
	if r := attacker.do("POST", ownPage, form); r.StatusCode != 400 {
		t.Errorf("another browser: %d", r.StatusCode)
	}
	back := victim.do("POST", ownPage, form).location()
	if r := victim.get(strings.Replace(back, "code=", "code=x", 1)); r.StatusCode != 502 {
		t.Errorf("another code: %d", r.StatusCode)
	}
	if r := victim.get(back); r.StatusCode != 400 {
		t.Errorf("a state that was shown before: %d", r.StatusCode)
	}
}

func TestCustomIsBounded(t *testing.T) {
	long := strings.Repeat("x", 600)
	got := customClaims(map[string]any{"a": long, "b": long, "c": 1})
	if len(got) != 1 || got["a"] != long {
		t.Errorf("%d claims", len(got))
	}
}
