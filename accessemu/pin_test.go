package accessemu

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	pageA = "https://" + hostA + "/"
	alice = "alice@example.com"
)

func wrong(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestPINBruteForce(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	_, nonce := b.ask(pageA, alice)
	code, _ := w.state.OTP(alice, nonce)
	for i := range maxTries {
		r := b.enter(nonce, wrong(code))
		if r.StatusCode != 403 || !strings.Contains(r.body, noAccess) {
			t.Fatalf("try %d: %d", i, r.StatusCode)
		}
		if again := strings.Contains(r.body, "Try the code again"); again != (i < maxTries-1) {
			t.Errorf("try %d: a form to try again: %t", i, again)
		}
	}
	if r := b.enter(nonce, code); r.StatusCode != 403 || !strings.Contains(r.body, "Too many wrong codes") {
		t.Errorf("the right code after five wrong ones: %d %s", r.StatusCode, r.body)
	}
	if _, ok := w.state.OTP(alice, nonce); ok {
		t.Error("OTP still answers the dead code")
	}
	b.get("https://" + team + resendPath + "?nonce=" + nonce)
	if r := b.enter(nonce, code); r.StatusCode != 403 || !strings.Contains(r.body, "Too many wrong codes") {
		t.Error("resending revived the login")
	}
}

func TestPINConcurrentUseIsOnce(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	_, nonce := b.ask(pageA, alice)
	code, _ := w.state.OTP(alice, nonce)
	browser := b.cookie("https://"+team+"/", cookieSession)
	var wg sync.WaitGroup
	results := make([]checked, 20)
	for i := range results {
		wg.Go(func() { _, results[i] = w.state.checkCode(nonce, code, "", browser, false) })
	}
	wg.Wait()
	right := 0
	for _, r := range results {
		if r == codeRight {
			right++
		}
	}
	if right != 1 {
		t.Errorf("the code worked %d times", right)
	}
}

// TestNotAllowedLooksTheSame compares everything a visitor can see, step by step.
func TestNotAllowedLooksTheSame(t *testing.T) {
	steps := func(email string) []string {
		w := newWorld(t)
		b := w.browser()
		random := regexp.MustCompile(`nonce(=|-|&#43;|" value=")?"?[A-Za-z0-9+/&#;]{22,}|eyJ[A-Za-z0-9_.-]+|n[A-Za-z0-9]{16}|Expires=[^;]+`)
		show := func(r *reply) string {
			h := fmt.Sprint(r.StatusCode, r.Header, r.body)
			return random.ReplaceAllString(strings.ReplaceAll(h, email, "EMAIL"), "RANDOM")
		}
		page, nonce := b.ask(pageA, email)
		list := []string{show(page)}
		for range maxTries + 1 {
			list = append(list, show(b.enter(nonce, "x")))
		}
		_, nonce = b.ask(pageA, email)
		list = append(list, show(b.get("https://"+team+resendPath+"?nonce="+nonce)))
		w.clock.Add(lifePIN)
		list = append(list, show(b.enter(nonce, "x")))
		for range maxWrong/maxTries + 1 {
			_, nonce = b.ask(pageA, email)
			for range maxTries {
				list = append(list, show(b.enter(nonce, "x")))
			}
			list = append(list, show(b.get("https://"+team+resendPath+"?nonce="+nonce)), show(b.get("https://"+team+resendPath+"?nonce="+nonce, "Accept: text/html")))
		}
		for _, d := range []time.Duration{lifePIN, lifeLogin - lifePIN - 1, 1} {
			w.clock.Add(d)
			list = append(list, show(b.enter(nonce, "x")), show(b.get("https://"+team+resendPath+"?nonce=made-up")))
		}
		return list
	}
	yes, no := steps("alice@example.com"), steps("carol@example.net")
	if diff := cmp.Diff(yes, no); diff != "" {
		t.Error(diff)
	}
}

func TestNotAllowedIsNeverRight(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	_, nonce := b.ask(pageA, "mallory@evil.test")
	l, _ := w.state.logins.get(nonce)
	if r := b.enter(nonce, l.code); r.StatusCode != 403 || b.cookie("https://"+team+"/", cookieAuthorization) != "" {
		t.Errorf("the code that nobody was told works: %d", r.StatusCode)
	}
}

func TestResendVoidsTheOlderPINOfTheSameLogin(t *testing.T) {
	w := newWorld(t)
	one, two := w.browser(), w.browser()
	_, first := one.ask(pageA, alice)
	_, second := two.ask(pageA, alice)
	old, _ := w.state.OTP(alice, first)
	other, _ := w.state.OTP(alice, second)
	if r := one.get("https://" + team + resendPath + "?nonce=" + first); r.StatusCode != 200 {
		t.Fatalf("resend: %d", r.StatusCode)
	}
	fresh, _ := w.state.OTP(alice, first)
	if fresh == old {
		t.Skip("one chance in a million: the same code was drawn again")
	}
	if r := one.enter(first, old); r.StatusCode != 403 {
		t.Errorf("the older code: %d", r.StatusCode)
	}
	if r := one.enter(first, fresh); r.StatusCode != 302 {
		t.Errorf("the newer code: %d", r.StatusCode)
	}
	if r := two.enter(second, other); r.StatusCode != 302 {
		t.Errorf("another login's code: %d", r.StatusCode)
	}
	three := w.browser()
	_, third := three.ask(pageA, alice)
	if r := three.get("https://"+team+resendPath+"?nonce="+third, "Accept: text/html"); r.StatusCode != 302 || !strings.Contains(r.location(), "nonce="+third) {
		t.Errorf("resend by a link: %d %q", r.StatusCode, r.location())
	}
}

func TestMailLink(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	_, nonce := b.ask(pageA, alice)
	m := w.state.Inbox()[0]
	if m.From != sender || m.To != alice || !strings.Contains(m.Subject, hostA) || !strings.Contains(m.Text, m.Code) || !strings.Contains(m.Text, m.Link) {
		t.Errorf("%+v", m)
	}
	if !regexp.MustCompile(`^https://` + team + `/cdn-cgi/access/callback\?nonce=` + nonce + `&code=[0-9]{6}&secret=[A-Za-z0-9]{32}$`).MatchString(m.Link) {
		t.Error(m.Link)
	}
	if r := b.get(m.Link[:len(m.Link)-1] + "-"); r.StatusCode != 403 {
		t.Errorf("link with another secret: %d", r.StatusCode)
	}
	if r := b.follow(b.get(m.Link)); !strings.HasPrefix(r.location(), pageA) {
		t.Errorf("%d %q", r.StatusCode, r.location())
	}
}

func TestMailLinkFromElsewhereIsUsedUp(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	_, nonce := b.ask(pageA, alice)
	m := w.state.Inbox()[0]
	if r := w.browser().get(m.Link); r.StatusCode != 400 || len(r.Cookies()) != 0 {
		t.Errorf("a mail scanner gets %d %v", r.StatusCode, r.Cookies())
	}
	if r := b.enter(nonce, m.Code); !strings.Contains(r.body, "already been used") {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}

// TestLoginCSRF pushes the attacker's own sign-in on somebody else.
func TestLoginCSRF(t *testing.T) {
	w := newWorld(t)
	attacker, victim := w.browser(), w.browser()
	victim.ask(pageA, alice)
	_, nonce := attacker.ask(pageA, "mallory@example.com")
	code, _ := w.state.OTP("mallory@example.com", nonce)
	if r := victim.enter(nonce, code); r.StatusCode != 400 || victim.cookie("https://"+team+"/", cookieAuthorization) != "" {
		t.Errorf("callback: %d", r.StatusCode)
	}
	sent := attacker.enter(nonce, code)
	if r := victim.get(sent.location()); r.StatusCode != 400 || victim.cookie(pageA, cookieAuthorization) != "" {
		t.Errorf("authorized: %d", r.StatusCode)
	}
	for _, header := range []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.test", "Origin: null"} {
		form := url.Values{"email": {alice}, "code": {code}, "nonce": {nonce}}
		for _, path := range []string{callbackPath, strings.TrimPrefix(strings.Replace(attacker.get(pageA).location(), "/login/", "/verify-code/", 1), "https://"+team)} {
			if r := victim.do("POST", "https://"+team+path, form, header); r.StatusCode != 400 {
				t.Errorf("%s from %s: %d", path, header, r.StatusCode)
			}
		}
	}
}

func TestVerifyCodeWithoutTheLoginPage(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	to := strings.Replace(b.get(pageA).location(), "/login/", "/verify-code/", 1)
	r := b.do("POST", to, url.Values{"email": {alice}, "client_id": {""}, "redirect_url": {"/"}})
	if want := strings.TrimPrefix(to, "https://"+team) + "&nonce="; r.StatusCode != 302 || !strings.HasPrefix(r.location(), want) {
		t.Fatalf("%d %q, want %q…", r.StatusCode, r.location(), want)
	}
	nonce := b.follow(r).Request.URL.Query().Get("nonce")
	code, _ := w.state.OTP(alice, nonce)
	if r := b.follow(b.follow(b.enter(nonce, code[:3]+" "+code[3:]))); r.body != "origin" {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}

func TestLoginWithoutMeta(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	app, _ := w.config.App("app-a")
	query := "?kid=" + app.AUD + "&redirect_url=%2Fx"
	r := b.do("POST", "https://"+team+verifyPath+hostA+query, url.Values{"email": {alice}})
	nonce := b.follow(r).Request.URL.Query().Get("nonce")
	code, _ := w.state.OTP(alice, nonce)
	r = b.enter(nonce, code)
	if r.location() != "https://"+hostA+"/x" {
		t.Fatalf("want the application's own page, got %q", r.location())
	}
	for range 4 {
		r = b.follow(r)
	}
	if r.body != "origin" {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}

func TestUnknownApplicationAtLogin(t *testing.T) {
	w := newWorld(t)
	app, _ := w.config.App("app-a")
	for _, target := range []string{
		hostA + "?kid=" + strings.Repeat("0", 64),
		"evil.test?kid=" + app.AUD,
		hostA,
		hostA + "/x?kid=" + app.AUD,
		"%0d%0aSet-Cookie:x?kid=" + app.AUD,
	} {
		if r := w.serve("GET", "https://"+team+loginPath+target, nil); r.StatusCode != 404 {
			t.Errorf("%s: %d", target, r.StatusCode)
		}
	}
}

func TestMailLimit(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	to := strings.Replace(b.get(pageA).location(), "/login/", "/verify-code/", 1)
	for _, email := range []string{alice, "carol@example.net"} {
		ask := func() int { return b.do("POST", to, url.Values{"email": {email}}).StatusCode }
		for i := range mailBurst {
			if got := ask(); got != 302 {
				t.Fatalf("%s, mail %d: %d", email, i, got)
			}
		}
		if got := ask(); got != 429 {
			t.Errorf("%s, one more: %d", email, got)
		}
		w.clock.Add(mailEvery)
		if got := ask(); got != 302 {
			t.Errorf("%s, a second later: %d", email, got)
		}
	}
}

func TestBadAddress(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	to := strings.Replace(b.get(pageA).location(), "/login/", "/verify-code/", 1)
	for _, email := range []string{"", "alice", "@example.com", "a@b@", "a\r\nBcc: x@example.com", `"><script>@example.com`, strings.Repeat("a", 300) + "@example.com"} {
		if r := b.do("POST", to, url.Values{"email": {email}}); r.StatusCode != 400 || strings.Contains(r.body, "<script>") {
			t.Errorf("%q: %d", email, r.StatusCode)
		}
	}
}

func TestWaitOTP(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	got := make(chan string)
	go func() {
		code, _ := w.state.WaitOTP(ctx, "ALICE@example.com", "")
		got <- code
	}()
	_, nonce := w.browser().ask(pageA, alice)
	code, _ := w.state.OTP(alice, nonce)
	if waited := <-got; waited != code || code == "" {
		t.Errorf("WaitOTP = %q, OTP = %q", waited, code)
	}
	stop := errors.New("stop")
	cancel(stop)
	if _, err := w.state.WaitOTP(ctx, "nobody@example.com", ""); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
}

func TestMailOption(t *testing.T) {
	mails := make(chan Mail, 1)
	w := newWorld(t)
	s := NewState(StateOptions{Now: w.clock.Now, Keys: w.state.ring.source, Mail: func(m Mail) { mails <- m }})
	defer s.Close()
	w.state = s
	w.browser().ask(pageA, alice)
	select {
	case m := <-mails:
		if m.To != alice {
			t.Errorf("%+v", m)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the option was not called")
	}
}

func TestLoginsAreBounded(t *testing.T) {
	w := newWorld(t)
	w.state.logins.most = 3
	b := w.browser()
	_, first := b.ask(pageA, alice)
	for i := range 3 {
		b.ask(pageA, fmt.Sprintf("user%d@example.com", i))
	}
	if len(w.state.logins.entries) != 3 {
		t.Errorf("%d logins", len(w.state.logins.entries))
	}
	if r := b.enter(first, "123456"); r.StatusCode != http.StatusBadRequest {
		t.Errorf("the evicted login: %d", r.StatusCode)
	}
}
