package accessemu

import (
	"net/netip"
	"strings"
	"testing"
)

func TestLists(t *testing.T) {
	w := newWorld(t)
	app := appA()
	app.Policies = []PolicyRef{policyOf("bypass", "office", IPListRule{"offices"}), allow("staff", EmailListRule{"l-people"})}
	w.put(List{ID: "l-people", Name: "people", Type: "EMAIL", Items: []ListItem{{Value: "Alice@example.com"}}},
		List{Name: "offices", Type: "IP", Items: []ListItem{{Value: "198.51.100.7"}, {Value: "2001:db8::/32"}}}, app)
	if r := w.browser().get(pageA, "Cf-Access-Token: "+w.token(alice)); r.StatusCode != 200 {
		t.Error(w.last.Why)
	}
	if r := w.browser().get(pageA, "Cf-Access-Token: "+w.token("bob@example.com")); r.StatusCode != 302 || !strings.Contains(w.last.Why, `an e-mail address of the list "l-people"`) {
		t.Error(w.last.Why)
	}
	for _, ip := range []string{"198.51.100.7", "2001:db8::1"} {
		w.client.IP = netip.MustParseAddr(ip)
		if r := w.browser().get(pageA); r.StatusCode != 200 || w.last.Verdict != Bypass {
			t.Error(w.last.Why)
		}
	}
	w.put(List{Name: "offices", Type: "IP", Items: nil})
	if r := w.browser().get(pageA); r.StatusCode != 302 {
		t.Error("an edited list is not seen")
	}
	app.Policies = []PolicyRef{allow("x", EmailListRule{"offices"}, IPListRule{"nowhere"})}
	got := w.fails(func(x *Txn) { _ = x.PutApp(app) })
	if len(got) != 2 || !strings.Contains(got[0].Found, "a list of the type IP") || got[1].Field != "policies[0].include[1].ip_list.id" {
		t.Errorf("%v", got)
	}
	err := w.config.Txn().PutList(List{Name: "x", Type: "IP", Items: []ListItem{{Value: "x"}}})
	if e := FieldErrors(err); len(e) != 1 || e[0].Field != "items[0].value" {
		t.Error(err)
	}
	if err := w.config.Txn().PutList(List{Name: "x", Type: "EMIAL"}); !strings.Contains(err.Error(), `did you mean "EMAIL"?`) {
		t.Error(err)
	}
}
