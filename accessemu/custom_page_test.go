package accessemu

import (
	"strings"
	"testing"
)

func TestCustomPages(t *testing.T) {
	page := func(name, kind string) CustomPage {
		return CustomPage{Name: name, Type: kind, HTML: "<h1>" + name + "</h1>"}
	}
	app := appA()
	app.Policies = []PolicyRef{allow("bob", EmailRule{"bob@example.com"})}
	app.Policies[0].Require = rulesOf(GeoRule{"DE"})
	w := newWorld(t)
	w.put(page("ours", pageForbidden), page("theirs", pageDenied), page("all", pageForbidden), Organization{CustomPages: &OrganizationPages{Forbidden: "all"}})
	app.CustomPages = []string{"theirs"}
	b := w.browser()
	b.login(pageA, alice)
	w.put(app)
	r := b.follow(b.get(pageA))
	if r.StatusCode != 403 || r.body != "<h1>theirs</h1>" || r.Header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
	w.client.Country = "FR"
	if r := b.get(pageA); r.StatusCode != 403 || r.body != "<h1>all</h1>" || r.Header.Get("Cf-Access-Aud") == "" {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
	if r := b.get(pageA, "Accept: application/json"); !strings.HasPrefix(r.body, "{") {
		t.Error(r.body)
	}
	app.CustomPages = []string{"theirs", "ours"}
	w.put(app)
	if r := b.get(pageA); r.body != "<h1>ours</h1>" {
		t.Error(r.body)
	}
	w.put(CustomPage{Name: "ours", Type: pageForbidden, HTML: "new"})
	if r := b.get(pageA); r.body != "new" {
		t.Error("an edited page is not seen")
	}
	app.CustomPages = []string{"ours", "all", "nowhere"}
	if got := w.fails(func(x *Txn) { _ = x.PutApp(app) }); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if got := w.fails(func(x *Txn) {
		_ = x.SetOrganization(Organization{CustomPages: &OrganizationPages{Forbidden: "theirs", IdentityDenied: "x"}})
	}); len(got) != 2 || got[0].Kind != "organization" {
		t.Errorf("%v", got)
	}
	if err := w.config.Txn().PutCustomPage(CustomPage{Type: "forbiden"}); len(FieldErrors(err)) != 3 {
		t.Error(err)
	}
}
