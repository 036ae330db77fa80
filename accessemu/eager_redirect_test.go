package accessemu

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// manyHosts is app A on three hosts and a wildcard.
func manyHosts() Application {
	app := appA()
	app.Destinations = []Destination{{URI: hostA}, {URI: "b.example.com/admin"}, {URI: "*.wild.example.com"}, {URI: "c.example.com"}, {URI: "b.example.com/other"}}
	return app
}

// walk follows redirects of a login to its end, and lists where they led.
func (b *browser) walk(r *reply) (hosts []string, last *reply) {
	b.w.t.Helper()
	for range 20 {
		if r.StatusCode != 302 {
			return hosts, r
		}
		r = b.follow(r)
		at := r.Request.URL.Host + " " + strings.TrimPrefix(r.Request.URL.Path, "/cdn-cgi/access/")
		hosts = append(hosts, strings.TrimPrefix(at, team+" "))
	}
	b.w.t.Fatalf("redirects in a circle: %v", hosts)
	return nil, nil
}

func (b *browser) pinned(target, email string) *reply {
	b.w.t.Helper()
	_, nonce := b.ask(target, email)
	code, ok := b.w.state.OTP(email, nonce)
	if !ok {
		b.w.t.Fatal("no PIN")
	}
	return b.enter(nonce, code)
}

func TestEagerRedirect(t *testing.T) {
	w := newWorld(t, manyHosts())
	b := w.browser()
	hosts, last := b.walk(b.pinned(pageA, alice))
	want := []string{
		hostA + " authorized",
		"b.example.com authorized", "login/b.example.com", "b.example.com authorized",
		"c.example.com authorized", "login/c.example.com", "c.example.com authorized",
		hostA + " " + strings.TrimPrefix(pageA, "https://"+hostA),
	}
	if diff := cmp.Diff(want, hosts); diff != "" || last.body != "origin" {
		t.Errorf("%s%d", diff, last.StatusCode)
	}
	for _, page := range []string{"https://b.example.com/admin", "https://c.example.com/"} {
		if r := b.get(page); r.StatusCode != 200 {
			t.Errorf("%s: %d", page, r.StatusCode)
		}
	}
	// It is of a first login only: later ones are silent, and short.
	c := b.get("https://x.wild.example.com/")
	if hosts, _ := b.walk(c); len(hosts) != 3 {
		t.Errorf("a wildcard's host, later: %v", hosts)
	}
}

func TestEagerRedirectSetting(t *testing.T) {
	off, on := false, true
	six := manyHosts()
	six.Destinations = append(six.Destinations, Destination{URI: "d.example.com"})
	for name, tt := range map[string]struct {
		app     Application
		setting *bool
		hosts   int
	}{
		"off": {manyHosts(), &off, 2}, "six, not said": {six, nil, 2}, "six, on": {six, &on, 11}, "one": {appA(), &on, 2},
	} {
		tt.app.EagerRedirect = tt.setting
		w := newWorld(t, tt.app)
		b := w.browser()
		if hosts, last := b.walk(b.pinned(pageA, alice)); len(hosts) != tt.hosts || last.body != "origin" {
			t.Errorf("%s: %v", name, hosts)
		}
	}
}

// TestEagerRedirectSignsNobodyIn: whoever is sent to a stop of somebody else's tour stays who they are.
func TestEagerRedirectSignsNobodyIn(t *testing.T) {
	w := newWorld(t, manyHosts())
	attacker, victim := w.browser(), w.browser()
	next := attacker.follow(attacker.pinned(pageA, alice)).location()
	if !strings.HasPrefix(next, "https://b.example.com/cdn-cgi/access/authorized?nonce=") {
		t.Fatal(next)
	}
	r := victim.get(next)
	if hosts, last := victim.walk(r); last.StatusCode != 200 || !strings.Contains(last.body, `name="email"`) || victim.cookie("https://b.example.com/", cookieAuthorization) != "" {
		t.Errorf("%v %d", hosts, last.StatusCode)
	}
	if r := attacker.get(next); r.StatusCode != 400 {
		t.Errorf("a stop works twice: %d", r.StatusCode)
	}
	attacker = w.browser()
	moved := strings.Replace(attacker.follow(attacker.pinned(pageA, "bob@example.com")).location(), "b.example.com", "c.example.com", 1)
	if r := attacker.get(moved); r.StatusCode != 400 {
		t.Errorf("a stop of another host: %d", r.StatusCode)
	}
}
