package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/world"
)

// people are added to the bundled example.
const people = `
people:
  - {email: alice@example.com, name: Alice Abernathy, groups: [admins, on call]}
  - {email: bob@example.com, name: Bob}
  - {email: mallory@outside.test}
`

func withPeople(t *testing.T) *laptop {
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
	return startWorld(t, w, edge.WithOrigin(origin, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><title>origin</title><h1 id="who">%s</h1>`, r.Header.Get("Cf-Access-Authenticated-User-Email"))
	})))
}

// TestLogInWithTwoClicks types nothing: a person, and the button under the PIN that is filled in.
func TestLogInWithTwoClicks(t *testing.T) {
	l := withPeople(t)
	l.do(t, chromedp.Navigate("https://myservice.example.com/"), chromedp.WaitVisible(`button[value="alice@example.com"]`))
	l.shot(t, "people")
	l.do(t, chromedp.Click(`button[value="alice@example.com"]`), chromedp.WaitVisible(`input[name="code"]`))
	l.shot(t, "people-pin")
	l.do(t, chromedp.Click(`form button[type="submit"]`), chromedp.WaitVisible("#who"))
	if who := l.text(t, "#who"); who != "alice@example.com" {
		t.Errorf("the origin saw %q", who)
	}
}

// TestAClickOfWhoIsNotAdmitted leads to the page that everybody gets, with the reason on it.
func TestAClickOfWhoIsNotAdmitted(t *testing.T) {
	l := withPeople(t)
	l.do(t, chromedp.Navigate("https://myservice.example.com/"), chromedp.WaitVisible(`button[value="mallory@outside.test"]`),
		chromedp.Click(`button[value="mallory@outside.test"]`), chromedp.WaitVisible(`input[name="code"]`))
	if text := l.text(t, `[role="status"]`); !strings.Contains(text, "does not admit mallory@outside.test") {
		t.Errorf("the page says %q", text)
	}
	l.shot(t, "people-not-admitted")
}
