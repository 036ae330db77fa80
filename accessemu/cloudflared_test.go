package accessemu

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/nacl/box"
)

// cloudflared is the client of one command line: it speaks as the real one does.
type cloudflared struct {
	w            *world
	key, private *[32]byte
	app, org     string // the tokens that it has
}

func (w *world) cloudflared() *cloudflared {
	key, private, err := box.GenerateKey(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	return &cloudflared{w: w, key: key, private: private}
}

// send sends a request without a cookie jar, and follows nothing.
func (c *cloudflared) send(method, target string, header http.Header) *reply {
	c.w.t.Helper()
	r, err := http.NewRequest(method, target, nil)
	if err != nil {
		c.w.t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	r.Header.Set("User-Agent", "cloudflared/DEV")
	resp, err := c.w.RoundTrip(r)
	if err != nil {
		c.w.t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.w.t.Fatal(err)
	}
	return &reply{resp, string(body)}
}

// metadata asks which application covers a URL, and checks the answer as cloudflared does.
func (c *cloudflared) metadata(target string) (matchClaims, bool) {
	c.w.t.Helper()
	got := c.send("HEAD", target, http.Header{headerMetadataRequest: {"true"}})
	token := got.Header.Get(headerMetadata)
	if token == "" {
		return matchClaims{}, false
	}
	if got.StatusCode != 200 || got.body != "" {
		c.w.t.Errorf("metadata of %s: %d %q", target, got.StatusCode, got.body)
	}
	var set jose.JSONWebKeySet
	certs := c.send("GET", "https://"+team+"/cdn-cgi/access/certs", nil)
	if err := json.Unmarshal([]byte(certs.body), &set); err != nil {
		c.w.t.Fatal(err)
	}
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		c.w.t.Fatal(err)
	}
	keys := set.Key(jws.Signatures[0].Protected.KeyID)
	if len(keys) != 1 {
		c.w.t.Fatalf("%d keys have the token's kid", len(keys))
	}
	body, err := jws.Verify(keys[0])
	if err != nil {
		c.w.t.Fatal(err)
	}
	var m matchClaims
	if err := json.Unmarshal(body, &m); err != nil {
		c.w.t.Fatal(err)
	}
	return m, true
}

// page is the URL that it opens in a browser.
func (c *cloudflared) page(target, aud string) string {
	u, err := url.Parse(target)
	if err != nil {
		c.w.t.Fatal(err)
	}
	key := base64.URLEncoding.EncodeToString(c.key[:])
	back := *u
	back.RawQuery = url.Values{"aud": {aud}, "token": {key}}.Encode()
	q := url.Values{
		"aud": {aud}, "edge_token_transfer": {"true"}, "redirect_url": {back.String()}, "send_org_token": {"true"}, "token": {key},
	}
	return "https://" + u.Host + cliPath + "?" + q.Encode()
}

// poll asks once for what was granted, and opens the box.
func (c *cloudflared) poll() *reply {
	c.w.t.Helper()
	got := c.send("GET", "https://"+TransferHost+transferPath+base64.URLEncoding.EncodeToString(c.key[:]), nil)
	if got.StatusCode != 200 {
		return got
	}
	sealed, err := base64.StdEncoding.DecodeString(got.body)
	if err != nil || len(sealed) < 24 {
		c.w.t.Fatalf("%q: %v", got.body, err)
	}
	from, err := base64.URLEncoding.DecodeString(got.Header.Get("Service-Public-Key"))
	if err != nil || len(from) != 32 {
		c.w.t.Fatalf("service-public-key %q", got.Header.Get("Service-Public-Key"))
	}
	text, ok := box.Open(nil, sealed[24:], (*[24]byte)(sealed[:24]), (*[32]byte)(from), c.private)
	if !ok {
		c.w.t.Fatal("the box does not open")
	}
	var tokens struct {
		App string `json:"app_token"`
		Org string `json:"org_token"`
	}
	if err := json.Unmarshal(text, &tokens); err != nil {
		c.w.t.Fatal(err)
	}
	c.app, c.org = tokens.App, tokens.Org
	return got
}

// exchange turns the team domain's token into the application's, by HEAD requests alone.
func (c *cloudflared) exchange(target string) *http.Cookie {
	c.w.t.Helper()
	first := c.send("HEAD", target, nil)
	login := c.send("HEAD", first.location(), http.Header{"Cookie": {"CF_Authorization=" + c.org}})
	session := ""
	for _, cookie := range first.Cookies() {
		if cookie.Name == cookieAppSession {
			session = cookie.Value
		}
	}
	if !strings.Contains(login.location(), "/cdn-cgi/access/authorized?") {
		c.w.t.Fatalf("the login page leads to %q (%d)", login.location(), login.StatusCode)
	}
	last := c.send("HEAD", login.location(), http.Header{"Cookie": {cookieAppSession + "=" + session}})
	for _, cookie := range last.Cookies() {
		if cookie.Name == cookieAuthorization && cookie.Expires.After(c.w.clock.Now()) {
			return cookie
		}
	}
	return nil
}

var grantField = regexp.MustCompile(`name="grant" value="([0-9a-f]{64})"`)

// approve opens cloudflared's page in a browser, signs in if need be, and says yes.
func (b *browser) approve(page, email string) *reply {
	b.w.t.Helper()
	shown := b.get(page)
	if shown.StatusCode == 302 {
		shown = b.login(page, email)
	}
	grant := grantField.FindStringSubmatch(shown.body)
	if grant == nil {
		return shown
	}
	return b.do("POST", page, url.Values{"grant": {grant[1]}})
}

func TestCloudflaredMetadata(t *testing.T) {
	wild := Application{ID: "app-w", Name: "Wild", Domain: "*.wild.example.com/docs", Policies: []PolicyRef{allow("staff", EmailDomainRule{"example.com"})}}
	open := Application{ID: "app-o", Name: "Open", Domain: "open.example.com", Policies: []PolicyRef{policyOf("bypass", "all", EveryoneRule{})}}
	w := newWorld(t, appA(), wild, open)
	c := w.cloudflared()
	a, _ := w.config.App("app-a")
	x, _ := w.config.App("app-w")
	o, _ := w.config.App("app-o")
	now := w.clock.Now().Unix()
	for target, want := range map[string]matchClaims{
		pageA + "deep/path?q=1":            {"match", a.AUD, hostA, team, hostA, now},
		"https://x.wild.example.com/docs/": {"match", x.AUD, "x.wild.example.com", team, "*.wild.example.com", now},
		"https://open.example.com/":        {"match", o.AUD, "open.example.com", team, "open.example.com", now},
	} {
		got, ok := c.metadata(target)
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%s: %v\n%s", target, ok, diff)
		}
		if w.seen != nil {
			t.Errorf("%s: the question reached the origin", target)
		}
	}
	if _, ok := c.metadata("https://x.wild.example.com/elsewhere"); ok || w.seen == nil {
		t.Errorf("a path that no application covers is described: %v", ok)
	}
	if got := c.send("POST", pageA, http.Header{headerMetadataRequest: {"true"}}); got.Header.Get(headerMetadata) != "" || !isLogin(got) {
		t.Errorf("POST: %d %v", got.StatusCode, got.Header)
	}
}

func TestCloudflaredLogin(t *testing.T) {
	w := newWorld(t)
	c := w.cloudflared()
	m, ok := c.metadata(pageA)
	if !ok {
		t.Fatal("no metadata")
	}
	b := w.browser()
	done := b.approve(c.page(pageA+"p?q=1", m.Audience), alice)
	if done.StatusCode != 200 || !strings.Contains(done.body, "cloudflared is in") {
		t.Fatalf("%d %s", done.StatusCode, done.body)
	}
	if got := c.poll(); got.StatusCode != 200 {
		t.Fatalf("transfer: %d %s", got.StatusCode, got.body)
	}
	if got := c.send("GET", pageA+"?cloudflared_token_check=true", http.Header{headerToken: {c.app}}); got.StatusCode != 200 || w.seen == nil {
		t.Errorf("the application's token: %d", got.StatusCode)
	}
	if cookie := c.exchange(pageA); cookie == nil {
		t.Error("the team domain's token was not exchanged")
	} else if got := c.send("GET", pageA, http.Header{headerToken: {cookie.Value}}); got.StatusCode != 200 {
		t.Errorf("the exchanged token: %d", got.StatusCode)
	}
}

func TestCloudflaredSniffs(t *testing.T) {
	w := newWorld(t)
	c := w.cloudflared()
	a, _ := w.config.App("app-a")
	first := c.send("HEAD", pageA, nil)
	login, err := first.Location()
	if err != nil || login.Host != team || login.Query().Get("kid") != a.AUD {
		t.Fatalf("%v %v", login, err)
	}
	if got := c.send("HEAD", login.String(), nil); got.StatusCode != 200 || got.Header.Get("Cf-Access-Domain") != hostA || got.Header.Get("Cf-Access-Aud") != a.AUD {
		t.Errorf("%d %v", got.StatusCode, got.Header)
	}
}

func TestTransfer(t *testing.T) {
	w := newWorld(t)
	a, _ := w.config.App("app-a")

	t.Run("a poll ends with nothing", func(t *testing.T) {
		w.state.poll = time.Millisecond
		if got := w.cloudflared().poll(); got.StatusCode != 404 || got.body == "" {
			t.Errorf("%d %q", got.StatusCode, got.body)
		}
	})
	t.Run("a poll waits for the grant", func(t *testing.T) {
		w.state.poll = time.Minute
		c := w.cloudflared()
		got := make(chan *reply)
		go func() { got <- c.poll() }()
		if err := w.state.deposit(*c.key, granted{App: "a.b.c"}); err != nil {
			t.Fatal(err)
		}
		if r := <-got; r.StatusCode != 200 || c.app != "a.b.c" || c.org != "" {
			t.Errorf("%d %q %q", r.StatusCode, c.app, c.org)
		}
	})
	w.state.poll = time.Millisecond
	t.Run("what was fetched is gone", func(t *testing.T) {
		c := w.cloudflared()
		w.browser().approve(c.page(pageA, a.AUD), alice)
		if first, again := c.poll(), c.poll(); first.StatusCode != 200 || again.StatusCode != 404 {
			t.Errorf("%d, then %d", first.StatusCode, again.StatusCode)
		}
	})
	t.Run("what nobody fetches is forgotten", func(t *testing.T) {
		c := w.cloudflared()
		w.browser().approve(c.page(pageA, a.AUD), alice)
		w.state.Age(lifeTransfer)
		if got := c.poll(); got.StatusCode != 404 {
			t.Errorf("%d", got.StatusCode)
		}
	})
	t.Run("other paths and methods", func(t *testing.T) {
		c := w.cloudflared()
		for target, want := range map[string]int{"/": 404, "/transfer": 404, "/transfer/": 400, "/transfer/short": 400, "/transfer/" + strings.Repeat("!", 44): 400} {
			if got := c.send("GET", "https://"+TransferHost+target, nil); got.StatusCode != want {
				t.Errorf("%s: %d, want %d", target, got.StatusCode, want)
			}
		}
		if got := c.send("POST", "https://"+TransferHost+transferPath+base64.URLEncoding.EncodeToString(c.key[:]), nil); got.StatusCode != 405 {
			t.Errorf("POST: %d", got.StatusCode)
		}
	})
}

func TestCloudflaredPageRefuses(t *testing.T) {
	other := Application{ID: "app-b", Name: "Other", Domain: "other.example.com", Policies: []PolicyRef{allow("bob", EmailRule{"bob@example.com"})}}
	w := newWorld(t, appA(), other)
	w.state.poll = time.Millisecond
	a, _ := w.config.App("app-a")
	o, _ := w.config.App("app-b")
	c := w.cloudflared()
	page := c.page(pageA, a.AUD)
	b := w.browser()
	shown := b.login(page, alice)
	grant := grantField.FindStringSubmatch(shown.body)
	if grant == nil {
		t.Fatalf("no form: %d %s", shown.StatusCode, shown.body)
	}
	second := w.browser()
	second.login(pageA, alice)
	for name, got := range map[string]*reply{
		"400: no grant":                b.do("POST", page, url.Values{}),
		"400: another browser's grant": second.do("POST", page, url.Values{"grant": {grant[1]}}),
		"400: another key's grant":     b.do("POST", w.cloudflared().page(pageA, a.AUD), url.Values{"grant": {grant[1]}}),
		"400: a form of another site":  b.do("POST", page, url.Values{"grant": {grant[1]}}, "Origin: https://evil.test"),
		"400: no key":                  b.get("https://" + hostA + cliPath + "?aud=" + a.AUD),
		"400: a short key":             b.get("https://" + hostA + cliPath + "?token=abc&aud=" + a.AUD),
		"404: another host's audience": b.get(c.page(pageA, o.AUD)),
		"404: an unknown audience":     b.get(c.page(pageA, strings.Repeat("0", 64))),
		"405: a method that is none":   b.do("DELETE", page, nil),
	} {
		if want := name[:3]; got.Status[:3] != want {
			t.Errorf("%s: %s %s", name, got.Status, got.body)
		}
	}
	if got := c.poll(); got.StatusCode != 404 {
		t.Fatalf("something was granted: %d", got.StatusCode)
	}
	if got := b.do("POST", page, url.Values{"grant": {grant[1]}}, "Origin: https://"+hostA); got.StatusCode != 200 {
		t.Errorf("the form itself: %d %s", got.StatusCode, got.body)
	}
}

func TestCloudflaredPageAsksAgain(t *testing.T) {
	w := newWorld(t)
	a, _ := w.config.App("app-a")
	b := w.browser()
	page := w.cloudflared().page(pageA, a.AUD)
	b.login(page, alice)
	w.state.RevokeUser(w.config, alice)
	if got := b.get(page); !isLogin(got) {
		t.Errorf("after the session was revoked: %d", got.StatusCode)
	}
}

func TestSkipInterstitial(t *testing.T) {
	app := appA()
	app.SkipInterstitial = true
	w := newWorld(t, app)
	a, _ := w.config.App("app-a")
	c := w.cloudflared()
	if got := w.browser().login(c.page(pageA, a.AUD), alice); !strings.Contains(got.body, "cloudflared is in") {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	if got := c.poll(); got.StatusCode != 200 {
		t.Errorf("%d", got.StatusCode)
	}
}

func TestCloudflaredAndPathCookies(t *testing.T) {
	app := appA()
	app.Domain, app.PathCookie = hostA+"/admin", true
	w := newWorld(t, app)
	a, _ := w.config.App("app-a")
	c := w.cloudflared()
	if got := w.browser().approve(c.page(pageA+"admin", a.AUD), alice); !strings.Contains(got.body, "cloudflared is in") {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	if got := c.poll(); got.StatusCode != 200 {
		t.Errorf("%d", got.StatusCode)
	}
}

func FuzzReadPublicKey(f *testing.F) {
	f.Add(strings.Repeat("A", 43) + "=")
	f.Add(strings.Repeat("_-", 21) + "A=")
	f.Add("\n" + strings.Repeat("A", 42) + "=")
	f.Fuzz(func(t *testing.T, text string) {
		key, ok := readPublicKey(text)
		if ok && base64.URLEncoding.EncodeToString(key[:]) != text {
			t.Errorf("%q and another text are the same key", text)
		}
	})
}

func TestTheApplicationsTokenBuysNoOther(t *testing.T) {
	w := newWorld(t)
	w.state.poll = time.Millisecond
	a, _ := w.config.App("app-a")
	c := w.cloudflared()
	page := c.page(pageA, a.AUD)
	// What an origin sees of alice's browser: the cookies of every request to it.
	b := w.browser()
	b.login(page, alice)
	stolen := "CF_Authorization=" + b.cookie(pageA, cookieAuthorization) + "; CF_AppSession=" + b.cookie(pageA, cookieAppSession)
	if b.cookie(pageA, cookieCLI) != "" || b.cookie(page, cookieCLI) == "" {
		t.Fatal("the page's cookie goes to origins, or nowhere")
	}
	thief := w.browser()
	for _, header := range []string{"Cookie: " + stolen, "Cf-Access-Token: " + w.token(alice)} {
		if got := thief.get(page, header); !isLogin(got) || grantField.MatchString(got.body) {
			t.Errorf("%.20s: %d %s", header, got.StatusCode, got.body)
		}
		if got := thief.do("POST", page, url.Values{"grant": {strings.Repeat("0", 64)}}, header); got.StatusCode != 400 {
			t.Errorf("%.20s: POST: %d", header, got.StatusCode)
		}
	}
	if got := c.poll(); got.StatusCode != 404 {
		t.Errorf("tokens were granted: %d", got.StatusCode)
	}
	// Who is signed in at the team domain is led there and back without a question.
	again := w.browser()
	again.login(pageA, alice)
	shown := again.get(page)
	for range 3 {
		shown = again.follow(shown)
	}
	if !grantField.MatchString(shown.body) {
		t.Errorf("no form after the way by the team domain: %d %s", shown.StatusCode, shown.body)
	}
}
