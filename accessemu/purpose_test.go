package accessemu

import (
	"bytes"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

var purposeNonce = regexp.MustCompile(`name="nonce" value="([A-Za-z0-9]{43})"`)

// atPurpose goes through the login to the page that asks what for.
func (b *browser) atPurpose(email string) (page *reply, nonce string) {
	b.w.t.Helper()
	_, login := b.ask(pageA, email)
	code, _ := b.w.state.OTP(email, login)
	page = b.enter(login, code)
	found := purposeNonce.FindStringSubmatch(page.body)
	if page.StatusCode != 200 || found == nil || b.cookie(pageA, cookieAuthorization) != "" {
		b.w.t.Fatalf("want the page that asks what for: %d %s", page.StatusCode, page.body)
	}
	return page, found[1]
}

func (b *browser) justify(nonce, text string, headers ...string) *reply {
	return b.do("POST", "https://"+team+purposePath, url.Values{"nonce": {nonce}, "justification": {text}}, headers...)
}

func TestPurposeJustification(t *testing.T) {
	app := appA()
	app.SessionDuration = "1h"
	app.Policies[0].PurposeRequired, app.Policies[0].PurposePrompt = true, "Which <ticket>?"
	w := newWorld(t, app)
	var log bytes.Buffer
	w.state.log = slog.New(slog.NewTextHandler(&log, nil))
	b := w.browser()
	page, nonce := b.atPurpose(alice)
	if !strings.Contains(page.body, "Which &lt;ticket&gt;?") {
		t.Error(page.body)
	}
	if r := b.justify(nonce, "  "); r.StatusCode != 400 {
		t.Errorf("nothing: %d", r.StatusCode)
	}
	for name, r := range map[string]*reply{
		"another browser": w.browser().justify(nonce, "x"), "another site": b.justify(nonce, "x", "Origin: https://evil.test"),
		"made up": b.justify("made-up", "x"), "by a link": b.get("https://" + team + purposePath + "?nonce=" + nonce + "&justification=x"),
	} {
		if r.StatusCode != 400 && r.StatusCode != 405 {
			t.Errorf("%s: %d", name, r.StatusCode)
		}
	}
	done := b.follow(b.follow(b.justify(nonce, "TICKET-1")))
	if done.StatusCode != 200 || w.seen == nil {
		t.Fatalf("%d %s", done.StatusCode, w.last.Why)
	}
	if !strings.Contains(log.String(), "purpose=TICKET-1") || !strings.Contains(log.String(), "who="+alice) {
		t.Error(log.String())
	}
	if r := b.justify(nonce, "again"); r.StatusCode != 400 {
		t.Errorf("twice: %d", r.StatusCode)
	}
	// Once a session of the application: the next token asks again.
	w.clock.Add(2 * time.Hour)
	if r := b.follow(b.get(pageA)); !purposeNonce.MatchString(r.body) {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}

func TestPurposeIsNotPassedBy(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	pass := b.atAuthorized(pageA, alice)
	app := appA()
	app.Policies[0].PurposeRequired = true
	w.put(app)
	if r := b.get(pass); b.cookie(pageA, cookieAuthorization) != "" || r.location() != pageA {
		t.Errorf("a pass from before the policy asked sets the cookie: %d %q", r.StatusCode, r.location())
	}
	app.Policies[0].Decision = "deny"
	if err := w.config.Txn().PutApp(app); err == nil || FieldErrors(err)[0].Field != "policies[0].purpose_justification_required" {
		t.Error(err)
	}
}
