package accessemu

import (
	"net/http"
	"strings"
	"testing"
)

// FuzzCarriers sends anything in every place where Access looks for a credential.
// Nothing but the pair itself gets in, and nothing panics.
func FuzzCarriers(f *testing.F) {
	for _, seed := range []string{
		"", "{", "{}", `{"cf-access-client-id":"x","cf-access-client-secret":"y"}`, clientK, secretK, "ey.ey.ey", "CF_Authorization=x; CF_Authorization=y",
		strings.Repeat("{\"a\":", 600), strings.Repeat(".", 3), "\x00", `{"cf-access-client-id":["` + clientK + `"]}`,
	} {
		f.Add(seed, seed)
	}
	w := newWorld(f)
	app := appS()
	app.ServiceTokensHeader = "X-Service"
	app.EnableBindingCookie = true
	w.put(tokenK(), app)
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.Contains(a+b, secretK) && strings.Contains(a+b, clientK) {
			t.Skip("the pair itself")
		}
		r := w.request("GET", pageS)
		r.HTTP.Header = http.Header{
			headerClientID: {a}, headerSecret: {b}, "X-Service": {b}, headerToken: {a}, headerAssertion: {b},
			"Cookie": {a, "CF_Authorization=" + b, cookieBinding + "=" + a},
		}
		d := w.config.Decide(w.state, r)
		if d.Verdict != Forbidden || d.ServiceToken != "" {
			t.Errorf("%v: %s", d.Verdict, d.Why)
		}
		delete(r.HTTP.Header, headerClientID)
		delete(r.HTTP.Header, headerSecret)
		if d := w.config.Decide(w.state, r); d.Verdict != Forbidden {
			t.Errorf("%v: %s", d.Verdict, d.Why)
		}
	})
}
