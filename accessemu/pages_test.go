package accessemu

import (
	"crypto/rsa"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/sundog-edge/sundog/accessemu/keypool"
)

// everyPage collects one of each kind of page.
func everyPage(t *testing.T) map[string]*reply {
	w := newWorld(t)
	b := w.browser()
	list := map[string]*reply{"login": b.get(b.get(pageA).location())}
	code, nonce := b.ask(pageA, alice)
	list["code"] = code
	list["denied"] = b.enter(nonce, "x")
	list["invalid session"] = b.enter("made-up", "x")
	list["logged out"] = b.get("https://" + team + "/cdn-cgi/access/logout")
	list["unauthorized"] = b.get(pageA, "X-Requested-With: XMLHttpRequest")
	list["404"] = b.get("https://" + team + "/nothing<script>")
	list["not supported"] = b.get("https://" + team + "/cdn-cgi/access/refresh-identity")
	list["forbidden"] = b.do("OPTIONS", pageA, nil)
	list["unknown application"] = b.get("https://" + team + loginPath + hostA)
	return list
}

func TestPages(t *testing.T) {
	outside := regexp.MustCompile(`(src|href|url\()\s*=?\s*["']?(https?:)?//`)
	for name, r := range everyPage(t) {
		h := r.Header
		csp := h.Get("Content-Security-Policy")
		nonce := regexp.MustCompile(`style-src 'nonce-([^']+)'`).FindStringSubmatch(csp)
		if nonce == nil || !strings.Contains(r.body, `<style nonce="`+nonce[1]+`">`) || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: CSP %q", name, csp)
		}
		if h.Get("X-Frame-Options") != "DENY" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Cache-Control"), "no-store") || h.Get("Content-Length") != fmt.Sprint(len(r.body)) {
			t.Errorf("%s: %v", name, h)
		}
		if strings.Contains(r.body, "<script") || outside.MatchString(r.body) || strings.Contains(r.body, "ZgotmplZ") {
			t.Errorf("%s: script or outside asset: %s", name, r.body)
		}
		for _, part := range []string{`<html lang="en">`, "<main>", "<h1>", `name="viewport"`, "prefers-color-scheme:dark"} {
			if !strings.Contains(r.body, part) {
				t.Errorf("%s: no %s", name, part)
			}
		}
		for _, id := range regexp.MustCompile(`<input id="([a-z]+)"`).FindAllStringSubmatch(r.body, -1) {
			if !strings.Contains(r.body, `<label for="`+id[1]+`">`) {
				t.Errorf("%s: input %s has no label", name, id[1])
			}
		}
	}
}

func TestPageForms(t *testing.T) {
	list := everyPage(t)
	for page, parts := range map[string][]string{
		"login":     {`action="/cdn-cgi/access/verify-code/app.example.com?kid=`, `name="email"`, `name="client_id"`, `name="connector_id"`, `name="connector_type"`, `name="redirect_url"`, "autofocus", "Why am I here?", "any e-mail address ending in @example.com"},
		"code":      {`action="/cdn-cgi/access/callback"`, `autocomplete="one-time-code"`, `inputmode="numeric"`, `name="nonce"`, "/cdn-cgi/access/resend-code?nonce=", alice},
		"denied":    {`role="alert"`, noAccess, "Try the code again"},
		"forbidden": {`name="json_data"`, "App AUD", "mTLS status", "Status code"},
	} {
		for _, part := range parts {
			if !strings.Contains(list[page].body, part) {
				t.Errorf("%s: no %s in %s", page, part, list[page].body)
			}
		}
	}
	for page, want := range map[string]int{"login": 200, "code": 200, "denied": 403, "invalid session": 400, "404": 404, "not supported": 501} {
		if list[page].StatusCode != want {
			t.Errorf("%s: %d", page, list[page].StatusCode)
		}
	}
}

// TestWrongPINPage has two forms, and over each the sentence that is about it.
func TestWrongPINPage(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	_, nonce := b.ask(pageA, alice)
	page := b.enter(nonce, "x").body
	at := -1
	for _, part := range []string{noAccess, `action="/cdn-cgi/access/callback"`, "If you mistyped the code", `name="code"`, "</form>", `action="/cdn-cgi/access/verify-code/`, "Or enter your e-mail address", `name="email"`, "</form>"} {
		i := strings.Index(page[at+1:], part)
		if i < 0 {
			t.Fatalf("no %s after %d in %s", part, at, page)
		}
		at += 1 + i
	}
	if n := strings.Count(page, "autofocus"); n != 1 || !strings.Contains(page, "required autofocus>\n<input type=\"hidden\" name=\"nonce\"") {
		t.Errorf("%d fields want the focus", n)
	}
	for range maxTries - 1 {
		page = b.enter(nonce, "x").body
	}
	if strings.Contains(page, "mistyped") || strings.Contains(page, "Or enter") || !strings.Contains(page, "Enter your e-mail address. If it has access") {
		t.Error(page)
	}
}

func TestReflectedXSS(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	const evil = `"><script>alert(1)</script>`
	u, _ := url.Parse(b.get(pageA).location())
	q := u.Query()
	q.Set("redirect_url", "/"+evil)
	q.Set("extra", evil)
	for _, raw := range []string{q.Encode(), q.Encode() + "&x=" + strings.ReplaceAll(evil, " ", "")} {
		r := b.get("https://" + team + u.Path + "?" + raw)
		if strings.Contains(r.body, "<script>alert") {
			t.Errorf("%s", r.body)
		}
	}
	if r := b.get("https://" + team + "/" + evil); strings.Contains(r.body, "<script>alert") {
		t.Errorf("%s", r.body)
	}
}

func TestLoginDesign(t *testing.T) {
	w := newWorld(t)
	w.config = edit(t, w.config, func(x *Txn) {
		if err := x.SetOrganization(Organization{Name: "ACME <Ltd>", LoginDesign: &LoginDesign{BackgroundColor: "#012345", TextColor: "#fff", HeaderText: "Hello", FooterText: "Bye", LogoPath: "https://example.com/logo.svg"}}); err != nil {
			t.Fatal(err)
		}
	})
	b := w.browser()
	r := b.get(b.get(pageA).location())
	for _, part := range []string{"body,main{background:#012345}", "--text:#fff", "Hello", "Bye", `src="https://example.com/logo.svg"`} {
		if !strings.Contains(r.body, part) {
			t.Errorf("no %s in %s", part, r.body)
		}
	}
	if !strings.Contains(r.Header.Get("Content-Security-Policy"), "img-src https:") {
		t.Error(r.Header.Get("Content-Security-Policy"))
	}
}

// TestPort checks that every absolute URL keeps the port, and that nothing else has it.
func TestPort(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	first := b.get("https://" + hostA + ":4443/x")
	if !strings.HasPrefix(first.location(), "https://"+team+":4443/cdn-cgi/access/login/"+hostA+"?") || !strings.HasSuffix(first.location(), "redirect_url=%2Fx") {
		t.Fatal(first.location())
	}
	if !strings.Contains(first.Header.Get("Www-Authenticate"), "https://"+hostA+":4443/.well-known/") {
		t.Error(first.Header.Get("Www-Authenticate"))
	}
	sent := b.do("POST", strings.Replace(first.location(), "/login/", "/verify-code/", 1), url.Values{"email": {alice}}, "Origin: https://"+team+":4443")
	nonce := b.follow(sent).Request.URL.Query().Get("nonce")
	m := w.state.Inbox()[0]
	if !strings.HasPrefix(m.Link, "https://"+team+":4443/cdn-cgi/access/callback?") {
		t.Error(m.Link)
	}
	authorized := b.do("POST", "https://"+team+":4443/cdn-cgi/access/callback", url.Values{"nonce": {nonce}, "code": {m.Code}})
	if !strings.HasPrefix(authorized.location(), "https://"+hostA+":4443/cdn-cgi/access/authorized?") {
		t.Fatal(authorized.location())
	}
	back := b.follow(authorized)
	if back.location() != "https://"+hostA+":4443/x" {
		t.Error(back.location())
	}
	token := back.Cookies()[0].Value
	if c := claims(t, token); c["iss"] != "https://"+team || c["h_INTERNAL_DO_NOT_USE"] != hostA {
		t.Errorf("%v", c)
	}
	for _, r := range []*reply{first, sent, authorized, back} {
		if strings.Contains(strings.Join(r.Header.Values("Set-Cookie"), " "), ":4443") {
			t.Errorf("%q", r.Header.Values("Set-Cookie"))
		}
	}
}

func TestEndpoints(t *testing.T) {
	app := appA()
	app.Domain = hostA + "/admin"
	w := newWorld(t, app)
	for _, c := range []struct {
		method, target string
		status         int
	}{
		{"GET", pageA + "cdn-cgi/access/certs", 200},
		{"HEAD", pageA + "cdn-cgi/access/certs", 200},
		{"POST", pageA + "cdn-cgi/access/certs", 405},
		{"GET", pageA + "cdn-cgi/access/nothing", 404},
		{"GET", pageA + "cdn-cgi/access/cli", 400},
		{"GET", pageA + "cdn-cgi/trace", 200},
		{"GET", "https://free.example.com/cdn-cgi/access/certs", 200},
		{"GET", pageA + ".well-known/cloudflare-access-protected-resource/admin", 200},
		{"GET", pageA + ".well-known/cloudflare-access-protected-resource/free", 404},
		{"GET", pageA + ".well-known/cloudflare-access-protected-resources", 200},
		{"GET", "https://" + team + "/", 501},
		{"GET", "https://" + team + "/warp", 501},
		{"GET", "https://" + team + "/cdn-cgi/access/sso/oidc/x/jwks", 501},
		{"GET", "https://" + team + "/cdn-cgi/access/authorized", 404},
		{"POST", "https://" + team + "/cdn-cgi/access/login/x", 405},
		{"PUT", "https://" + team + "/cdn-cgi/access/verify-code/x", 405},
		{"DELETE", "https://" + team + "/cdn-cgi/access/callback", 405},
		{"POST", "https://" + team + "/cdn-cgi/access/resend-code", 405},
		{"POST", "https://" + team + "/cdn-cgi/access/logout", 405},
		{"POST", "https://" + team + "/cdn-cgi/access/get-identity", 405},
	} {
		r := w.serve(c.method, c.target, nil)
		if r.StatusCode != c.status || c.method == "HEAD" && r.body != "" {
			t.Errorf("%s %s: %d, want %d", c.method, c.target, r.StatusCode, c.status)
		}
	}
	r := w.serve("GET", pageA+".well-known/cloudflare-access-protected-resource/admin", nil)
	want := `{"resource":"https://app.example.com/admin","protected":true,"team_domain":"` + team + `","authorization_servers":["https://` + team + `"],"authentication_methods":[{"name":"cloudflared"`
	if !strings.HasPrefix(r.body, want) {
		t.Error(r.body)
	}
}

func TestKeysAreLazy(t *testing.T) {
	var mu sync.Mutex
	made := 0
	w := newWorld(t)
	s := NewState(StateOptions{Now: w.clock.Now, Keys: func(n int) (*rsa.PrivateKey, error) {
		mu.Lock()
		made++
		mu.Unlock()
		return keypool.Key(n)
	}})
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return made
	}
	genuine := w.token(alice)
	w.state = s
	if r := w.serve("GET", "https://free.example.com/", nil, "Cf-Access-Token: "+genuine); r.StatusCode != 200 || count() != 0 {
		t.Errorf("%d, %d keys", r.StatusCode, count())
	}
	if d := w.config.Decide(s, w.request("GET", pageA, headerToken, genuine)); d.Verdict != Login || count() != 0 {
		t.Errorf("a token makes keys: %d (%s)", count(), d.Why)
	}
	s.WarmKeys()
	s.Close()
	if count() != 2 {
		t.Errorf("%d keys after WarmKeys", count())
	}
	bad := NewState(StateOptions{Keys: func(int) (*rsa.PrivateKey, error) { return nil, fmt.Errorf("no key today") }})
	defer bad.Close()
	w.state = bad
	if r := w.serve("GET", pageA, nil); r.StatusCode != 500 {
		t.Errorf("without keys: %d", r.StatusCode)
	}
}

// TestConcurrency is for the race detector.
func TestConcurrency(t *testing.T) {
	w := newWorld(t)
	token := w.token(alice)
	config := w.config
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				d := config.Decide(w.state, w.request("GET", pageA, headerToken, token))
				_ = d.Policies()
				a, _ := config.App("app-a")
				if _, err := w.state.Token(config, a, hostA, fmt.Sprintf("u%d-%d@example.com", i, j), w.client); err != nil {
					t.Error(err)
				}
				switch i {
				case 0:
					w.state.RevokeUser(config, "other@example.com")
				case 1:
					w.state.Age(1)
				case 2:
					if j == 0 {
						if err := w.state.RotateKeys(); err != nil {
							t.Error(err)
						}
					}
				}
			}
		})
	}
	wg.Wait()
	if d := config.Decide(w.state, w.request("GET", pageA, headerToken, token)); d.Verdict != Forward {
		t.Error(d.Why)
	}
}

func FuzzTokenCarriers(f *testing.F) {
	w := newWorld(f)
	genuine := w.token(alice)
	for _, token := range forgeries(f, w) {
		if len(token) < 10_000 {
			f.Add(token, "", "CF_Authorization="+token)
		}
	}
	f.Add("", "a.b.c", `CF_Authorization="x; CF_Authorization=; ;=;a`)
	f.Add(".", "..", "CF_Authorization")
	f.Fuzz(func(t *testing.T, token, assertion, cookie string) {
		if strings.Contains(token+assertion+cookie, genuine) {
			return
		}
		r := w.request("GET", pageA)
		r.HTTP.Header = map[string][]string{headerToken: {token}, headerAssertion: {assertion}, "Cookie": {cookie}}
		if d := w.config.Decide(w.state, r); d.Verdict != Login || d.Identity != nil || d.Why == "" {
			t.Fatalf("%s %+v", d.Verdict, d.Identity)
		}
	})
}
