package edge_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

const besieged = `
team: acme
zones:
  - name: example.com
    records:
      - {type: CNAME, name: app, content: t.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: wiki, content: t.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: part, content: t.cfargotunnel.com, proxied: true}
tunnels:
  - {id: t, config: {ingress: [{service: "http://localhost:8080"}]}}
access:
  policies: [{name: staff, decision: allow, include: [{email_domain: {domain: example.com}}]}]
  apps:
    - {name: App, domain: app.example.com, policies: [staff]}
    - {name: Wiki, domain: wiki.example.com, policies: [staff]}
    - {name: Part, domain: part.example.com/admin, policies: [staff]}
`

const (
	appPage, wikiPage = "https://app.example.com/", "https://wiki.example.com/"
	teamPage          = "https://acme.cloudflareaccess.com/cdn-cgi/access/"
)

// siege is a running edge and whoever comes to it.
type siege struct {
	*running
	t *testing.T
}

// browser keeps cookies and follows nothing by itself.
func (s *siege) browser() *http.Client {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &http.Client{Transport: s.edge.Transport(), Jar: jar, CheckRedirect: stay}
}

func (s *siege) get(c *http.Client, target string, header ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequest("GET", target, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return s.do(c, r)
}

func (s *siege) post(c *http.Client, target string, form url.Values) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequest("POST", target, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(c, r)
}

func (s *siege) do(c *http.Client, r *http.Request) (*http.Response, string) {
	s.t.Helper()
	resp, err := c.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, string(body)
}

// ask gets as far as the page that wants the code, and answers the sign-in's nonce.
func (s *siege) ask(c *http.Client, loginPage, email string) (nonce string) {
	s.t.Helper()
	s.edge.Age(time.Second) // so that it is not the limit of mails that ends an attack
	if resp, body := s.get(c, loginPage); resp.StatusCode != 200 {
		s.t.Fatalf("login page: %d %s", resp.StatusCode, body)
	}
	resp, body := s.post(c, strings.Replace(loginPage, "/login/", "/verify-code/", 1), url.Values{"email": {email}})
	to, err := resp.Location()
	if err != nil {
		s.t.Fatalf("verify-code: %d %s", resp.StatusCode, body)
	}
	return to.Query().Get("nonce")
}

func (s *siege) loginPage(c *http.Client, page string) string {
	s.t.Helper()
	resp, _ := s.get(c, page)
	return resp.Header.Get("Location")
}

func (s *siege) code(email, nonce string) string {
	s.t.Helper()
	code, err := s.edge.Access().WaitOTP(context.Background(), email, nonce)
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

// authorized is the way back to the application, not taken yet.
func (s *siege) authorized(c *http.Client, loginPage, email string) string {
	s.t.Helper()
	nonce := s.ask(c, loginPage, email)
	resp, body := s.post(c, teamPage+"callback", url.Values{"code": {s.code(email, nonce)}, "nonce": {nonce}})
	if resp.StatusCode != http.StatusFound {
		s.t.Fatalf("callback: %d %s", resp.StatusCode, body)
	}
	return resp.Header.Get("Location")
}

func (s *siege) signIn(c *http.Client, page, email string) {
	s.t.Helper()
	s.get(c, s.authorized(c, s.loginPage(c, page), email))
	if who := s.who(c, page); who != email {
		s.t.Fatalf("signed in as %q", who)
	}
}

// who is the person that the origin sees; empty: the request does not get there.
func (s *siege) who(c *http.Client, page string, header ...string) string {
	s.t.Helper()
	resp, body := s.get(c, page, header...)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Sundog-Answered-By") != "origin" {
		return ""
	}
	_, rest, _ := strings.Cut(body, "Cf-Access-Authenticated-User-Email: ")
	email, _, _ := strings.Cut(rest, "\r\n")
	if email == "" {
		return "nobody in particular"
	}
	return email
}

func cookieOf(c *http.Client, page, name string) string {
	u, err := url.Parse(page)
	if err != nil {
		return ""
	}
	for _, one := range c.Jar.Cookies(u) {
		if one.Name == name {
			return one.Value
		}
	}
	return ""
}

func plant(c *http.Client, page, name, value string) {
	u, _ := url.Parse(page)
	c.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: true}})
}

// elsewhere are ways to write another host than one's own.
var elsewhere = []string{
	"https://evil.test/", "//evil.test/", "///evil.test", `/\evil.test`, `\\evil.test`, `/\/evil.test`, "/%5cevil.test", "/%2f%2fevil.test", "/%09/evil.test",
	"/\t/evil.test", "/\r\nLocation: https://evil.test/", "https://app.example.com@evil.test/", `https://evil.test\@app.example.com/`,
	"https://app.example.com.evil.test/", "https://evil.test#app.example.com", "https:evil.test", "javascript:alert(1)", "http://evil.test", "https://evil.test%2f.app.example.com/",
	"//evil.test\x00.app.example.com/", "https://[::ffff:7f00:1]/", "https://app.example.com:443@evil.test/",
}

func TestHostileAccess(t *testing.T) {
	const alice, mallory = "alice@example.com", "mallory@example.com"
	for name, attack := range map[string]func(*siege){
		"PIN brute force, a browser for each guess": func(s *siege) {
			last := 0
			for range 30 {
				c := s.browser()
				nonce := s.ask(c, s.loginPage(c, appPage), alice)
				resp, _ := s.post(c, teamPage+"callback", url.Values{"code": {"none"}, "nonce": {nonce}})
				if last = resp.StatusCode; last == http.StatusTooManyRequests {
					break
				}
			}
			if last != http.StatusTooManyRequests {
				s.t.Errorf("guesses go on: %d", last)
			}
		},
		"PIN brute force, an address for each guess": func(s *siege) {
			c, last := s.browser(), 0
			for i := range 21 {
				nonce := s.ask(c, s.loginPage(c, appPage), string(rune('a'+i))+"@example.com")
				resp, _ := s.post(c, teamPage+"callback", url.Values{"code": {"none"}, "nonce": {nonce}})
				last = resp.StatusCode
			}
			if last != http.StatusTooManyRequests {
				s.t.Errorf("guesses go on: %d", last)
			}
		},
		"nonce replay, once more": func(s *siege) {
			c := s.browser()
			back := s.authorized(c, s.loginPage(c, appPage), alice)
			for i, want := range []int{http.StatusFound, http.StatusBadRequest} {
				if resp, _ := s.get(c, back); resp.StatusCode != want {
					s.t.Errorf("time %d: %d", i, resp.StatusCode)
				}
			}
		},
		"nonce replay, in another browser": func(s *siege) {
			c, other := s.browser(), s.browser()
			back := s.authorized(c, s.loginPage(c, appPage), alice)
			s.get(other, appPage) // which has a session of its own
			if resp, _ := s.get(other, back); resp.StatusCode != http.StatusBadRequest || s.who(other, appPage) != "" {
				s.t.Errorf("%d", resp.StatusCode)
			}
		},
		"nonce replay, at another host": func(s *siege) {
			c := s.browser()
			s.get(c, wikiPage)
			back := s.authorized(c, s.loginPage(c, appPage), alice)
			plant(c, wikiPage, "CF_AppSession", cookieOf(c, appPage, "CF_AppSession"))
			if resp, _ := s.get(c, strings.Replace(back, "app.example.com", "wiki.example.com", 1)); resp.StatusCode != http.StatusBadRequest || s.who(c, wikiPage) != "" {
				s.t.Errorf("%d", resp.StatusCode)
			}
		},
		"open redirect, redirect_url": func(s *siege) {
			for _, to := range elsewhere {
				c := s.browser()
				page, err := url.Parse(s.loginPage(c, appPage))
				if err != nil {
					s.t.Fatal(err)
				}
				q := page.Query()
				q.Set("redirect_url", to)
				page.RawQuery = q.Encode()
				if resp, _ := s.get(c, page.String()); resp.StatusCode != http.StatusOK {
					s.stays(resp, to)
					continue
				}
				resp, _ := s.get(c, s.authorized(c, page.String(), alice))
				s.stays(resp, to)
			}
		},
		"open redirect, the path that was asked for": func(s *siege) {
			for _, to := range []string{"//evil.test/", `/\evil.test`, "/%5cevil.test", "/%2fevil.test", "/%09/evil.test", "/@evil.test"} {
				c := s.browser()
				r, err := http.NewRequest("GET", "https://app.example.com/", nil)
				if err != nil {
					s.t.Fatal(err)
				}
				r.URL.Opaque = "//app.example.com" + to
				resp, _ := s.do(c, r)
				if resp.StatusCode != http.StatusFound || !strings.HasPrefix(resp.Header.Get("Location"), teamPage+"login/") {
					continue // not read as a path at all
				}
				resp, _ = s.get(c, s.authorized(c, resp.Header.Get("Location"), alice))
				s.stays(resp, to)
			}
		},
		"open redirect, returnTo": func(s *siege) {
			for _, to := range elsewhere {
				for _, at := range []string{teamPage, appPage + "cdn-cgi/access/"} {
					resp, _ := s.get(s.browser(), at+"logout?returnTo="+url.QueryEscape(to))
					s.stays(resp, to)
				}
			}
		},
		"login CSRF": func(s *siege) { // the victim's browser is to be signed in as the attacker
			attacker, victim := s.browser(), s.browser()
			page := s.loginPage(attacker, appPage)
			nonce := s.ask(attacker, page, mallory)
			s.get(victim, s.loginPage(victim, appPage))
			code := s.code(mallory, nonce)
			if resp, _ := s.post(victim, teamPage+"callback", url.Values{"code": {code}, "nonce": {nonce}}); resp.StatusCode != http.StatusBadRequest {
				s.t.Errorf("callback: %d", resp.StatusCode)
			}
			back := s.authorized(attacker, s.loginPage(attacker, appPage), mallory)
			if resp, _ := s.get(victim, back); resp.StatusCode != http.StatusBadRequest || s.who(victim, appPage) != "" {
				s.t.Errorf("authorized: %d", resp.StatusCode)
			}
		},
		"cookie tossing, a second session": func(s *siege) { // planted for the parent domain by a sibling host
			attacker, victim := s.browser(), s.browser()
			s.signIn(attacker, appPage, mallory)
			s.signIn(victim, appPage, alice)
			theirs, own := cookieOf(attacker, appPage, "CF_Authorization"), cookieOf(victim, appPage, "CF_Authorization")
			for _, cookies := range []string{"CF_Authorization=" + own + "; CF_Authorization=" + theirs, "CF_Authorization=" + theirs + "; CF_Authorization=" + own} {
				if who := s.who(&http.Client{Transport: s.edge.Transport(), CheckRedirect: stay}, appPage, "Cookie", cookies); who != "" {
					s.t.Errorf("is %s", who)
				}
			}
		},
		"cookie tossing, a planted way back": func(s *siege) {
			attacker, victim := s.browser(), s.browser()
			back := s.authorized(attacker, s.loginPage(attacker, appPage), mallory)
			victim.Jar.SetCookies(&url.URL{Scheme: "https", Host: "app.example.com"}, []*http.Cookie{{Name: "CF_AppSession", Value: "planted", Path: "/"}})
			if resp, _ := s.get(victim, back); resp.StatusCode != http.StatusBadRequest || s.who(victim, appPage) != "" {
				s.t.Errorf("%d", resp.StatusCode)
			}
		},
		"cookie tossing, of another application": func(s *siege) {
			c := s.browser()
			s.signIn(c, appPage, alice)
			if who := s.who(s.browser(), wikiPage, "Cookie", "CF_Authorization="+cookieOf(c, appPage, "CF_Authorization")); who != "" {
				s.t.Errorf("is %s", who)
			}
			if who := s.who(s.browser(), appPage, "Cookie", "CF_Authorization="+cookieOf(c, teamPage, "CF_Authorization")); who != "" {
				s.t.Errorf("with the team domain's: is %s", who)
			}
		},
		"the consent page, posted by another site": func(s *siege) {
			c := s.browser()
			s.signIn(c, appPage, alice)
			key := base64.URLEncoding.EncodeToString(make([]byte, 32))
			page := appPage + "cdn-cgi/access/cli?token=" + url.QueryEscape(key) + "&aud=" + s.edge.Summary().Entrypoints[0].AUD
			for _, grant := range []string{"", "0000"} {
				if resp, _ := s.post(c, page, url.Values{"grant": {grant}}); resp.StatusCode == http.StatusOK {
					s.t.Errorf("grant %q: approved", grant)
				}
			}
		},
		"Connection removes what Access adds": func(s *siege) {
			c := s.browser()
			s.signIn(c, appPage, alice)
			resp, body := s.rawTLS(s.t, "app.example.com", "GET / HTTP/1.1\r\nHost: app.example.com\r\nCookie: CF_Authorization="+cookieOf(c, appPage, "CF_Authorization")+
				"\r\nConnection: close, cf-access-jwt-assertion, cf-access-authenticated-user-email\r\nCf-Access-Authenticated-User-Email: mallory@example.com\r\n\r\n")
			if resp.StatusCode != http.StatusOK || !strings.Contains(body, "Cf-Access-Jwt-Assertion: ey") || !strings.Contains(body, "User-Email: "+alice) || strings.Contains(body, mallory) {
				s.t.Errorf("%d %s", resp.StatusCode, body)
			}
		},
		"path confusion": func(s *siege) {
			if who := s.who(s.browser(), "https://part.example.com/public"); who != "nobody in particular" {
				s.t.Errorf("what is public is not: %q", who)
			}
			for _, path := range []string{
				"/admin", "/admin/", "/%61dmin", "/%2561dmin", "/x/../admin", "/x/..%2fadmin", "/x/%2e%2e/admin", "//admin", "/.//admin", "/./admin", "/admin%2f", "/%2fadmin",
				"/x/..;/admin", `/x\..\admin`, `/\admin`, "/%5cadmin", "/admin?x", "/admin;x", "/admin%00", "/x/..%5cadmin", "/admin/..%2fadmin",
			} {
				resp, body := s.rawTLS(s.t, "part.example.com", "GET "+path+" HTTP/1.1\r\nHost: part.example.com\r\nConnection: close\r\n\r\n")
				if _, seen, _ := strings.Cut(body, "path "); resp.StatusCode == http.StatusOK && strings.Contains(strings.ToLower(seen), "admin") {
					s.t.Errorf("%s gets to the origin: %s", path, body)
				}
			}
		},
		"large and deep tokens": func(s *siege) {
			deep := base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)))
			for _, token := range []string{strings.Repeat("a", 1<<20), strings.Repeat(".", 10_000), deep + "." + deep + ".", deep + "." + deep + "." + deep, "e30.e30.e30"} {
				for _, header := range []string{"Cookie: CF_Authorization=", "Cf-Access-Token: ", "Cf-Access-Jwt-Assertion: "} {
					status, body, err := s.tryTLS(s.t, "app.example.com", "GET / HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n"+header+token+"\r\n\r\n")
					if err == nil && status == http.StatusOK || strings.Contains(body, "path /") {
						s.t.Errorf("%s%.10s… of %d bytes: %d", header, token, len(token), status)
					}
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			attack(&siege{startWorld(t, besieged, originOption(seen)), t})
		})
	}
}

// stays wants an answer that leads nowhere, or to a host of this world.
func (s *siege) stays(resp *http.Response, asked string) {
	s.t.Helper()
	for _, to := range resp.Header["Location"] {
		u, err := url.Parse(to)
		if err != nil || strings.ContainsAny(to, "\\\t\r\n ") {
			s.t.Errorf("%q leads to %q", asked, to)
			continue
		}
		switch u = resp.Request.URL.ResolveReference(u); {
		case u.Scheme == "https" && u.User == nil && (u.Host == "app.example.com" || u.Host == "acme.cloudflareaccess.com") && !strings.HasPrefix(u.Path, "//"):
		default:
			s.t.Errorf("%q leads to %q", asked, to)
		}
	}
	if resp.Header.Get("Refresh") != "" {
		s.t.Errorf("%q: Refresh: %s", asked, resp.Header.Get("Refresh"))
	}
}
