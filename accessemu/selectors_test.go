package accessemu

import (
	"encoding/json"
	"net/netip"
	"testing"
)

// selectorCase asks one rule about several subjects.
type selectorCase struct {
	rule string
	yes  []subject
	no   []subject
	says string
}

func (c selectorCase) run(t *testing.T) {
	t.Helper()
	var r Rule
	if err := json.Unmarshal([]byte(c.rule), &r); err != nil {
		t.Fatal(err)
	}
	var f faults
	compiled, ok := compileRule(r, "include[0]", &f)
	if !ok {
		t.Fatalf("%s: %v", c.rule, f.err())
	}
	for _, s := range c.yes {
		if !compiled.match(s) {
			t.Errorf("%s does not match %+v", c.rule, s)
		}
	}
	for _, s := range c.no {
		if compiled.match(s) {
			t.Errorf("%s matches %+v", c.rule, s)
		}
	}
	if got := compiled.say(); got != c.says {
		t.Errorf("%s says %q, want %q", c.rule, got, c.says)
	}
	again, err := json.Marshal(r)
	if err != nil || string(again) != c.rule {
		t.Errorf("%s becomes %s (%v)", c.rule, again, err)
	}
}

// faulty compiles one rule and answers the mistake.
func faulty(t *testing.T, rule string) *FieldError {
	t.Helper()
	var r Rule
	if err := json.Unmarshal([]byte(rule), &r); err != nil {
		t.Fatal(err)
	}
	var f faults
	if _, ok := compileRule(r, "include[0]", &f); ok || len(f.list) != 1 {
		t.Fatalf("%s: %v, want one mistake", rule, f.err())
	}
	return FieldErrors(f.err())[0]
}

func people(emails ...string) (list []subject) {
	for _, e := range emails {
		list = append(list, subject{email: e})
	}
	return list
}

func at(ips ...string) (list []subject) {
	for _, ip := range ips {
		list = append(list, subject{ip: netip.MustParseAddr(ip)})
	}
	return list
}

func TestSelectorEmail(t *testing.T) {
	selectorCase{`{"email":{"email":"Alice@Example.com"}}`, people("alice@example.com"), people("alice@example.net", "malice@example.com", ""), "the e-mail address alice@example.com"}.run(t)
	if e := faulty(t, `{"email":{"email":"example.com"}}`); e.Field != "include[0].email.email" || e.Found != `"example.com"` {
		t.Error(e)
	}
	if e := faulty(t, `{"email":{"emial":"a@example.com"}}`); e.Field != "include[0].email.emial" || e.Hint != `"email"` {
		t.Error(e)
	}
	if _, ok := canonicalEmail("\u212Aate@example.com"); ok {
		if got, _ := canonicalEmail("\u212Aate@example.com"); got == "kate@example.com" {
			t.Error("the Kelvin sign passes for a k")
		}
	}
}

func TestSelectorEmailDomain(t *testing.T) {
	selectorCase{`{"email_domain":{"domain":"example.com"}}`, people("alice@example.com"), people("alice@a.example.com", "alice@badexample.com", "example.com", ""), "any e-mail address ending in @example.com"}.run(t)
	if e := faulty(t, `{"email_domain":{"domain":"@example.com"}}`); e.Hint != `"example.com"` {
		t.Error(e)
	}
}

func TestSelectorEveryone(t *testing.T) {
	selectorCase{`{"everyone":{}}`, people("", "a@example.com"), nil, "everyone"}.run(t)
}

func TestSelectorIP(t *testing.T) {
	selectorCase{`{"ip":{"ip":"192.0.2.0/24"}}`, at("192.0.2.1"), append(at("192.0.3.1", "2001:db8::1"), subject{}), "an IP address in 192.0.2.0/24"}.run(t)
	selectorCase{`{"ip":{"ip":"192.0.2.7"}}`, at("192.0.2.7"), at("192.0.2.8"), "the IP address 192.0.2.7"}.run(t)
	selectorCase{`{"ip":{"ip":"2001:db8::/32"}}`, at("2001:db8::1"), at("2001:db9::1", "192.0.2.1"), "an IP address in 2001:db8::/32"}.run(t)
	if e := faulty(t, `{"ip":{"ip":"192.0.2.0/33"}}`); e.Field != "include[0].ip.ip" {
		t.Error(e)
	}
}

func TestSelectorGeo(t *testing.T) {
	selectorCase{`{"geo":{"country_code":"de"}}`, []subject{{country: "DE"}}, []subject{{country: "FR"}, {}}, "a client in the country DE"}.run(t)
	if e := faulty(t, `{"geo":{"country_code":"UK"}}`); e.Hint != `"GB"` {
		t.Error(e)
	}
	if e := faulty(t, `{"geo":{"country_code":"Germany"}}`); e.Field != "include[0].geo.country_code" {
		t.Error(e)
	}
}

func TestSelectorUnknown(t *testing.T) {
	for rule, want := range map[string]string{
		`{"emial":{"email":"a@b.c"}}`: `include[0]: "emial", which is no selector; allowed: any_valid_service_token, auth_context, auth_method, azureAD, certificate, cloudflare_account_member, common_name, device_posture, email, email_domain, email_list, everyone, external_evaluation, geo, github-organization, group, gsuite, ip, ip_list, linked_app_token, login_method, oidc, okta, saml, service_token or user_risk_score (did you mean "email"?)`,
		`{}`:                          `include[0]: {}; allowed: an object of one key, the selector, as {"email": {"email": "alice@example.com"}}`,
		`"email"`:                     `include[0]: "email"; allowed: an object of one key, the selector, as {"email": {"email": "alice@example.com"}}`,
		`{"email":"a@b.c"}`:           `include[0].email: "a@b.c"; allowed: an object (did you mean {email: a@b.c}?)`,
		`{"ip":"2001:db8::/32"}`:      `include[0].ip: "2001:db8::/32"; allowed: an object (did you mean {ip: "2001:db8::/32"}?)`,
		`{"geo":7}`:                   `include[0].geo: 7; allowed: an object`,
		`{"everyone":"yes"}`:          `include[0].everyone: "yes"; allowed: an object`,
		`{"email":{"email":5}}`:       `include[0].email.email: 5; allowed: text in quotes`,
	} {
		if got := faulty(t, rule).Error(); got != want {
			t.Errorf("%s\n got %s\nwant %s", rule, got, want)
		}
	}
	if _, ok := selectors["email"]; !ok || len(selectors) != 26 {
		t.Errorf("%d selectors are known, the real API has 26", len(selectors))
	}
}
