package accessemu

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const pageS = "https://" + hostS + "/"

// opens tells whether a secret of token K opens application S, and why not.
func (w *world) opens(secret string) (bool, string) {
	w.t.Helper()
	r := w.browser().get(pageS, pair(clientK, secret)...)
	return r.StatusCode == 200, w.last.Why
}

func TestServiceTokenLife(t *testing.T) {
	const later = 8760 * time.Hour
	for name, c := range map[string]struct {
		change func(*world, *ServiceToken)
		after  time.Duration
		opens  bool
		why    string
	}{
		"fresh":              {nil, 0, true, ""},
		"a year":             {nil, later - time.Second, true, ""},
		"over a year":        {nil, later, false, `service token "ci" has expired`},
		"forever":            {func(_ *world, k *ServiceToken) { k.Duration = "forever" }, 10 * later, true, ""},
		"an hour":            {func(_ *world, k *ServiceToken) { k.Duration = "1h" }, time.Hour, false, "has expired"},
		"until a date":       {func(w *world, k *ServiceToken) { k.ExpiresAt = w.clock.Now().Add(time.Hour).Format(time.RFC3339) }, time.Hour, false, "has expired"},
		"before that date":   {func(w *world, k *ServiceToken) { k.ExpiresAt = w.clock.Now().Add(time.Hour).Format(time.RFC3339) }, time.Hour - time.Second, true, ""},
		"refreshed":          {func(w *world, k *ServiceToken) { *k = k.Refresh(w.clock.Now().Add(time.Hour)) }, later, true, ""},
		"refreshed, expired": {func(w *world, k *ServiceToken) { *k = k.Refresh(w.clock.Now().Add(time.Hour)) }, later + time.Hour, false, "has expired"},
		"disabled":           {func(_ *world, k *ServiceToken) { k.Enabled = new(bool) }, 0, false, `service token "ci" is disabled`},
		"aged":               {func(w *world, _ *ServiceToken) { w.state.Age(later) }, 0, false, "has expired"},
		"aged before it was made": {func(w *world, k *ServiceToken) {
			w.state.Age(later)
			k.ID = "token-k"
			w.state.ServiceTokenChanged(ServiceToken{}, *k)
		}, 0, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, k := newWorld(t), tokenK()
			if c.change != nil {
				c.change(w, &k)
			}
			w.put(k, appS())
			w.clock.Add(c.after)
			if ok, why := w.opens(secretK); ok != c.opens || !strings.Contains(why, c.why) {
				t.Errorf("opens %v: %s", ok, why)
			}
		})
	}
}

func TestServiceTokenRotation(t *testing.T) {
	w := newWorld(t).machines()
	fresh := w.state.NewServiceSecret()
	if len(fresh) != 54 || !strings.HasPrefix(fresh, "cfast_") {
		t.Errorf("secret %q", fresh)
	}
	rotated := tokenK().Rotate(fresh, w.clock.Now().Add(time.Hour))
	if rotated.SecretVersion != 1 || rotated.ClientSecret != "" {
		t.Errorf("%+v", rotated)
	}
	w.put(rotated)
	for _, secret := range []string{fresh, secretK} {
		if ok, why := w.opens(secret); !ok {
			t.Error(why)
		}
	}
	w.clock.Add(time.Hour)
	if ok, _ := w.opens(fresh); !ok {
		t.Error("the new secret ended with the old one")
	}
	if ok, why := w.opens(secretK); ok || !strings.Contains(why, "the previous one of service token") {
		t.Error(why)
	}
	again := rotated.Rotate(secretK, time.Time{})
	w.put(again)
	if ok, _ := w.opens(fresh); ok {
		t.Error("a rotation without overlap leaves the old secret alive")
	}
	if ok, why := w.opens(secretK); !ok {
		t.Error(why)
	}
	again.Enabled = new(bool)
	w.put(again.Rotate(fresh, w.clock.Now().Add(time.Hour)))
	for _, secret := range []string{fresh, secretK} {
		if ok, _ := w.opens(secret); ok {
			t.Error("a disabled token opens")
		}
	}
}

func TestServiceTokenDocuments(t *testing.T) {
	w := newWorld(t)
	w.put(ServiceToken{Name: "nightly", ClientSecretHash: sha256Hex("x")}, tokenK())
	doc, ok := w.config.ServiceToken("nightly")
	if !ok || len(doc.ClientID) != 39 || !strings.HasSuffix(doc.ClientID, ".access") || len(doc.ID) != 36 {
		t.Errorf("%+v", doc)
	}
	other := newWorld(t)
	other.put(ServiceToken{Name: "nightly", ClientSecret: "y"})
	if again, _ := other.config.ServiceToken("nightly"); again.ClientID != doc.ClientID || again.ID != doc.ID {
		t.Errorf("derived ids differ: %+v %+v", doc, again)
	}
	for _, ref := range []string{"token-k", "ci", clientK} {
		if doc, ok := w.config.ServiceToken(ref); !ok || doc.ClientSecret != "" || doc.ClientSecretHash != sha256Hex(secretK) {
			t.Errorf("%s: %+v", ref, doc)
		}
	}
	if _, ok := w.config.ServiceToken("nobody"); ok || len(w.config.ServiceTokens()) != 2 {
		t.Error("a token of nobody")
	}
	err := w.config.Txn().PutServiceToken(ServiceToken{ID: "x", ClientID: "a b", ClientSecret: "a b", PreviousSecretHash: "y", Duration: "forevr", ExpiresAt: "soon"})
	want := []string{
		`name: ""; allowed: a name`,
		`client_id: "a b"; allowed: 32 hex digits and .access, or another text that a header can carry`,
		`client_secret: a secret with spaces, or with characters that no header carries; allowed: 64 hex digits, or cfast_ and 48 letters and digits`,
		`previous_client_secret_hash: "y"; allowed: SHA-256 of the secret, 64 lower-case hex digits`,
		`previous_client_secret_expires_at: missing; allowed: the time until which the previous secret works, as "2030-01-02T15:04:05Z"`,
		`expires_at: "soon"; allowed: a time as RFC 3339 has it, as "2030-01-02T15:04:05Z"`,
		`duration: "forevr"; allowed: a duration, as "8760h", or "forever" (did you mean "forever"?)`,
	}
	if diff := cmp.Diff(want, errorLines(err)); diff != "" {
		t.Error(diff)
	}
}

func TestServiceTokenReferences(t *testing.T) {
	w := newWorld(t).machines()
	x := w.config.Txn()
	x.DeleteServiceToken("token-k")
	if _, err := x.Commit(); len(FieldErrors(err)) != 2 || !strings.Contains(err.Error(), `"ci", which is the id or name of no service token`) {
		t.Errorf("deleting a token in use: %v", err)
	}
	x = w.config.Txn()
	twin := tokenK()
	twin.ID, twin.Name = "twin", "twin"
	_ = x.PutServiceToken(twin)
	if _, err := x.Commit(); err == nil || FieldErrors(err)[0].Field != "client_id" {
		t.Errorf("two tokens of one client id: %v", err)
	}
	b := w.browser()
	b.get("https://"+hostM+"/", pair(clientK, secretK)...)
	token := b.cookie("https://"+hostM+"/", cookieAuthorization)
	w.config = edit(t, w.config, func(x *Txn) {
		x.DeleteServiceToken("token-k")
		x.DeleteApp("app-s")
		app := appM()
		app.Policies[1].Include = rulesOf(AnyValidServiceTokenRule{})
		_ = x.PutApp(app)
	})
	// The one revocation that lasts: what was made for the token is worth nothing either.
	for _, headers := range [][]string{pair(clientK, secretK), {"Cookie: CF_Authorization=" + token}} {
		if r := w.browser().get("https://"+hostM+"/", headers...); !isLogin(r) {
			t.Errorf("%d: %s", r.StatusCode, w.last.Why)
		}
	}
}

// A client id may be guessed, its secret not, and neither is a header's second
// value a way around.
func TestServiceTokenForgeries(t *testing.T) {
	w := newWorld(t).machines()
	w.put(ServiceToken{Name: "other", ClientID: "other.access", ClientSecret: noToken})
	for name, headers := range map[string][]string{
		"no secret":             {"CF-Access-Client-Id: " + clientK},
		"no id":                 {"CF-Access-Client-Secret: " + secretK},
		"empty secret":          pair(clientK, ""),
		"empty id":              pair("", secretK),
		"the hash as secret":    pair(clientK, sha256Hex(secretK)),
		"secret cut off":        pair(clientK, secretK[:len(secretK)-1]),
		"secret with more":      pair(clientK, secretK+"0"),
		"another token's":       pair(clientK, noToken),
		"another token's id":    pair("other.access", secretK),
		"id in capitals":        pair(strings.ToUpper(clientK), secretK),
		"id without .access":    pair(strings.TrimSuffix(clientK, ".access"), secretK),
		"the token's own id":    pair("token-k", secretK),
		"1 MB secret":           pair(clientK, strings.Repeat("a", 1<<20)),
		"1 MB id":               pair(strings.Repeat("a", 1<<20), secretK),
		"two secrets":           append(pair(clientK, secretK), "CF-Access-Client-Secret: x"),
		"two ids":               append(pair(clientK, secretK), "CF-Access-Client-Id: x"),
		"single, not asked for": {`Authorization: {"cf-access-client-id":"` + clientK + `","cf-access-client-secret":"` + secretK + `"}`},
		"another valid token":   pair("other.access", noToken),
	} {
		if r := w.browser().get(pageS, headers...); r.StatusCode != 403 || w.seen != nil {
			t.Errorf("%s: %d %s", name, r.StatusCode, w.last.Why)
		}
		w.shape = func(r *Request) { r.Reticent = true }
		if w.browser().get(pageS, headers...); strings.Contains(w.last.Why, "secret is not") || strings.Contains(w.last.Why, "client id is") || strings.Contains(w.last.Why, `"ci"`) {
			t.Errorf("%s: a stranger is told %s", name, w.last.Why)
		}
		w.shape = nil
	}
}

func TestServiceTokenStrictRefusesTwoWays(t *testing.T) {
	w := newWorld(t)
	app := appS()
	app.ServiceTokensHeader = "X-Service"
	w.put(tokenK(), app)
	both := append(pair(clientK, secretK), `X-Service: {"cf-access-client-id":"`+clientK+`","cf-access-client-secret":"`+secretK+`"}`)
	if r := w.browser().get(pageS, both...); r.StatusCode != 200 {
		t.Errorf("%d %s", r.StatusCode, w.last.Why)
	}
	w.put(Organization{StrictServiceTokenAuth: true})
	if r := w.browser().get(pageS, both...); r.StatusCode != 401 || !strings.Contains(w.last.Why, "in two ways") {
		t.Errorf("%d %s", r.StatusCode, w.last.Why)
	}
}

// What is sent twice or is too long shows a service token badly; it is not none, which would lead to the login.
func TestServiceTokenStrictReadsEveryValueOfTheSingleHeader(t *testing.T) {
	w := newWorld(t)
	app := appM()
	app.ServiceTokensHeader = "Authorization"
	w.put(tokenK(), app, Organization{StrictServiceTokenAuth: true})
	const page = "https://" + hostM + "/"
	single := `Authorization: {"cf-access-client-id":"` + clientK + `","cf-access-client-secret":"` + secretK + `"}`
	if r := w.browser().get(page, single); r.StatusCode != 200 {
		t.Fatalf("%d %s", r.StatusCode, w.last.Why)
	}
	for name, headers := range map[string][]string{
		"behind another value": {"Authorization: Bearer x", single},
		"twice":                {single, single},
		"too long":             {strings.TrimSuffix(single, "}") + strings.Repeat(" ", maxSingle) + "}"},
		"with more behind it":  {single + "{}"},
	} {
		if r := w.browser().get(page, headers...); r.StatusCode != 401 || w.seen != nil {
			t.Errorf("%s: %d %s", name, r.StatusCode, w.last.Why)
		}
	}
	if r := w.browser().get(page, "Authorization: Bearer x"); !isLogin(r) {
		t.Errorf("a header that is not for Access: %d %s", r.StatusCode, w.last.Why)
	}
}

// Bypass and Service Auth policies come first, in the order of the list, and
// rules of the request hold for machines, too.
func TestServiceAuthOrder(t *testing.T) {
	w := newWorld(t)
	app := appS()
	app.Policies = []PolicyRef{policyOf("deny", "nobody", EveryoneRule{}), serviceAuth("robots", EveryoneRule{}), policyOf("bypass", "office", GeoRule{"DE"})}
	app.Policies[1].Require = rulesOf(GeoRule{"FR"})
	w.put(tokenK(), app)
	if ok, why := w.opens(secretK); !ok || w.last.Verdict != Bypass {
		t.Error(why)
	}
	w.client.Country = "FR"
	if ok, why := w.opens(secretK); !ok || w.last.Verdict != Forward || w.last.Policy != "robots" {
		t.Error(why)
	}
	// "Everyone" of a Service Auth policy is every machine.
	if r := w.browser().get(pageS); r.StatusCode != 403 || w.last.Policy != "nobody" {
		t.Errorf("%d %s", r.StatusCode, w.last.Why)
	}
}

func TestServiceTokenWarmDoesNotAllocate(t *testing.T) {
	w := newWorld(t).machines()
	r := w.request("GET", pageS, headerClientID, clientK, headerSecret, secretK)
	if d := w.config.Decide(w.state, r); d.Verdict != Forward {
		t.Fatal(d.Why)
	}
	if n := testing.AllocsPerRun(100, func() { sink = w.config.Decide(w.state, r) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
