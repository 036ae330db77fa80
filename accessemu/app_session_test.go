package accessemu

import (
	"net/url"
	"strings"
	"testing"
)

// plant puts a cookie into the jar as a page of a parent domain would.
func (b *browser) plant(name, value string) {
	b.w.t.Helper()
	b.Jar.SetCookies(&url.URL{Scheme: "https", Host: "evil.example.com"}, parseCookies(name+"="+value+"; Domain=example.com; Path=/; Secure"))
}

func TestAppSessionIsMadeHere(t *testing.T) {
	w := newWorld(t, twoHosts())
	ours := w.browser()
	ours.get(pageA)
	other := w.browser()
	other.get("https://other.example.com/")
	for name, c := range map[string]struct {
		value string
		kept  bool
	}{
		"ours":           {ours.cookie(pageA, cookieAppSession), true},
		"another host's": {other.cookie("https://other.example.com/", cookieAppSession), false},
		"made up":        {"n0123456789abcdef", false},
		"no form":        {"x", false},
	} {
		r := w.serve("GET", pageA, nil, "Cookie: CF_AppSession="+c.value)
		got := r.Cookies()[0].Value
		if (got == c.value) != c.kept || !validSession(got, hexDigits) {
			t.Errorf("%s: %q becomes %q", name, c.value, got)
		}
	}
}

// TestPlantedAppSession pushes the attacker's sign-in on a browser in which a
// sibling host put the attacker's value.
func TestPlantedAppSession(t *testing.T) {
	const value = "n0123456789abcdef"
	w := newWorld(t)
	attacker, victim := w.browser(), w.browser()
	attacker.plant(cookieAppSession, value)
	victim.plant(cookieAppSession, value)
	_, nonce := attacker.ask(pageA, "mallory@example.com")
	code, _ := w.state.OTP("mallory@example.com", nonce)
	if r := victim.get(attacker.enter(nonce, code).location()); r.StatusCode != 400 || victim.cookie(pageA, cookieAuthorization) != "" {
		t.Errorf("the victim is signed in: %d", r.StatusCode)
	}
}

// TestPassShownElsewhereIsBurnt: the browser that it was for cannot use it
// after that, either.
func TestPassShownElsewhereIsBurnt(t *testing.T) {
	for name, show := range map[string]func(w *world, pass string){
		"another browser": func(w *world, pass string) {
			b := w.browser()
			b.get(pageA)
			b.get(pass)
		},
		"no cookie":    func(w *world, pass string) { w.serve("GET", pass, nil) },
		"another host": func(w *world, pass string) { w.serve("GET", strings.Replace(pass, hostA, "other.example.com", 1), nil) },
		"two cookies": func(w *world, pass string) {
			w.serve("GET", pass, nil, "Cookie: CF_AppSession=n0123456789abcdef; CF_AppSession=n0123456789abcdee")
		},
		"state left out": func(w *world, pass string) { w.serve("GET", pass[:strings.Index(pass, "&state=")], nil) },
	} {
		w := newWorld(t, twoHosts())
		b := w.browser()
		pass := b.atAuthorized(pageA, alice)
		show(w, pass)
		if r := b.get(pass); r.StatusCode != 400 || b.cookie(pageA, cookieAuthorization) != "" {
			t.Errorf("%s: the pass still works: %d", name, r.StatusCode)
		}
	}
}
