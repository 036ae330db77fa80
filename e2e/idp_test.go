package e2e

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/world"
)

// withProviders is the bundled example with identity providers and people.
func withProviders(t *testing.T) *laptop {
	t.Helper()
	const dir = "../testdata/dual-endpoint"
	text, err := os.ReadFile(dir + "/sundog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Parse("sundog.yaml", append(text, people...), dir)
	if err != nil {
		t.Fatal(err)
	}
	l := startWorld(t, w, edge.WithOrigin(origin, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><title>origin</title><h1 id="who">%s</h1>`, r.Header.Get("Cf-Access-Authenticated-User-Email"))
	})))
	for _, doc := range []accessemu.IdentityProvider{
		{ID: "corp", Name: "Corp", Type: "oidc"}, {ID: "hub", Name: "GitHub of Acme", Type: "github"}, {ID: "pin", Type: "onetimepin"},
	} {
		made, err := world.NewDocument(doc)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.edge.Edit(world.Edit{Put: made}); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// TestLogInByAProvider picks a provider, and on its page somebody; without a script on either.
func TestLogInByAProvider(t *testing.T) {
	l := withProviders(t)
	l.do(t, chromedp.Navigate("https://myservice.example.com/"), chromedp.WaitVisible(`a[href*="idp=corp"]`))
	l.shot(t, "idp-choices")
	l.do(t, chromedp.Click(`a[href*="idp=corp"]`), chromedp.WaitVisible(`#claims`))
	l.shot(t, "idp-own-page")
	l.do(t, chromedp.Click(`button[value="alice@example.com"]`), chromedp.WaitVisible("#who"))
	if who := l.text(t, "#who"); who != "alice@example.com" {
		t.Errorf("the origin saw %q", who)
	}
}

// TestAProviderThatRefuses shows why, on this computer.
func TestAProviderThatRefuses(t *testing.T) {
	l := withProviders(t)
	l.do(t, chromedp.Navigate("https://myservice.example.com/"), chromedp.WaitVisible(`a[href*="idp=corp"]`),
		chromedp.Click(`a[href*="idp=hub"]`), chromedp.WaitVisible(`#claims`),
		chromedp.Click(`button[value="access_denied"]`), chromedp.WaitVisible(`[role="status"]`))
	l.shot(t, "idp-refused")
}
