package accessemu

import (
	"strings"
	"testing"
)

func isTrue() *bool {
	v := true
	return &v
}

func TestAllowedIdentityProviders(t *testing.T) {
	w := newWorld(t)
	app := appA()
	app.AllowedIdPs = []string{"okta-main"}
	if err := commitApp(w.config, app); err == nil || FieldErrors(err)[0].Field != "allowed_idps[0]" || FieldErrors(err)[0].ID != "app-a" {
		t.Error(err)
	}
	for _, ref := range []string{"onetimepin", "One-time PIN", pinProvider(w.config.account)} {
		app.AllowedIdPs = []string{ref}
		w.put(app)
		if r := w.browser().login(pageA, alice); r.StatusCode != 200 {
			t.Errorf("%s: %d %s", ref, r.StatusCode, w.last.Why)
		}
	}
	other, _ := w.config.App("app-a")
	if other.admitsProvider(inGroup("okta-main")) || !other.admitsProvider(pinTraits(w.config.account)) {
		t.Error("allowed_idps admits the sign-in of another provider")
	}
	// Where there is any provider, the one-time PIN is there only when it is listed.
	x := w.config.Txn()
	if err := x.PutIdentityProvider(IdentityProvider{Name: "corp", Type: "oidc"}); err != nil {
		t.Fatal(err)
	}
	_, err := x.Commit()
	if err == nil || !strings.Contains(err.Error(), "allowed_idps[0]") || !strings.Contains(err.Error(), "corp") {
		t.Error(err)
	}
	if err := x.PutIdentityProvider(IdentityProvider{ID: pinProvider(w.config.account), Type: "onetimepin"}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Commit(); err != nil {
		t.Error(err)
	}
}

func commitApp(c *Config, app Application) error {
	x := c.Txn()
	if err := x.PutApp(app); err != nil {
		return err
	}
	_, err := x.Commit()
	return err
}

func TestAutoRedirectNeedsOneProvider(t *testing.T) {
	app := appA()
	app.AutoRedirectToIdentity = isTrue()
	w := newWorld(t, app)
	w.provide(IdentityProvider{ID: "corp", Name: "Corp", Type: "oidc"})
	b := w.browser()
	loginPage := b.get(pageA).location()
	if r := b.get(loginPage); r.StatusCode != 302 || !strings.HasPrefix(r.location(), "https://"+team+"/cdn-cgi/access/sundog-idp?state=") {
		t.Fatalf("%d %s", r.StatusCode, r.location())
	}
	// A second provider is a mistake of the application that leads on at once.
	x := w.config.Txn()
	if err := x.PutIdentityProvider(IdentityProvider{ID: "gh", Type: "github"}); err != nil {
		t.Fatal(err)
	}
	_, err := x.Commit()
	if err == nil || FieldErrors(err)[0].Field != "auto_redirect_to_identity" {
		t.Error(err)
	}
	// The organization's setting shows the choice where there is one.
	app.AutoRedirectToIdentity = nil
	w.put(app)
	w.put(Organization{AutoRedirectToIdentity: true})
	if r := b.get(loginPage); r.StatusCode != 302 {
		t.Errorf("organization: %d", r.StatusCode)
	}
	w.provide(IdentityProvider{ID: "gh", Type: "github"})
	if r := b.get(loginPage); r.StatusCode != 200 || strings.Count(r.body, "Sign in with <strong>") != 2 || strings.Contains(r.body, `name="email"`) {
		t.Errorf("two providers: %d %s", r.StatusCode, r.body)
	}
	if r := b.get(loginPage + "&idp=nothing"); r.StatusCode != 400 || !strings.Contains(r.body, "no way to sign in") {
		t.Errorf("idp=nothing: %d", r.StatusCode)
	}
	// After a sign-out the page is shown, or one would be signed in again at once.
	if r := b.get(loginPage + "%3F__cf_access_message%3Dlogged_out"); !strings.Contains(r.body, "You have been signed out") {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}
