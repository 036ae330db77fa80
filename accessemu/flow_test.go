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
