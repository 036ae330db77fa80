package accessemu

import (
	"net/url"
	"strings"
	"testing"
)

func TestSafePath(t *testing.T) {
	for in, want := range map[string]string{
		"/":                             "/",
		"/x?y=1&z=%20":                  "/x?y=1&z=%20",
		"/x?next=//evil.test":           "/x?next=//evil.test",
		"/x//y":                         "/x//y",
		"":                              "/",
		"x":                             "/",
		"//evil.test":                   "/evil.test",
		"///evil.test":                  "/evil.test",
		`/\evil.test`:                   "/",
		`\\evil.test`:                   "/",
		"/%5cevil.test":                 "/evil.test",
		"/%2fevil.test":                 "/evil.test",
		"/%2F%2Fevil.test":              "/evil.test",
		"/%09/evil.test":                "/evil.test",
		"/\t/evil.test":                 "/",
		"/x\r\nSet-Cookie: a=b":         "/",
		"https://evil.test/":            "/",
		"javascript:alert(1)":           "/",
		"@evil.test":                    "/",
		"/@evil.test":                   "/@evil.test",
		"/%zz":                          "/",
		"/ü":                            "/",
		"/" + strings.Repeat("a", 9000): "/",
	} {
		if got := safePath(in); got != want {
			t.Errorf("safePath(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSafeReturn(t *testing.T) {
	c := testConfig(t, appA())
	for in, want := range map[string]string{
		"https://app.example.com":                      "https://app.example.com/",
		"https://app.example.com/x?y=1":                "https://app.example.com/x?y=1",
		"https://APP.example.com:4443/x":               "https://app.example.com:4443/x",
		"https://" + team + "/":                        "https://" + team + "/",
		"https://sub." + team + "/":                    "https://sub." + team + "/",
		"https://app.example.com//evil.test":           "https://app.example.com/evil.test",
		"http://app.example.com/":                      "",
		"https://evil.test/":                           "",
		"https://evil" + team + "/":                    "",
		"https://app.example.com@evil.test/":           "",
		"https://evil.test@app.example.com/":           "",
		`https://evil.test\@app.example.com/`:          "",
		`https://app.example.com\.evil.test/`:          "",
		"https://app.example.com.evil.test/":           "",
		"//app.example.com/":                           "",
		"/x":                                           "",
		"https:app.example.com":                        "",
		"https:///app.example.com":                     "",
		"javascript:alert(1)//https://app.example.com": "",
		"https://app.example.com\t/":                   "",
		"https://app.example.com:x/":                   "",
		"https://%61pp.example.com/":                   "",
		"https://[::1]/":                               "",
	} {
		got, ok := safeReturn(in, c.mayReturn)
		if got != want || ok != (want != "") {
			t.Errorf("safeReturn(%q) = %q, %t; want %q", in, got, ok, want)
		}
	}
}

func TestLogoutReturnTo(t *testing.T) {
	w := newWorld(t)
	for _, host := range []string{hostA, team} {
		r := w.serve("GET", "https://"+host+"/cdn-cgi/access/logout?returnTo="+url.QueryEscape("https://app.example.com/bye"), nil)
		if r.StatusCode != 302 || r.location() != "https://app.example.com/bye" {
			t.Errorf("%s: %d %q", host, r.StatusCode, r.location())
		}
		r = w.serve("GET", "https://"+host+"/cdn-cgi/access/logout?returnTo="+url.QueryEscape("https://evil.test/"), nil)
		if r.StatusCode != 400 || !strings.Contains(r.body, "Invalid redirect URL") {
			t.Errorf("%s: %d %q", host, r.StatusCode, r.location())
		}
	}
	r := w.serve("GET", "https://"+team+"/cdn-cgi/access/logout", nil)
	if r.StatusCode != 200 || !strings.Contains(r.body, "You are signed out") || !strings.HasPrefix(r.Header.Get("Set-Cookie"), "CF_Authorization=; Expires=Thu, 01 Jan 1970") {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
}

func TestRedirectURLIsSafe(t *testing.T) {
	for _, evil := range []string{"//evil.test/", `/\evil.test`, "https://evil.test/", "/%2fevil.test", "/\r\nX: y", "/x@evil.test"} {
		w := newWorld(t)
		b := w.browser()
		start, _ := url.Parse(b.get(pageA).location())
		q := start.Query()
		q.Set("redirect_url", evil)
		r := b.do("POST", "https://"+team+strings.Replace(start.Path, "/login/", "/verify-code/", 1)+"?"+q.Encode(), url.Values{"email": {alice}, "redirect_url": {evil}})
		nonce := b.follow(r).Request.URL.Query().Get("nonce")
		code, _ := w.state.OTP(alice, nonce)
		authorized := b.follow(b.enter(nonce, code))
		to, err := authorized.Response.Location()
		if err != nil || to.Host != hostA || authorized.Header.Get("X") != "" {
			t.Errorf("%q leads to %v (%d %s)", evil, to, authorized.StatusCode, authorized.body)
		}
	}
	w := newWorld(t)
	r := w.request("GET", pageA)
	r.HTTP.URL.Path = "//evil.test/x"
	d := w.config.Decide(w.state, r)
	if d.Verdict != Login {
		t.Fatal(d.Why)
	}
}

func FuzzRedirect(f *testing.F) {
	for _, seed := range []string{"/", "//evil.test", `/\evil.test`, "/%2f%5c/evil.test", "https://app.example.com/", "https://a@b/", "/\x00/x", "/%0a/evil.test", "https://evil.test%2f@app.example.com"} {
		f.Add(seed)
	}
	c := testConfig(f, appA())
	base, _ := url.Parse("https://" + hostA + "/y")
	f.Fuzz(func(t *testing.T, s string) {
		path := safePath(s)
		to, err := base.Parse(path)
		if err != nil || to.Host != hostA || to.Scheme != "https" || to.User != nil {
			t.Fatalf("safePath(%q) = %q leads to %v", s, path, to)
		}
		if strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t\x00 ") || safePath(path) != path {
			t.Fatalf("safePath(%q) = %q", s, path)
		}
		if target, ok := safeReturn(s, c.mayReturn); ok {
			u, err := url.Parse(target)
			if err != nil || !c.mayReturn(u.Hostname()) || u.User != nil || u.Scheme != "https" {
				t.Fatalf("safeReturn(%q) = %q", s, target)
			}
		}
	})
}
