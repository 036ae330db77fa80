package accessemu

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The service token K, and the secrets of it and of nobody.
const (
	clientK = "0123456789abcdef0123456789abcdef.access"
	secretK = "cfast_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA01234567"
	noToken = "cfast_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB01234567"
	hostS   = "machines.example.com"
	hostM   = "mixed.example.com"
)

func tokenK() ServiceToken {
	return ServiceToken{ID: "token-k", Name: "ci", ClientID: clientK, ClientSecret: secretK}
}

func serviceAuth(name string, include ...any) PolicyRef {
	return policyOf("non_identity", name, include...)
}

func appS() Application {
	return Application{ID: "app-s", Name: "Machines", Domain: hostS, SessionDuration: "1h", Policies: []PolicyRef{serviceAuth("robots", ServiceTokenRule{"ci"})}}
}

func appM() Application {
	return Application{ID: "app-m", Name: "Mixed", Domain: hostM, Policies: []PolicyRef{allow("staff", EmailDomainRule{"example.com"}), serviceAuth("robots", ServiceTokenRule{"token-k"})}}
}

// put commits documents of any kind.
func (w *world) put(docs ...any) {
	w.t.Helper()
	w.config = edit(w.t, w.config, func(x *Txn) {
		for _, doc := range docs {
			var err error
			switch doc := doc.(type) {
			case Application:
				err = x.PutApp(doc)
			case Policy:
				err = x.PutPolicy(doc)
			case Group:
				err = x.PutGroup(doc)
			case List:
				err = x.PutList(doc)
			case ServiceToken:
				err = x.PutServiceToken(doc)
			case CustomPage:
				err = x.PutCustomPage(doc)
			case Person:
				err = x.PutPerson(doc)
			case Organization:
				err = x.SetOrganization(doc)
			default:
				w.t.Fatalf("%T is no document", doc)
			}
			if err != nil {
				w.t.Fatal(err)
			}
		}
	})
}

// machines is a world with token K and the applications S and M.
func (w *world) machines() *world {
	w.put(tokenK(), appS(), appM())
	return w
}

func pair(id, secret string) []string {
	return []string{"CF-Access-Client-Id: " + id, "CF-Access-Client-Secret: " + secret}
}

func claimsOf(t testing.TB, token string) (header, body map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", token)
	}
	for i, into := range []*map[string]any{&header, &body} {
		data, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(data, into) != nil {
			t.Fatal(token)
		}
	}
	return header, body
}

// machineRows are the rows of the matrix about machines, preflights and what
// comes later.
func machineRows() map[string]func(t *testing.T, w *world) {
	const s, m = "https://" + hostS, "https://" + hostM
	const a = "https://" + hostA
	preflight := []string{"Origin: https://spa.example.com", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type"}
	status := func(t *testing.T, w *world, r *reply, want int) {
		t.Helper()
		if r.StatusCode != want {
			t.Fatalf("status %d, want %d: %s; %.200s", r.StatusCode, want, w.last.Why, r.body)
		}
	}
	login := func(t *testing.T, w *world, r *reply) {
		t.Helper()
		if !isLogin(r) {
			t.Fatalf("want the login redirect, got %d: %s", r.StatusCode, w.last.Why)
		}
	}
	forward := func(t *testing.T, w *world, r *reply) {
		t.Helper()
		if r.StatusCode != 200 || w.seen == nil || w.seen.Header.Get(headerAssertion) == "" {
			t.Fatalf("want the origin's answer, got %d: %s", r.StatusCode, w.last.Why)
		}
		if w.seen.Header.Get(headerSecret) != "" || w.seen.Header.Get(headerClientID) != "" {
			t.Error("the origin sees the service token")
		}
	}
	strict := Organization{StrictServiceTokenAuth: true}
	cors := func(w *world) {
		app := appA()
		app.CORSHeaders = &CORSHeaders{AllowedOrigins: []string{"https://spa.example.com"}, AllowedMethods: []string{"GET", "POST"}, AllowAllHeaders: true, AllowCredentials: true, MaxAge: 60}
		w.put(app)
	}
	later := func(what string) func(*testing.T, *world) {
		return func(t *testing.T, _ *world) { t.Skip("comes later: " + what) }
	}
	elsewhere := func(where string) func(*testing.T, *world) {
		return func(t *testing.T, _ *world) { t.Skip("shown by " + where) }
	}
	return map[string]func(t *testing.T, w *world){
		"9": func(t *testing.T, w *world) {
			cors(w)
			r := w.browser().do("OPTIONS", a+"/", nil, preflight...)
			status(t, w, r, 200)
			want := map[string]string{
				"Access-Control-Allow-Origin": "https://spa.example.com", "Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "content-type",
				"Access-Control-Allow-Credentials": "true", "Access-Control-Max-Age": "60", "Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			}
			for name, value := range want {
				if r.Header.Get(name) != value {
					t.Errorf("%s: %q, want %q", name, r.Header.Get(name), value)
				}
			}
			if w.seen != nil {
				t.Error("the origin was asked")
			}
			login(t, w, w.browser().get(a+"/"))
		},
		"10": func(t *testing.T, w *world) {
			cors(w)
			r := w.browser().do("OPTIONS", a+"/", nil, "Origin: https://evil.test", "Access-Control-Request-Method: POST")
			status(t, w, r, 200)
			if r.Header.Get("Access-Control-Allow-Origin") != "" || !strings.Contains(w.last.Why, "https://evil.test") {
				t.Errorf("%v; %s", r.Header, w.last.Why)
			}
		},
		"23": func(t *testing.T, w *world) {
			app := appA()
			app.EnableBindingCookie = true
			w.put(app)
			b := w.browser()
			forward(t, w, b.login(a+"/", "alice@example.com"))
			if strings.Contains(w.seen.Header.Get("Cookie"), cookieBinding) {
				t.Error("the origin sees the binding cookie")
			}
			token, binding := b.cookie(a+"/", cookieAuthorization), b.cookie(a+"/", cookieBinding)
			if head, body := claimsOf(t, binding); head["typ"] != nil || body["type"] != "binding" || len(body) != 4 {
				t.Errorf("%v %v", head, body)
			}
			for _, cookies := range []string{"", "; CF_Binding=x", "; CF_Binding=" + token, "; CF_Binding=" + binding + "; CF_Binding=x"} {
				login(t, w, w.browser().get(a+"/", "Cookie: CF_Authorization="+token+cookies))
				if !strings.Contains(w.last.Why, "not bound to this browser") {
					t.Error(w.last.Why)
				}
			}
			other := w.browser()
			w.clock.Add(time.Second)
			forward(t, w, other.login(a+"/", "alice@example.com"))
			login(t, w, w.browser().get(a+"/", "Cookie: CF_Authorization="+token+"; CF_Binding="+other.cookie(a+"/", cookieBinding)))
		},
		"32": func(t *testing.T, w *world) {
			r := w.machines().browser().get(s + "/")
			status(t, w, r, 403)
			app, _ := w.config.App("app-s")
			if r.Header.Get("Cf-Access-Aud") != app.AUD || r.Header.Get("Cf-Access-Domain") != hostS {
				t.Errorf("%v", r.Header)
			}
			if w.last.Kind != "app" || !strings.Contains(w.last.Why, `policy "robots" includes only the service token "ci"`) {
				t.Errorf("%+v", w.last)
			}
		},
		"33": func(t *testing.T, w *world) {
			r := w.machines().browser().get(s+"/", "Accept: application/json")
			status(t, w, r, 403)
			var body map[string]any
			if err := json.Unmarshal([]byte(r.body), &body); err != nil || body["status_code"] != 403.0 || body["aud"] == "" || body["message"] == nil || body["ray_id"] == nil {
				t.Error(r.body)
			}
		},
		"34": func(t *testing.T, w *world) {
			status(t, w, w.machines().browser().get(s+"/", "X-Requested-With: XMLHttpRequest"), 403)
		},
		"35": func(t *testing.T, w *world) {
			app := appS()
			app.ServiceAuth401Redirect = true
			w.put(tokenK(), app)
			r := w.browser().get(s + "/")
			status(t, w, r, 401)
			if !strings.Contains(r.body, "Unauthorized") || r.Header.Get("Cf-Access-Aud") == "" {
				t.Errorf("%v %s", r.Header, r.body)
			}
			status(t, w, w.browser().get(s+"/", pair(clientK, noToken)...), 401)
		},
		"36": func(t *testing.T, w *world) {
			r := w.machines().browser().get(s+"/", pair(clientK, secretK)...)
			forward(t, w, r)
			token := w.seen.Header.Get(headerAssertion)
			head, body := claimsOf(t, token)
			app, _ := w.config.App("app-s")
			now := float64(w.clock.Now().Unix())
			want := map[string]any{
				"type": "app", "aud": app.AUD, "exp": now + 3601, "iss": "https://" + team, "common_name": clientK,
				"iat": now, "sub": "", "h_INTERNAL_DO_NOT_USE": hostS,
			}
			if head["typ"] != "JWT" || head["alg"] != "RS256" || len(body) != len(want) {
				t.Errorf("%v %v", head, body)
			}
			for name, value := range want {
				if body[name] != value {
					t.Errorf("%s is %v, want %v", name, body[name], value)
				}
			}
			if c := r.Cookies(); len(c) != 1 || c[0].Name != cookieAuthorization || c[0].Value != token || !c[0].Expires.After(w.clock.Now()) {
				t.Errorf("cookies %v", c)
			}
			if got, _ := w.seen.Cookie(cookieAuthorization); got == nil || got.Value != token {
				t.Errorf("the origin's cookies: %s", w.seen.Header.Get("Cookie"))
			}
			if w.seen.Header.Get(headerEmail) != "" || w.last.ServiceToken != "ci" || w.last.Policy != "robots" {
				t.Errorf("%v %+v", w.seen.Header, w.last)
			}
		},
		"37": func(t *testing.T, w *world) {
			r := w.machines().browser().get(s+"/", pair(clientK, noToken)...)
			status(t, w, r, 403)
			if !strings.Contains(w.last.Why, `its secret is not that of service token "ci"`) || !strings.Contains(w.last.Why, "the answer would be 401") {
				t.Error(w.last.Why)
			}
		},
		"38": func(t *testing.T, w *world) {
			r := w.machines().browser().get(m+"/", pair(clientK, noToken)...)
			login(t, w, r)
			_, meta := claimsOf(t, between(r.location(), "&meta=", "&"))
			if meta["service_token_status"] != false {
				t.Error(meta)
			}
		},
		"39": func(t *testing.T, w *world) {
			app := appA()
			app.Policies = append(app.Policies, allow("robots", ServiceTokenRule{"ci"}))
			w.put(tokenK(), app)
			r := w.browser().get(a+"/", pair(clientK, secretK)...)
			login(t, w, r)
			if _, meta := claimsOf(t, between(r.location(), "&meta=", "&")); meta["service_token_status"] != true {
				t.Error(meta)
			}
			if !strings.Contains(w.last.Why, `service token "ci" is valid, but no Service Auth policy (non_identity) describes it; policy "robots" names it, and an allow policy asks for a login`) ||
				w.last.Field != "policies[1].include[0].service_token" || !strings.Contains(w.last.Why, "the answer would be 403") {
				t.Errorf("%s at %s", w.last.Why, w.last.Field)
			}
		},
		"40": func(t *testing.T, w *world) {
			w.machines().put(strict)
			for _, host := range []string{s, m} {
				status(t, w, w.browser().get(host+"/", pair(clientK, noToken)...), 401)
				status(t, w, w.browser().get(host+"/", pair("ffff.access", secretK)...), 401)
			}
		},
		"41": func(t *testing.T, w *world) {
			app := appA()
			app.Policies = append(app.Policies, allow("robots", ServiceTokenRule{"ci"}))
			w.put(tokenK(), app, strict)
			status(t, w, w.browser().get(a+"/", pair(clientK, secretK)...), 403)
			if w.last.Field != "policies[1].include[0].service_token" || strings.Contains(w.last.Why, "would be") {
				t.Error(w.last.Why)
			}
		},
		"42": func(t *testing.T, w *world) {
			w.machines().put(strict)
			r := w.browser().get(m+"/", append(pair(clientK, secretK), "Cookie: CF_Authorization="+w.token("alice@example.com"))...)
			forward(t, w, r)
			if len(r.Cookies()) != 0 || w.last.ServiceToken != "ci" || w.seen.Header.Get(headerEmail) != "" {
				t.Errorf("%v %+v", r.Cookies(), w.last)
			}
			status(t, w, w.browser().get(m+"/", append(pair(clientK, noToken), "Cookie: CF_Authorization="+w.token("alice@example.com"))...), 401)
		},
		"43": func(t *testing.T, w *world) {
			w.machines().put(strict)
			status(t, w, w.browser().get(s+"/", "CF-Access-Client-Id: "+clientK), 401)
			status(t, w, w.browser().get(s+"/", "CF-Access-Client-Secret: "+secretK), 401)
			status(t, w, w.browser().get(s+"/", append(pair(clientK, secretK), "CF-Access-Client-Id: "+clientK)...), 401)
			status(t, w, w.browser().get(m+"/", "CF-Access-Client-Id: "+clientK), 401)
		},
		"44": func(t *testing.T, w *world) {
			b := w.machines().browser()
			forward(t, w, b.get(s+"/", pair(clientK, secretK)...))
			token := b.cookie(s+"/", cookieAuthorization)
			for _, carrier := range []string{"Cookie: CF_Authorization=" + token, "cf-access-token: " + token, headerAssertion + ": " + token} {
				status(t, w, w.browser().get(s+"/", carrier), 403)
				if !strings.Contains(w.last.Why, "counts only where an Allow policy is, too") {
					t.Error(w.last.Why)
				}
			}
		},
		"45": func(t *testing.T, w *world) {
			b := w.machines().browser()
			forward(t, w, b.get(m+"/", pair(clientK, secretK)...))
			token := b.cookie(m+"/", cookieAuthorization)
			for _, carrier := range []string{"Cookie: CF_Authorization=" + token, "cf-access-token: " + token, headerAssertion + ": " + token} {
				r := w.browser().get(m+"/", carrier)
				forward(t, w, r)
				if w.seen.Header.Get(headerAssertion) != token || len(r.Cookies()) != 0 || w.last.ServiceToken != "ci" {
					t.Errorf("%s: %v %v", carrier, w.seen.Header, r.Cookies())
				}
			}
		},
		"46": func(t *testing.T, w *world) {
			app := appS()
			app.ServiceTokensHeader = "Authorization"
			w.put(tokenK(), app)
			value := `Authorization: {"cf-access-client-id": "` + clientK + `", "cf-access-client-secret": "` + secretK + `"}`
			forward(t, w, w.browser().get(s+"/", value))
			if w.seen.Header.Get("Authorization") != "" {
				t.Error("the origin sees the secret")
			}
			for _, bad := range []string{`{"cf-access-client-id": "` + clientK + `"}`, "{", `Bearer x`, strings.Repeat("{", maxSingle-1)} {
				status(t, w, w.browser().get(s+"/", "Authorization: "+bad), 403)
			}
		},
		"54": func(t *testing.T, w *world) {
			status(t, w, w.machines().browser().get(s+"/ws", "Connection: Upgrade", "Upgrade: websocket"), 403)
		},
		"55": func(t *testing.T, w *world) {
			w.machines()
			d := w.config.Decide(w.state, w.request("GET", m+"/ws", "Connection", "Upgrade", "Upgrade", "websocket", headerClientID, clientK, headerSecret, secretK))
			h := http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}}
			if d.Prepare(h); d.Verdict != Forward || h.Get(headerAssertion) == "" || h.Get("Upgrade") != "websocket" {
				t.Errorf("%v %v", d.Verdict, h)
			}
		},
		"56": func(t *testing.T, w *world) {
			r := w.browser().do("HEAD", a+"/x", nil, "Cf-Access-Metadata-Request: true")
			status(t, w, r, 200)
			_, body := claimsOf(t, r.Header.Get("Cf-Access-Metadata"))
			app, _ := w.config.App("app-a")
			if body["type"] != "match" || body["aud"] != app.AUD || body["hostname"] != hostA || body["auth_domain"] != team {
				t.Errorf("%v", body)
			}
		},
		"57": func(t *testing.T, w *world) {
			r := w.browser().do("HEAD", "https://other.example.com/", nil, "Cf-Access-Metadata-Request: true")
			status(t, w, r, 200)
			if r.Header.Get("Cf-Access-Metadata") != "" || w.seen == nil {
				t.Errorf("%v", r.Header)
			}
		},
		"65": later("managed OAuth"),
		"66": func(t *testing.T, w *world) {
			linked := Application{ID: "app-l", Domain: "linked.example.com", Policies: []PolicyRef{serviceAuth("agents", LinkedAppTokenRule{"app-a"})}}
			w.put(linked)
			token := w.token("alice@example.com")
			forward(t, w, w.browser().get("https://linked.example.com/", "Cf-Access-Token: "+token))
			_, body := claimsOf(t, w.seen.Header.Get(headerAssertion))
			app, _ := w.config.App("app-l")
			if body["email"] != "alice@example.com" || body["aud"].([]any)[0] != app.AUD || w.seen.Header.Get(headerEmail) != "alice@example.com" {
				t.Errorf("%v", body)
			}
			// Other carriers, other applications and tokens that do not hold get nobody in.
			status(t, w, w.browser().get("https://linked.example.com/", "Cookie: CF_Authorization="+token), 403)
			w.put(Application{ID: "app-x", Domain: "x.example.com", Policies: []PolicyRef{allow("", EveryoneRule{})}})
			x, _ := w.config.App("app-x")
			other, _ := w.state.Token(w.config, x, "x.example.com", "alice@example.com", w.client)
			status(t, w, w.browser().get("https://linked.example.com/", "Cf-Access-Token: "+other), 403)
			w.state.RevokeUser(w.config, "alice@example.com")
			status(t, w, w.browser().get("https://linked.example.com/", "Cf-Access-Token: "+token), 403)
		},
		"67": func(t *testing.T, w *world) {
			w.put(Application{ID: "app-c", Domain: "mtls.example.com", Policies: []PolicyRef{serviceAuth("devices", CommonNameRule{"robot-7"})}})
			status(t, w, w.browser().get("https://mtls.example.com/"), 403)
			w.client.Certificate = &ClientCertificate{CommonName: "robot-8"}
			status(t, w, w.browser().get("https://mtls.example.com/"), 403)
			w.client.Certificate = &ClientCertificate{CommonName: "robot-7"}
			r := w.browser().get("https://mtls.example.com/")
			forward(t, w, r)
			if _, body := claimsOf(t, w.seen.Header.Get(headerAssertion)); body["common_name"] != "robot-7" || len(r.Cookies()) != 1 {
				t.Errorf("%v", body)
			}
		},
		"68": elsewhere("tunnelemu"),
		"69": elsewhere("tunnelemu"),
		"70": later("Workers"),
	}
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}
