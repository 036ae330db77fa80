package accessemu

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
)

// atAuthorized goes up to the URL of "authorized" without following it.
func (b *browser) atAuthorized(target, email string) string {
	b.w.t.Helper()
	_, nonce := b.ask(target, email)
	code, _ := b.w.state.OTP(email, nonce)
	r := b.enter(nonce, code)
	if !strings.Contains(r.location(), "/cdn-cgi/access/authorized?nonce=") {
		b.w.t.Fatalf("%d %q", r.StatusCode, r.location())
	}
	return r.location()
}

func twoHosts() Application {
	app := appA()
	app.EagerRedirect = new(bool)
	app.Destinations = []Destination{{Type: "public", URI: hostA}, {Type: "public", URI: "other.example.com"}}
	return app
}

func TestAuthorized(t *testing.T) {
	for name, c := range map[string]struct {
		visit func(w *world, b *browser, target string) *reply
		ok    bool
	}{
		"the browser that began": {func(_ *world, b *browser, target string) *reply { return b.get(target) }, true},
		"HEAD":                   {func(_ *world, b *browser, target string) *reply { return b.do("HEAD", target, nil) }, true},
		"another browser":        {func(w *world, _ *browser, target string) *reply { return w.browser().get(target) }, false},
		"another browser with a session of its own": {func(w *world, _ *browser, target string) *reply {
			other := w.browser()
			other.get(pageA)
			return other.get(target)
		}, false},
		"another host": {func(_ *world, b *browser, target string) *reply {
			b.get("https://other.example.com/")
			return b.get(strings.Replace(target, hostA, "other.example.com", 1))
		}, false},
		"another host with the session's cookie": {func(w *world, b *browser, target string) *reply {
			return w.serve("GET", strings.Replace(target, hostA, "other.example.com", 1), nil, "Cookie: CF_AppSession="+b.cookie(pageA, cookieAppSession))
		}, false},
		"a second time": {func(_ *world, b *browser, target string) *reply { b.get(target); return b.get(target) }, false},
		"too late":      {func(w *world, b *browser, target string) *reply { w.clock.Add(lifePass); return b.get(target) }, false},
		"state left out": {func(_ *world, b *browser, target string) *reply {
			return b.get(target[:strings.Index(target, "&state=")])
		}, false},
		"state altered": {func(_ *world, b *browser, target string) *reply {
			u, _ := url.Parse(target)
			q := u.Query()
			text, _ := base64.StdEncoding.DecodeString(q.Get("state"))
			q.Set("state", base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(text), `"/x"`, `"/y"`, 1))))
			return b.get("https://" + hostA + u.Path + "?" + q.Encode())
		}, false},
		"nonce of another login": {func(w *world, b *browser, target string) *reply {
			other := w.browser().atAuthorized(pageA, "bob@example.com")
			u, _ := url.Parse(target)
			o, _ := url.Parse(other)
			q := u.Query()
			q.Set("nonce", o.Query().Get("nonce"))
			return b.get("https://" + hostA + u.Path + "?" + q.Encode())
		}, false},
		"an AppSession that was not made here": {func(w *world, b *browser, target string) *reply {
			const value = "n0123456789abcdef"
			u, _ := url.Parse(target)
			w.state.passes.entries[u.Query().Get("nonce")].session = sha256Hex(value)
			return w.serve("GET", target, nil, "Cookie: CF_AppSession="+value)
		}, false},
		"two CF_AppSession cookies": {func(w *world, b *browser, target string) *reply {
			own := b.cookie(pageA, cookieAppSession)
			return w.serve("GET", target, nil, "Cookie: CF_AppSession=n0123456789abcdef; CF_AppSession="+own)
		}, false},
		"signed out on the way": {func(w *world, b *browser, target string) *reply {
			app := twoHosts()
			app.Policies = []PolicyRef{allow("", EmailRule{"bob@example.com"})}
			w.config = edit(w.t, w.config, func(x *Txn) { _ = x.PutApp(app) })
			r := b.get(target)
			r.StatusCode = map[bool]int{true: 400, false: r.StatusCode}[r.StatusCode == 302 && len(r.Cookies()) == 0]
			return r
		}, false},
		"POST": {func(_ *world, b *browser, target string) *reply {
			r := b.do("POST", target, url.Values{})
			if r.StatusCode == 405 {
				r.StatusCode = 400
			}
			return r
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, twoHosts())
			b := w.browser()
			r := c.visit(w, b, b.atAuthorized(pageA+"x", alice))
			set := strings.Contains(strings.Join(r.Header.Values("Set-Cookie"), "\n"), cookieAuthorization)
			if c.ok && (r.StatusCode != 302 || !set || r.location() != pageA+"x") {
				t.Errorf("%d %v", r.StatusCode, r.Header)
			}
			if !c.ok && (r.StatusCode != 400 || set) {
				t.Errorf("%d %v", r.StatusCode, r.Header)
			}
		})
	}
}

func TestStateIsReadable(t *testing.T) {
	w := newWorld(t)
	u, _ := url.Parse(w.browser().atAuthorized(pageA+"x?y=1", alice))
	text, err := base64.StdEncoding.DecodeString(u.Query().Get("state"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil || got["hostname"] != hostA || got["authDomain"] != team || got["redirectURL"] != "/x?y=1" || got["isSSO"] != false {
		t.Errorf("%s", text)
	}
}

func TestOtherHostsOfAnApplicationAskNothing(t *testing.T) {
	w := newWorld(t, twoHosts())
	b := w.browser()
	b.login(pageA, alice)
	r := b.get("https://other.example.com/y")
	for range 3 {
		r = b.follow(r)
	}
	if r.body != "origin" || r.Request.URL.String() != "https://other.example.com/y" {
		t.Errorf("%d %s", r.StatusCode, r.Request.URL)
	}
}

func TestTwoTabs(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	first := b.atAuthorized(pageA+"1", alice)
	b.get(pageA + "2")
	if r := b.get(first); r.StatusCode != 302 {
		t.Errorf("the first tab: %d", r.StatusCode)
	}
}

func TestCookieTossing(t *testing.T) {
	w := newWorld(t)
	own, theirs, bogus := w.token(alice), w.token("mallory@example.com"), "bogus"
	for _, c := range []struct {
		cookies []string
		want    Verdict
	}{
		{[]string{own}, Forward},
		{[]string{own, own}, Forward},
		{[]string{bogus, own}, Forward},
		{[]string{own, bogus}, Forward},
		{[]string{own, w.token(alice)}, Forward},
		{[]string{own, theirs}, Forbidden},
		{[]string{theirs, own}, Forbidden},
		{[]string{theirs, bogus, own}, Forbidden},
		{[]string{bogus, bogus}, Login},
		{[]string{bogus, bogus, bogus, bogus, bogus, bogus, bogus, bogus, own}, Login},
	} {
		for _, oneLine := range []bool{true, false} {
			r := w.request("GET", pageA)
			for _, value := range c.cookies {
				r.HTTP.Header.Add("Cookie", cookieAuthorization+"="+value)
			}
			if oneLine {
				r.HTTP.Header.Set("Cookie", strings.Join(r.HTTP.Header["Cookie"], "; "))
			}
			d := w.config.Decide(w.state, r)
			if d.Verdict != c.want {
				t.Errorf("%d cookies: %s, want %s: %s", len(c.cookies), d.Verdict, c.want, d.Why)
			}
			if d.Verdict == Forbidden && (!strings.Contains(d.Why, "two different people") || d.Identity != nil || !strings.Contains(d.Mend, "delete")) {
				t.Errorf("%+v", d)
			}
		}
	}
	w.state.revoke(subjectOf(w.config.account, "mallory@example.com"), false, 0)
	for _, cookies := range []string{own + "; CF_Authorization=" + theirs, theirs + "; CF_Authorization=" + own} {
		d := w.config.Decide(w.state, w.request("GET", pageA, "Cookie", cookieAuthorization+"="+cookies))
		if d.Verdict != Forbidden || !strings.Contains(d.Why, "two different people") {
			t.Errorf("a token of somebody else that was revoked: %s (%s)", d.Verdict, d.Why)
		}
	}
	if d := w.config.Decide(w.state, w.request("GET", pageA, "Cookie", cookieAuthorization+"="+theirs)); d.Verdict != Login {
		t.Errorf("the revoked token alone: %s", d.Verdict)
	}
	w.state.Age(DefaultSession)
	if d := w.config.Decide(w.state, w.request("GET", pageA, "Cookie", cookieAuthorization+"="+own+"; CF_Authorization="+w.token("bob@example.com"))); d.Verdict != Forbidden {
		t.Errorf("a token of somebody else that is too old: %s (%s)", d.Verdict, d.Why)
	}
	own, theirs = w.token(alice), w.token("mallory@example.com")
	r := w.request("GET", pageA, headerToken, own, "Cookie", cookieAuthorization+"="+theirs)
	if d := w.config.Decide(w.state, r); d.Identity == nil || d.Identity.Email != alice || d.Carrier != "header Cf-Access-Token" {
		t.Errorf("a header does not precede the cookie: %+v", d)
	}
	r = w.request("GET", pageA, headerToken, own, headerToken, theirs)
	if d := w.config.Decide(w.state, r); d.Verdict != Login || !strings.Contains(d.Why, "sent more than once") {
		t.Errorf("%s %s", d.Verdict, d.Why)
	}
}

func TestAppCookieAttributes(t *testing.T) {
	no := false
	for want, change := range map[string]func(*Application){
		"; Path=/; Secure; HttpOnly":               func(*Application) {},
		"; Path=/; Secure":                         func(a *Application) { a.HTTPOnlyCookie = &no },
		"; Path=/; Secure; HttpOnly; SameSite=Lax": func(a *Application) { a.SameSiteCookie = "lax" },
		"; Path=/x; Secure; HttpOnly":              func(a *Application) { a.Domain, a.PathCookie = hostA+"/x", true },
		"; Path=/x/y; Secure; HttpOnly":            func(a *Application) { a.Domain, a.PathCookie = hostA+"/x/y/*", true },
	} {
		app := appA()
		change(&app)
		w := newWorld(t, app)
		b := w.browser()
		r := b.get(b.atAuthorized(pageA+"x/y/z", alice))
		if got := r.Header.Get("Set-Cookie"); !strings.HasSuffix(got, want) || !strings.HasPrefix(got, "CF_Authorization=ey") {
			t.Errorf("%q, want …%q", got, want)
		}
	}
}

func TestTeamCookieAttributes(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	login := b.get(b.get(pageA).location())
	if got := login.Header.Get("Set-Cookie"); !strings.HasPrefix(got, "CF_Session=n") || !strings.HasSuffix(got, "; Path=/; Secure; HttpOnly; SameSite=None") {
		t.Error(got)
	}
	_, nonce := b.ask(pageA, alice)
	code, _ := w.state.OTP(alice, nonce)
	got := b.enter(nonce, code).Header.Values("Set-Cookie")
	if !strings.HasSuffix(got[0], "; SameSite=None") || !strings.HasSuffix(got[1], "; SameSite=Strict") || !strings.Contains(got[1], "Expires="+w.clock.Now().Add(30*24*time.Hour).UTC().Format("Mon, 02 Jan 2006")) {
		t.Errorf("%q", got)
	}
}
