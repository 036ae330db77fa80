package accessemu

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPrepare(t *testing.T) {
	app := appA()
	app.ServiceTokensHeader = "x-service"
	w := newWorld(t, app)
	token := w.token(alice)
	forward := w.config.Decide(w.state, w.request("GET", pageA, headerToken, token))
	none := w.config.Decide(w.state, w.request("GET", "https://other.example.com/"))
	for _, c := range []struct {
		name     string
		d        Decision
		in, want http.Header
	}{
		{"forward", forward, http.Header{}, http.Header{headerAssertion: {token}, headerEmail: {alice}}},
		{"client's own", none,
			http.Header{"Cf-Access-Jwt-Assertion": {"x"}, "Cf-Access-Authenticated-User-Email": {"boss"}, "Cf-Access-Client-Secret": {"s"}, "Cf-Access-Anything": {"x"}, "Cf-Access-Jump-Destination": {"d"}, "Cf-Ray": {"r"}},
			http.Header{"Cf-Access-Jump-Destination": {"d"}, "Cf-Ray": {"r"}}},
		{"odd spellings", none,
			http.Header{"cf-access-jwt-assertion": {"x"}, "CF_ACCESS_JWT_ASSERTION": {"x"}, "Cf-Access_Authenticated-User_Email": {"x"}, "Cf.Access.Jwt.Assertion": {"x"}, "cf~access!jump-destination": {"x"}, "Cf-Accessory": {"kept"}},
			http.Header{"Cf-Accessory": {"kept"}}},
		{"connection", forward,
			http.Header{"Connection": {"keep-alive, Cf-Access-Jwt-Assertion", "cf_access_authenticated-user-email"}},
			http.Header{"Connection": {"keep-alive"}, headerAssertion: {token}, headerEmail: {alice}}},
		{"connection of ours alone", forward,
			http.Header{"Connection": {"cf-access-jwt-assertion"}},
			http.Header{headerAssertion: {token}, headerEmail: {alice}}},
		{"connection upgrade", none, http.Header{"Connection": {"Upgrade"}}, http.Header{"Connection": {"Upgrade"}}},
		{"cookies", forward,
			http.Header{"Cookie": {"a=b; CF_Binding=x; CF_Authorization=y", "CF_Binding=z; c=d"}, "X-Service": {`{"a":1}`}, "X_service": {`{"a":1}`}},
			http.Header{"Cookie": {"a=b; CF_Authorization=" + token, "c=d"}, headerAssertion: {token}, headerEmail: {alice}}},
		{"the accepted token alone", forward,
			http.Header{"Cookie": {"a=b;c=d; CF_Authorization=" + token + ";e"}},
			http.Header{"Cookie": {"a=b;c=d; CF_Authorization=" + token + ";e"}, headerAssertion: {token}, headerEmail: {alice}}},
		{"the accepted token and others", forward,
			http.Header{"Cookie": {"CF_Authorization=other; CF_Authorization=" + token, "CF_Authorization=" + token + "; a=b"}},
			http.Header{"Cookie": {"CF_Authorization=" + token, "a=b"}, headerAssertion: {token}, headerEmail: {alice}}},
		{"odd spellings of the cookie", forward,
			http.Header{"Cookie": {"CF_Authorization =other; CF.Authorization=other; cf_authorization=other; \"CF_Authorization\"=other; CF_Authorization; CF_AuthorizationX=kept; a=CF_Authorization=x"}},
			http.Header{"Cookie": {"CF_Authorization=" + token + "; CF_AuthorizationX=kept; a=CF_Authorization=x"}, headerAssertion: {token}, headerEmail: {alice}}},
		{"quoted", forward,
			http.Header{"Cookie": {`CF_Authorization="` + token + `"`}},
			http.Header{"Cookie": {"CF_Authorization=" + token}, headerAssertion: {token}, headerEmail: {alice}}},
		{"binding alone", forward, http.Header{"Cookie": {"CF_Binding=x"}}, http.Header{headerAssertion: {token}, headerEmail: {alice}}},
		{"not a cookie's business", none, http.Header{"Cookie": {"CF_Authorization=other"}}, http.Header{"Cookie": {"CF_Authorization=other"}}},
		{"not ours", none, http.Header{"Cookie": {"CF_Binding=x"}}, http.Header{"Cookie": {"CF_Binding=x"}}},
	} {
		c.d.Prepare(c.in)
		if diff := cmp.Diff(c.want, c.in); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestDecideWarmDoesNotAllocate(t *testing.T) {
	w := newWorld(t)
	r := w.request("GET", pageA+"d/1", "Cookie", "a=b; CF_Authorization="+w.token(alice))
	if d := w.config.Decide(w.state, r); d.Verdict != Forward {
		t.Fatal(d.Why)
	}
	if n := testing.AllocsPerRun(100, func() { sink = w.config.Decide(w.state, r) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
