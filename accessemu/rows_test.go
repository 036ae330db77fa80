package accessemu

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMatrix is the table of client requests and answers; names are its row
// numbers.
func TestMatrix(t *testing.T) {
	const a = "https://" + hostA
	xhr := "X-Requested-With: XMLHttpRequest"
	preflight := []string{"Origin: https://spa.example.com", "Access-Control-Request-Method: POST"}
	bypassApp := Application{ID: "app-b", Domain: "open.example.com", Policies: []PolicyRef{policyOf("bypass", "all", EveryoneRule{})}}

	login := func(t *testing.T, r *reply) {
		t.Helper()
		if !isLogin(r) {
			t.Fatalf("want the login redirect, got %d to %q: %.200s", r.StatusCode, r.location(), r.body)
		}
	}
	forward := func(t *testing.T, w *world, r *reply) {
		t.Helper()
		if r.StatusCode != 200 || w.seen == nil {
			t.Fatalf("want the origin's answer, got %d: %s (%s)", r.StatusCode, w.last.Why, r.location())
		}
		if w.seen.Header.Get(headerAssertion) == "" {
			t.Error("the origin sees no assertion")
		}
	}
	status := func(t *testing.T, r *reply, want int) {
		t.Helper()
		if r.StatusCode != want {
			t.Fatalf("status %d, want %d: %.300s", r.StatusCode, want, r.body)
		}
	}

	rows := map[string]func(t *testing.T, w *world){
		"1": func(t *testing.T, w *world) {
			r := w.browser().get(a + "/")
			login(t, r)
			h := r.Header
			if want := `Cloudflare-Access resource_metadata="https://app.example.com/.well-known/cloudflare-access-protected-resource/"`; h.Get("Www-Authenticate") != want {
				t.Errorf("www-authenticate %s", h.Get("Www-Authenticate"))
			}
			if !strings.Contains(h.Get("Cache-Control"), "no-store") || h.Get("Expires") != "Thu, 01 Jan 1970 00:00:01 GMT" || h.Get("Content-Type") != "text/html" || len(r.body) != 143 {
				t.Errorf("headers %v, body %d bytes", h, len(r.body))
			}
			cookie := regexp.MustCompile(`^CF_AppSession=n[0-9a-f]{16}; Expires=[^;]+ GMT; Path=/; Secure; HttpOnly$`)
			if got := h.Values("Set-Cookie"); len(got) != 1 || !cookie.MatchString(got[0]) {
				t.Errorf("set-cookie %q", got)
			}
		},
		"2": func(t *testing.T, w *world) {
			r := w.browser().get(a + "/x?y=1")
			login(t, r)
			if !strings.HasSuffix(r.location(), "&redirect_url=%2Fx%3Fy%3D1") {
				t.Error(r.location())
			}
		},
		"3": func(t *testing.T, w *world) {
			r := w.browser().do("HEAD", a+"/", nil)
			login(t, r)
			if r.body != "" {
				t.Errorf("HEAD has the body %q", r.body)
			}
		},
		"4": func(t *testing.T, w *world) { login(t, w.browser().get(a+"/", "Accept: application/json")) },
		"5": func(t *testing.T, w *world) {
			r := w.browser().get(a+"/", xhr)
			status(t, r, 401)
			if !strings.Contains(r.body, "<title>401 Unauthorized</title>") || !strings.HasPrefix(r.Header.Get("Www-Authenticate"), "Cloudflare-Access ") {
				t.Errorf("%v %s", r.Header, r.body)
			}
			if r.Header.Get("Access-Control-Allow-Credentials") != "true" || r.Header.Get("Access-Control-Allow-Headers") != "x-requested-with" {
				t.Errorf("%v", r.Header)
			}
		},
		"6": func(t *testing.T, w *world) {
			r := w.browser().get(a+"/", "Sec-Fetch-Mode: cors", "Origin: https://spa.example.com")
			login(t, r)
			if r.Header.Get("Access-Control-Allow-Credentials") != "true" {
				t.Errorf("%v", r.Header)
			}
		},
		"7": func(t *testing.T, w *world) {
			status(t, w.browser().do("OPTIONS", a+"/", nil, preflight...), 403)
			status(t, w.browser().do("OPTIONS", a+"/", nil, append(preflight, "Cf-Access-Token: "+w.token("alice@example.com"))...), 403)
		},
		"8": func(t *testing.T, w *world) {
			app := appA()
			app.OptionsPreflightBypass = true
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
			status(t, w.browser().do("OPTIONS", a+"/", nil, append(preflight, "Cf-Access-Jwt-Assertion: made-up")...), 200)
			if w.seen == nil || w.seen.Header.Get(headerAssertion) != "" {
				t.Error("want the origin's answer, without assertion")
			}
			login(t, w.browser().get(a+"/"))
		},
		"11": func(t *testing.T, w *world) {
			r := w.browser().get(a+"/", "Cookie: a=b; CF_Authorization="+w.token("alice@example.com")+"; c=d")
			forward(t, w, r)
			if w.seen.Header.Get(headerEmail) != "alice@example.com" || !strings.Contains(w.seen.Header.Get("Cookie"), "CF_Authorization=ey") {
				t.Errorf("the origin sees %v", w.seen.Header)
			}
		},
		"12": func(t *testing.T, w *world) {
			forward(t, w, w.browser().get(a+"/", "cf-access-token: "+w.token("alice@example.com")))
		},
		"13": func(t *testing.T, w *world) {
			forward(t, w, w.browser().get(a+"/", "Cf-Access-Jwt-Assertion: "+w.token("alice@example.com")))
		},
		"14": func(t *testing.T, w *world) {
			login(t, w.browser().get(a+"/", "Authorization: Bearer "+w.token("alice@example.com")))
		},
		"15": func(t *testing.T, w *world) {
			login(t, w.browser().get(a+"/", "Cf-Access-Jwt-Assertion: bogus"))
			if w.seen != nil {
				t.Error("the request reached the origin")
			}
		},
		"16": func(t *testing.T, w *world) {
			token := w.token("alice@example.com")
			forward(t, w, w.browser().get(a+"/", "Cookie: CF_Authorization="+token, "Cf-Access-Jwt-Assertion: bogus"))
			if got := w.seen.Header.Values(headerAssertion); len(got) != 1 || got[0] != token {
				t.Errorf("the origin sees %q", got)
			}
		},
		"17": func(t *testing.T, w *world) {
			x := appA()
			x.ID, x.Domain = "app-x", "x.example.com"
			w.config = edit(t, w.config, func(tx *Txn) { _ = tx.PutApp(x) })
			app, _ := w.config.App("app-x")
			token, err := w.state.Token(w.config, app, "x.example.com", "alice@example.com", w.client)
			if err != nil {
				t.Fatal(err)
			}
			login(t, w.browser().get(a+"/", "Cookie: CF_Authorization="+token))
			if !strings.Contains(w.last.Why, "for another application (aud)") {
				t.Error(w.last.Why)
			}
		},
		"18": func(t *testing.T, w *world) {
			app := appA()
			app.SessionDuration = "1h"
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
			b := w.browser()
			b.login(a+"/", "alice@example.com")
			before := b.cookie(a+"/", cookieAuthorization)
			w.clock.Add(2 * time.Hour)
			first := b.get(a + "/p")
			login(t, first)
			second := b.follow(first)
			if !strings.HasPrefix(second.location(), a+"/cdn-cgi/access/authorized?nonce=") {
				t.Fatalf("want no prompt, got %d %q", second.StatusCode, second.location())
			}
			third := b.follow(second)
			status(t, third, 302)
			forward(t, w, b.follow(third))
			if after := b.cookie(a+"/", cookieAuthorization); after == before {
				t.Error("the cookie is still the expired one")
			}
		},
		"19": func(t *testing.T, w *world) {
			b := w.browser()
			token := w.token("alice@example.com")
			w.clock.Add(25 * time.Hour)
			r := b.get(a+"/", "Cookie: CF_Authorization="+token)
			login(t, r)
			status(t, b.follow(r), 200)
		},
		"20": func(t *testing.T, w *world) {
			b := w.browser()
			b.login(a+"/", "alice@example.com")
			org := b.cookie("https://"+team+"/", cookieAuthorization)
			if org == "" {
				t.Fatal("no org token")
			}
			login(t, w.browser().get(a+"/", "Cookie: CF_Authorization="+org))
		},
		"21": func(t *testing.T, w *world) {
			other := newWorld(t)
			if err := other.state.RotateKeys(); err != nil {
				t.Fatal(err)
			}
			login(t, w.browser().get(a+"/", "Cookie: CF_Authorization="+other.token("alice@example.com")))
		},
		"22": func(t *testing.T, w *world) {
			token := w.token("alice@example.com")
			if err := w.state.RotateKeys(); err != nil {
				t.Fatal(err)
			}
			forward(t, w, w.browser().get(a+"/", "Cookie: CF_Authorization="+token))
			w.state.Age(7 * 24 * time.Hour)
			login(t, w.browser().get(a+"/", "Cookie: CF_Authorization="+token))
		},
		"24": func(t *testing.T, w *world) {
			page, _ := w.browser().ask(a+"/", "mallory@evil.test")
			status(t, page, 200)
			if mails := w.state.Inbox(); len(mails) != 0 {
				t.Errorf("mailed %v", mails)
			}
		},
		"25": func(t *testing.T, w *world) {
			b := w.browser()
			_, nonce := b.ask(a+"/", "alice@example.com")
			code, _ := w.state.OTP("alice@example.com", nonce)
			r := b.enter(nonce, code)
			status(t, r, 302)
			var names []string
			for _, c := range r.Cookies() {
				names = append(names, c.Name)
			}
			if got := strings.Join(names, " "); got != "CF_Authorization CF_Device" {
				t.Errorf("cookies of the team domain: %s", got)
			}
			r = b.follow(r)
			status(t, r, 302)
			if c := r.Cookies(); len(c) != 1 || c[0].Name != cookieAuthorization || !c[0].Expires.After(w.clock.Now()) || c[0].Domain != "" {
				t.Errorf("cookies of the application: %v", c)
			}
		},
		"26": func(t *testing.T, w *world) {
			b := w.browser()
			_, nonce := b.ask(a+"/", "alice@example.com")
			r := b.enter(nonce, "x")
			if !strings.Contains(r.body, "That account does not have access.") || !strings.Contains(r.body, `name="email"`) {
				t.Error(r.body)
			}
		},
		"27": func(t *testing.T, w *world) {
			b := w.browser()
			_, nonce := b.ask(a+"/", "alice@example.com")
			code, _ := w.state.OTP("alice@example.com", nonce)
			status(t, b.enter(nonce, code), 302)
			if r := b.enter(nonce, code); r.StatusCode != 400 || !strings.Contains(r.body, "already been used") {
				t.Errorf("reuse: %d %s", r.StatusCode, r.body)
			}
			b = w.browser()
			_, nonce = b.ask(a+"/", "alice@example.com")
			code, _ = w.state.OTP("alice@example.com", nonce)
			w.clock.Add(10 * time.Minute)
			if r := b.enter(nonce, code); r.StatusCode != 400 || !strings.Contains(r.body, "has expired") {
				t.Errorf("expiry: %d %s", r.StatusCode, r.body)
			}
		},
		"28": func(t *testing.T, w *world) {
			r := w.browser().get(a + "/cdn-cgi/access/authorized?nonce=made-up&state=e30%3D")
			if r.StatusCode != 400 || !strings.Contains(r.body, "Invalid login session") {
				t.Errorf("%d %s", r.StatusCode, r.body)
			}
		},
		"29": func(t *testing.T, w *world) {
			b := w.browser()
			_, nonce := b.ask(a+"/", "alice@example.com")
			code, _ := w.state.OTP("alice@example.com", nonce)
			app := appA()
			app.Policies, app.CustomDenyMessage = []PolicyRef{allow("bob", EmailRule{"bob@example.com"})}, "Ask the <admins>."
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
			r := b.enter(nonce, code)
			if r.StatusCode != 403 || !strings.Contains(r.body, "Ask the &lt;admins&gt;.") || b.cookie(a+"/", cookieAuthorization) != "" {
				t.Errorf("%d %s", r.StatusCode, r.body)
			}
			app.CustomDenyURL = "https://help.example.com/no"
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
			if r := b.follow(b.get(a + "/")); r.location() != app.CustomDenyURL {
				t.Errorf("%d %q", r.StatusCode, r.location())
			}
		},
		"30": func(t *testing.T, w *world) {
			app := appA()
			app.Policies[0].Require = rulesOf(GeoRule{"FR"})
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
			r := w.browser().get(a + "/")
			status(t, r, 403)
			got, _ := w.config.App("app-a")
			if r.Header.Get("Cf-Access-Aud") != got.AUD || r.Header.Get("Cf-Access-Domain") != hostA || len(r.Cookies()) != 0 {
				t.Errorf("%v", r.Header)
			}
			r = w.browser().get(a+"/", "Accept: application/json")
			status(t, r, 403)
			var body map[string]any
			if err := json.Unmarshal([]byte(r.body), &body); err != nil || body["status_code"] != 403.0 || body["aud"] != got.AUD || body["message"] == "" {
				t.Errorf("%s", r.body)
			}
			app.NonIdentityDenyURL = "https://help.example.com/where"
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
			if r := w.browser().get(a + "/"); r.location() != app.NonIdentityDenyURL {
				t.Errorf("%d %q", r.StatusCode, r.location())
			}
		},
		"31": func(t *testing.T, w *world) {
			app := appA()
			app.Policies[0].Require = rulesOf(IPRule{"203.0.113.0/24"})
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
			b := w.browser()
			forward(t, w, b.login(a+"/", "alice@example.com"))
			w.client.IP = netip.MustParseAddr("198.51.100.1")
			status(t, b.get(a+"/"), 403)
			if !strings.Contains(w.last.Why, "requires an IP address in 203.0.113.0/24") || w.last.Policies()[0].Field != "policies[0].require[0].ip" {
				t.Errorf("%s; %+v", w.last.Why, w.last.Policies())
			}
			w.client.IP = netip.MustParseAddr("203.0.113.99")
			forward(t, w, b.get(a+"/"))
		},
		"47": func(t *testing.T, w *world) {
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(bypassApp) })
			r := w.browser().get("https://open.example.com/")
			status(t, r, 200)
			if w.seen.Header.Get(headerAssertion) != "" || len(r.Cookies()) != 0 {
				t.Errorf("%v %v", w.seen.Header, r.Header)
			}
		},
		"48": func(t *testing.T, w *world) {
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(bypassApp) })
			status(t, w.browser().get("https://open.example.com/", headerEmail+": boss@example.com"), 200)
			if got := w.seen.Header.Get(headerEmail); got != "" {
				t.Errorf("the origin sees %s", got)
			}
		},
		"49": func(t *testing.T, w *world) {
			b := bypassApp
			b.Domain = hostA + "/public"
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(b) })
			status(t, w.browser().get(a+"/public/logo.png"), 200)
			login(t, w.browser().get(a+"/publicity"))
		},
		"50": func(t *testing.T, w *world) {
			app := appA()
			app.Domain = "*.example.com"
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
			login(t, w.browser().get("https://b.example.com/"))
			status(t, w.browser().get("https://a.b.example.com/"), 200)
		},
		"51": func(t *testing.T, w *world) {
			app := appA()
			app.Domain = hostA + "/alpha/*"
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
			login(t, w.browser().get(a+"/alpha/one"))
			status(t, w.browser().get(a+"/alpha"), 200)
		},
		"52": func(t *testing.T, w *world) {
			w.config = edit(t, w.config, func(x *Txn) { _ = x.SetOrganization(Organization{DenyUnmatchedRequests: true}) })
			status(t, w.browser().get("https://other.example.com/"), 403)
			if w.last.App != nil || w.last.Kind != "organization" || w.last.Field != "deny_unmatched_requests" {
				t.Errorf("%+v", w.last)
			}
		},
		"53": func(t *testing.T, w *world) {
			login(t, w.browser().get(a+"/ws", "Connection: Upgrade", "Upgrade: websocket"))
		},
		"58": func(t *testing.T, w *world) {
			for _, host := range []string{hostA, team} {
				r := w.browser().get("https://" + host + "/cdn-cgi/access/get-identity")
				if r.StatusCode != 400 || r.body != `{"err":"no app token set"}` {
					t.Errorf("%s: %d %s", host, r.StatusCode, r.body)
				}
			}
		},
		"59": func(t *testing.T, w *world) {
			b := w.browser()
			b.login(a+"/", "alice@example.com")
			for _, host := range []string{hostA, team} {
				r := b.get("https://" + host + "/cdn-cgi/access/get-identity")
				var got identityDocument
				if err := json.Unmarshal([]byte(r.body), &got); err != nil || got.Email != "alice@example.com" || got.IdP.Type != "onetimepin" || got.Geo.Country != "DE" || got.IP != "203.0.113.10" || got.IdentityVersion != 2 {
					t.Errorf("%s: %d %s", host, r.StatusCode, r.body)
				}
			}
			app := b.cookie(a+"/", cookieAuthorization)
			status(t, w.browser().get("https://"+team+"/cdn-cgi/access/get-identity", "Cookie: CF_Authorization="+app), 200)
		},
		"60": func(t *testing.T, w *world) {
			b := w.browser()
			b.login(a+"/", "alice@example.com")
			token := b.cookie(a+"/", cookieAuthorization)
			r := b.get(a + "/cdn-cgi/access/logout")
			status(t, r, 302)
			if r.location() != a+"/?__cf_access_message=logged_out" || b.cookie(a+"/", cookieAuthorization) != "" {
				t.Errorf("%q, cookie %q", r.location(), b.cookie(a+"/", cookieAuthorization))
			}
			back := b.follow(r)
			login(t, back)
			if page := b.follow(back); page.StatusCode != 200 || !strings.Contains(page.body, "You have been signed out.") {
				t.Errorf("%d %s", page.StatusCode, page.body)
			}
			login(t, w.browser().get(a+"/", "Cookie: CF_Authorization="+token))
			forward(t, w, b.login(a+"/", "alice@example.com"))
		},
		"61": func(t *testing.T, w *world) {
			b := w.browser()
			b.login(a+"/", "alice@example.com")
			w.state.RevokeUser(w.config, "ALICE@example.com")
			r := b.get(a + "/")
			login(t, r)
			_, nonce := b.ask(a+"/", "alice@example.com")
			code, _ := w.state.OTP("alice@example.com", nonce)
			if r := b.enter(nonce, code); r.StatusCode != 403 || !strings.Contains(r.body, "refused just now") {
				t.Errorf("%d %s", r.StatusCode, r.body)
			}
			w.clock.Add(time.Minute)
			forward(t, w, b.login(a+"/", "alice@example.com"))
		},
		"62": func(t *testing.T, w *world) {
			for _, host := range []string{team, hostA} {
				r := w.browser().get("https://" + host + "/cdn-cgi/access/certs")
				status(t, r, 200)
				var set struct {
					Keys  []map[string]string `json:"keys"`
					Cert  map[string]string   `json:"public_cert"`
					Certs []map[string]string `json:"public_certs"`
				}
				if err := json.Unmarshal([]byte(r.body), &set); err != nil || len(set.Keys) != 2 || len(set.Certs) != 2 {
					t.Fatalf("%v %s", err, r.body)
				}
				for i, k := range set.Keys {
					if k["kty"] != "RSA" || k["alg"] != "RS256" || k["use"] != "sig" || k["e"] != "AQAB" || !isHex(k["kid"], 64) || set.Certs[i]["kid"] != k["kid"] || !strings.HasPrefix(set.Certs[i]["cert"], "-----BEGIN CERTIFICATE-----") {
						t.Errorf("key %v, cert %v", k, set.Certs[i])
					}
				}
				if set.Cert["kid"] != w.state.ring.pair.Load().current.kid {
					t.Error("public_cert is not the current key's")
				}
				if r.Header.Get("Cache-Control") != "public, max-age=300" || r.Header.Get("Access-Control-Allow-Origin") != "*" || r.Header.Get("Content-Type") != "application/json" {
					t.Errorf("%v", r.Header)
				}
			}
		},
		"63": func(t *testing.T, w *world) {
			app := appA()
			app.Policies = []PolicyRef{allow("A", EmailRule{"alice@example.com"}), policyOf("deny", "B", EmailDomainRule{"example.com"}), policyOf("bypass", "D", IPRule{"198.51.100.0/24"})}
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
			forward(t, w, w.browser().get(a+"/", "Cf-Access-Token: "+w.token("alice@example.com")))
			login(t, w.browser().get(a+"/", "Cf-Access-Token: "+w.token("bob@example.com")))
			if w.last.Policy != "B" {
				t.Errorf("decided by %q", w.last.Policy)
			}
			var order []string
			for _, p := range w.last.Policies() {
				order = append(order, p.Name)
			}
			if strings.Join(order, "") != "DAB" {
				t.Errorf("evaluated in the order %v", order)
			}
			w.client.IP = netip.MustParseAddr("198.51.100.7")
			status(t, w.browser().get(a+"/"), 200)
			if w.last.Verdict != Bypass || w.last.Policy != "D" {
				t.Errorf("%+v", w.last)
			}
		},
		"64": func(t *testing.T, w *world) {
			app := appA()
			app.Policies[0].Require = rulesOf(GeoRule{"DE"}, GeoRule{"FR"})
			w.config = edit(t, w.config, func(x *Txn) { _ = x.PutApp(app) })
			status(t, w.browser().get(a+"/", "Cf-Access-Token: "+w.token("alice@example.com")), 403)
		},
	}
	maps.Copy(rows, machineRows())
	for name, row := range rows {
		t.Run(name, func(t *testing.T) { row(t, newWorld(t)) })
	}
	for n := 1; n <= 70; n++ {
		if rows[strconv.Itoa(n)] == nil {
			t.Errorf("row %d is missing", n)
		}
	}
}

// jarless is a request without a cookie jar in between.
func (w *world) serve(method, target string, form url.Values, headers ...string) *reply {
	b := &browser{&http.Client{Transport: w, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, w}
	return b.do(method, target, form, headers...)
}
