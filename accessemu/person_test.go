package accessemu

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withPeople is a world of one who is admitted and one who is not.
func withPeople(t *testing.T) *world {
	w := newWorld(t)
	w.config = edit(t, w.config, func(x *Txn) {
		for _, p := range []Person{
			{Email: "Alice@example.com", Name: "Alice", Groups: []string{"admins", "on call"}, Claims: map[string]any{"level": 3.0}},
			{Email: "mallory@outside.test"},
		} {
			if err := x.PutPerson(p); err != nil {
				t.Fatal(err)
			}
		}
	})
	return w
}

// pick clicks a person on the login page, and answers the page that asks for the code.
func (b *browser) pick(email string, headers ...string) *reply {
	b.w.t.Helper()
	page := b.get(b.get(pageA).location())
	if page.StatusCode != http.StatusOK {
		b.w.t.Fatalf("login page: %d", page.StatusCode)
	}
	to := strings.Replace(page.Request.URL.String(), "/login/", "/verify-code/", 1)
	sent := b.do("POST", to, url.Values{"email": {email}, "person": {"1"}}, headers...)
	if sent.StatusCode != http.StatusFound {
		return sent
	}
	return b.follow(sent)
}

func filled(r *reply) string {
	_, rest, ok := strings.Cut(r.body, `required value="`)
	if !ok {
		return ""
	}
	code, _, _ := strings.Cut(rest, `"`)
	return code
}

func TestPickAPerson(t *testing.T) {
	w := withPeople(t)
	b := w.browser()
	page := b.get(b.get(pageA).location())
	for _, want := range []string{`value="alice@example.com"><strong>Alice</strong>`, "<em>on call</em>", `value="mallory@outside.test"`, `type="email"`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the login page lacks %s", want)
		}
	}
	code := b.pick("alice@example.com")
	nonce := code.Request.URL.Query().Get("nonce")
	if mailed, _ := w.state.OTP(alice, nonce); filled(code) != mailed || mailed == "" {
		t.Fatalf("filled in %q, mailed %q", filled(code), mailed)
	}
	if end := b.follow(b.follow(b.enter(nonce, filled(code)))); end.body != "origin" {
		t.Errorf("behind the login: %d %s", end.StatusCode, end.body)
	}
	// Used up, the page fills in nothing.
	if again := b.get(code.Request.URL.String()); filled(again) != "" {
		t.Error("a used code is filled in")
	}
}

func TestPickedIdentity(t *testing.T) {
	w := withPeople(t)
	b := w.browser()
	b.login(pageA, alice)
	body := b.get("https://" + hostA + "/cdn-cgi/access/get-identity").body
	for _, want := range []string{`"name":"Alice"`, `"groups":["admins","on call"]`, `"oidc_fields":{"level":3}`} {
		if !strings.Contains(body, want) {
			t.Errorf("the identity lacks %s: %s", want, body)
		}
	}
}

func TestPickOfWhoIsNotAdmitted(t *testing.T) {
	w := withPeople(t)
	var why Reason
	w.shape = func(r *Request) { r.Explain = func(x Reason) { why = x } }
	page := w.browser().pick("mallory@outside.test")
	if page.StatusCode != http.StatusOK || filled(page) != "" || !strings.Contains(page.body, "Enter your code") {
		t.Errorf("%d, filled in %q: not the page that everybody gets", page.StatusCode, filled(page))
	}
	if !strings.Contains(page.body, "does not admit mallory@outside.test") || !strings.Contains(why.Why, "does not admit mallory@outside.test") || why.ID == "" {
		t.Errorf("nobody is told why: %+v", why)
	}
	if len(w.state.Inbox()) != 0 {
		t.Error("a mail was sent")
	}
}

// TestNobodyElseIsShownThePeople holds for clients of other machines, whatever they send.
func TestNobodyElseIsShownThePeople(t *testing.T) {
	w := withPeople(t)
	w.shape = func(r *Request) { r.Reticent = true }
	for _, email := range []string{alice, "mallory@outside.test"} {
		b := w.browser()
		page := b.get(b.get(pageA).location())
		if strings.Contains(page.body, alice) || strings.Contains(page.body, "People of") {
			t.Error("the login page lists people")
		}
		if code := b.pick(email); filled(code) != "" || strings.Contains(code.body, "admit") {
			t.Errorf("%s: the page tells more than a stranger may know: %s", email, code.body)
		}
	}
}

// TestACodeIsFilledInForPickedPeopleOnly leaves who types an address to the inbox.
func TestACodeIsFilledInForPickedPeopleOnly(t *testing.T) {
	w := withPeople(t)
	if typed, _ := w.browser().ask(pageA, alice); filled(typed) != "" {
		t.Error("the code is filled in for a typed address")
	}
	if unknown := w.browser().pick("bob@example.com"); filled(unknown) != "" {
		t.Error("the code is filled in for who is not in the list")
	}
	b := w.browser()
	page := b.pick(alice)
	if other := w.browser().get(page.Request.URL.String()); other.StatusCode != 400 || filled(other) != "" {
		t.Errorf("another browser gets the page: %d", other.StatusCode)
	}
}

// TestPickFromAnotherSite is what a page that a developer visits must not do.
func TestPickFromAnotherSite(t *testing.T) {
	for _, header := range []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.test", "Origin: null"} {
		w := withPeople(t)
		if r := w.browser().pick(alice, header); r.StatusCode != http.StatusBadRequest || len(w.state.Inbox()) != 0 {
			t.Errorf("%s: %d, %d mails", header, r.StatusCode, len(w.state.Inbox()))
		}
	}
}

// TestResendVoidsOneLoginOnly: the older code of the same login is void, another
// login's for the same address stands.
func TestResendVoidsOneLoginOnly(t *testing.T) {
	w := newWorld(t)
	one, other := w.browser(), w.browser()
	_, nonce := one.ask(pageA, alice)
	_, otherNonce := other.ask(pageA, alice)
	first, _ := w.state.OTP(alice, nonce)
	stands, _ := w.state.OTP(alice, otherNonce)
	second := first
	for range 3 { // two codes may happen to be the same
		one.get("https://" + team + resendPath + "?nonce=" + nonce)
		if second, _ = w.state.OTP(alice, nonce); second != first {
			break
		}
	}
	if newest, _ := w.state.OTP(alice, ""); newest != second {
		t.Errorf("the newest code is %s, not %s", newest, second)
	}
	if again, _ := w.state.OTP(alice, otherNonce); again != stands {
		t.Errorf("the other login's code was %s and is %s", stands, again)
	}
	if r := one.enter(nonce, first); r.StatusCode != http.StatusForbidden {
		t.Errorf("the older code: %d", r.StatusCode)
	}
	for b, code := range map[*browser][2]string{one: {nonce, second}, other: {otherNonce, stands}} {
		if r := b.enter(code[0], code[1]); r.StatusCode != http.StatusFound {
			t.Errorf("code %s: %d", code[1], r.StatusCode)
		}
	}
}

// TestOwnLogins are the administrator's: any number, and none of them mailed.
func TestOwnLogins(t *testing.T) {
	w := newWorld(t)
	w.shape = func(r *Request) { r.Own = true }
	for range mailBurst + 5 {
		_, nonce := w.browser().ask(pageA, alice)
		if _, ok := w.state.OTP(alice, nonce); !ok {
			t.Fatal("no code")
		}
	}
	if _, ok := w.state.OTP(alice, ""); ok || len(w.state.Inbox()) != 0 {
		t.Error("a code was mailed")
	}
	_, nonce := w.browser().ask(pageA, "mallory@outside.test")
	if _, ok := w.state.OTP("mallory@outside.test", nonce); ok {
		t.Error("a code for who is not admitted")
	}
}

func TestPutPerson(t *testing.T) {
	for _, c := range []struct {
		person Person
		want   []string
	}{
		{Person{Email: "alice@example.com", Country: "DE", IDP: "onetimepin"}, nil},
		{Person{Email: "alice"}, []string{"email"}},
		{Person{Email: "a@b", Country: "de", IDP: "github", Groups: []string{""}}, []string{"country", "groups"}},
	} {
		var fields []string
		for _, e := range FieldErrors(testConfig(t).Txn().PutPerson(c.person)) {
			fields = append(fields, e.Field)
		}
		if diff := cmp.Diff(c.want, fields); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.person, diff)
		}
	}
}

func TestPeopleOfAConfig(t *testing.T) {
	c := edit(t, testConfig(t), func(x *Txn) {
		for i := range maxListed + 5 {
			if err := x.PutPerson(Person{Email: fmt.Sprintf("p%03d@example.com", i)}); err != nil {
				t.Fatal(err)
			}
		}
	})
	if list, more := c.listed(c.offers[0]); len(list) != maxListed || more != 5 || list[0].Email != "p000@example.com" {
		t.Errorf("%d are listed, %d more", len(list), more)
	}
	next := edit(t, c, func(x *Txn) { x.DeletePerson("P001@example.com") })
	if _, ok := next.Person("p001@example.com"); ok {
		t.Error("deleted and still there")
	}
	if _, ok := c.Person(" P001@EXAMPLE.com"); !ok {
		t.Error("the earlier config lost somebody")
	}
}
