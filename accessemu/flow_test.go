package accessemu

import (
	"strings"
	"testing"
)

func TestHumanFlow(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	last := b.login("https://"+hostA+"/ws/room1?x=1&y=%20", "Alice@example.com")
	if last.StatusCode != 200 || last.body != "origin" {
		t.Fatalf("after the login: %d %s", last.StatusCode, last.body)
	}
	if got := last.Request.URL.String(); got != "https://"+hostA+"/ws/room1?x=1&y=%20" {
		t.Errorf("came back to %s", got)
	}
	if got := w.seen.Header.Get(headerEmail); got != "alice@example.com" {
		t.Errorf("%s = %q", headerEmail, got)
	}
	if got, want := w.seen.Header.Get(headerAssertion), b.cookie("https://"+hostA+"/", cookieAuthorization); got != want || got == "" {
		t.Errorf("%s is %q, the cookie %q", headerAssertion, got, want)
	}
	if !strings.Contains(w.seen.Header.Get("Cookie"), cookieAuthorization+"=") {
		t.Error("the origin does not see the cookie")
	}
	if w.last.Verdict != Forward || w.last.Policy != "staff" || w.last.Field != "policies[0]" {
		t.Errorf("decision %+v", w.last)
	}
}

// TestOriginSeesTheAcceptedCookie sends others beside it: an origin that reads
// the cookie must not find another person than the headers name.
func TestOriginSeesTheAcceptedCookie(t *testing.T) {
	w := newWorld(t)
	own := w.token(alice)
	for name, headers := range map[string][]string{
		"beside a forged one":   {"Cookie: CF_Authorization=forged; a=b; CF_Authorization=" + own},
		"in front of one":       {"Cookie: CF_Authorization=" + own + "; a=b", "Cookie: CF_Authorization=forged"},
		"token in a header":     {"Cf-Access-Token: " + own, "Cookie: CF_Authorization=" + w.token("mallory@example.com") + "; a=b"},
		"a space in the name":   {"Cookie: CF_Authorization=" + own + "; CF_Authorization =forged; a=b"},
		"another token of hers": {"Cookie: CF_Authorization=" + own + "; a=b; CF_Authorization=" + w.token(alice)},
	} {
		r := w.serve("GET", pageA, nil, headers...)
		if r.StatusCode != 200 {
			t.Fatalf("%s: %d %s", name, r.StatusCode, w.last.Why)
		}
		var got []string
		for _, c := range w.seen.Cookies() {
			if c.Name == cookieAuthorization {
				got = append(got, c.Value)
			}
		}
		if len(got) != 1 || got[0] != own || got[0] != w.seen.Header.Get(headerAssertion) || !strings.Contains(w.seen.Header.Get("Cookie"), "a=b") {
			t.Errorf("%s: the origin sees %q", name, w.seen.Header["Cookie"])
		}
	}
}
