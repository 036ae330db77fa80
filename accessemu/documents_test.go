package accessemu

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func errorLines(err error) []string {
	var list []string
	for _, e := range FieldErrors(err) {
		list = append(list, e.Error())
	}
	return list
}

func TestParseApplication(t *testing.T) {
	got, err := ParseApplication([]byte(`{
		"name": "Grafana", "type": "self_hosted", "domain": "g.example.com", "created_at": "2026-01-01",
		"enable_binding_cookie": false, "allowed_idps": [], "http_only_cookie_attribute": false,
		"destinations": [{"type": "public", "uri": "g.example.com"}],
		"policies": ["reusable", {"id": "b2", "precedence": 5}, {"name": "p", "decision": "allow", "include": [{"everyone": {}}]}]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	no := false
	want := &Application{Name: "Grafana", Type: "self_hosted", Domain: "g.example.com", HTTPOnlyCookie: &no,
		Destinations: []Destination{{"public", "g.example.com"}},
		Policies: []PolicyRef{{Ref: "reusable"}, {Ref: "b2", Policy: Policy{Precedence: 5}},
			{Policy: Policy{Name: "p", Decision: "allow", Include: []Rule{{"everyone", EveryoneRule{}}}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var again Application
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, &again); diff != "" {
		t.Error("after a round trip:", diff)
	}
}

func TestParseTellsAllMistakesAtOnce(t *testing.T) {
	_, err := ParseApplication([]byte(`{
		"nmae": "x", "domain": 7, "session_duration": true, "cors_headers": {"allow_all_origins": true},
		"destinations": [{"type": "public", "url": "x"}, {"type": "private", "cidr": "10.0.0.0/8"}],
		"policies": [{"decision": "allow", "inclde": []}, 3]
	}`))
	want := []string{
		`cors_headers: {"allow_all_origins": true}: cors_headers is not supported yet; leave it out`,
		`destinations[0].url: no such key; allowed are type and uri (did you mean "uri"?)`,
		`domain: 7: must be text in quotes`,
		`nmae: no such key; allowed are aud, custom_deny_message, custom_deny_url, custom_non_identity_deny_url, destinations, domain, http_only_cookie_attribute, id, name, options_preflight_bypass, path_cookie_attribute, policies, read_service_tokens_from_header, same_site_cookie_attribute, self_hosted_domains, service_auth_401_redirect, session_duration and type (did you mean "name"?)`,
		`policies[0].inclde: no such key; allowed are decision, exclude, id, include, name, precedence, require and session_duration (did you mean "include"?)`,
		`policies[1]: 3: must be an object`,
		`session_duration: true: must be text in quotes`,
	}
	if diff := cmp.Diff(want, errorLines(err)); diff != "" {
		t.Error(diff)
	}
}

func TestCompileTellsAllMistakesAtOnce(t *testing.T) {
	config := testConfig(t)
	err := config.Txn().PutApp(Application{
		ID: "x", Type: "saas", Domain: "https://a.example.com/x", AUD: "short", SessionDuration: "1 day",
		SameSiteCookie: "laxx", CustomDenyURL: "/no", ServiceAuth401Redirect: true, ServiceTokensHeader: "a b",
		Destinations: []Destination{{"worker", ""}, {"pubic", "b"}, {"public", "a:80"}, {"public", "*a*.example.com"}, {"public", "e.com/a?b"}, {"public", ""}},
		Policies: []PolicyRef{
			policyOf("alow", "", EveryoneRule{}), policyOf("non_identity", "", EveryoneRule{}), policyOf("allow", ""),
			policyOf("bypass", "", EmailRule{alice}), {Policy: Policy{Decision: "deny", Precedence: 7, Include: rulesOf(EveryoneRule{}), Exclude: rulesOf(IPRule{"x"})}},
			{Policy: Policy{Decision: "deny", Precedence: 7, Include: rulesOf(EveryoneRule{}), SessionDuration: "0s"}},
		},
	})
	want := []string{
		`domain: "https://a.example.com/x": a host, or host/path, without a scheme (did you mean "a.example.com/x"?)`,
		`destinations[0].type: "worker": destination type worker is not supported yet; supported is public`,
		`destinations[1].type: "pubic": no such destination type; supported is public (did you mean "public"?)`,
		`destinations[2].uri: "a:80": an application has no port; it holds on every port`,
		`destinations[3].uri: "*a*.example.com": at most one "*" may stand between two dots`,
		`destinations[4].uri: "e.com/a?b": neither a query nor a fragment can be protected, only a path`,
		`destinations[5].uri: "": a host, or host/path, as "app.example.com/admin"`,
		`type: "saas": application type saas is not supported yet; supported is self_hosted`,
		`aud: "short": an audience tag is 64 lower-case hex digits; leave it out to have one derived`,
		`session_duration: "1 day": a duration, as "30m" or "24h"`,
		`same_site_cookie_attribute: "laxx": allowed are none, lax and strict (did you mean "lax"?)`,
		`service_auth_401_redirect: true: service_auth_401_redirect is not supported yet, because service tokens are not; leave it out`,
		`read_service_tokens_from_header: "a b": the name of a request header, as "Authorization"`,
		`custom_deny_url: "/no": an absolute URL, as "https://example.com/no-access"`,
		`policies[0].decision: "alow": no such decision; supported are allow, bypass and deny (did you mean "allow"?)`,
		`policies[1].decision: "non_identity": decision non_identity (Service Auth) is not supported yet; supported are allow, bypass and deny`,
		`policies[2].include: a policy needs at least one rule in include, as {"email": {"email": "alice@example.com"}}`,
		`policies[3].include[0].email: a bypass policy takes no selector of identity, because nobody signs in`,
		`policies[4].exclude[0].ip.ip: "x": an IP address or a range, as "192.0.2.7", "192.0.2.0/24" or "2001:db8::/32"`,
		`policies[5].precedence: 7: policies[4] has the same; each needs its own`,
		`policies[5].session_duration: "0s": a session that ends at once is not supported yet; write at least "1s"`,
	}
	if diff := cmp.Diff(want, errorLines(err)); diff != "" {
		t.Error(diff)
	}
	for _, e := range FieldErrors(err) {
		if e.Kind != "app" || e.ID != "x" {
			t.Errorf("%+v", e)
		}
	}
}

func TestHostsThatCannotBe(t *testing.T) {
	for _, domain := range []string{"", "*", "a..b", ".a.com", "a_b!.com", "-a.com", "a.*", "a b.com", "e.com/../x", "e.com//x", "e.com/a**b", "e.com/#x", strings.Repeat("a", 64) + ".com", "*ü.com"} {
		if err := testConfig(t).Txn().PutApp(Application{Domain: domain}); err == nil {
			t.Errorf("%q passes", domain)
		}
	}
}

func TestOrganizationMistakes(t *testing.T) {
	_, err := NewConfig(Settings{Team: "a b", Organization: Organization{SessionDuration: "x", StrictServiceTokenAuth: true, AuthDomain: "https://x",
		LoginDesign: &LoginDesign{BackgroundColor: "red;}", LogoPath: "javascript:x"}}})
	var fields []string
	for _, e := range FieldErrors(err) {
		fields = append(fields, e.Field)
	}
	want := []string{"team", "auth_domain", "strict_service_token_auth", "session_duration", "login_design.background_color", "login_design.logo_path"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}
	if _, err := ParseOrganization([]byte(`{"name": "acme", "login_design": {"background_colour": "#fff"}, "mfa_required_for_all_apps": true}`)); len(FieldErrors(err)) != 2 {
		t.Error(err)
	}
}

func FuzzPolicyJSON(f *testing.F) {
	for _, seed := range []string{
		`{"name":"p","decision":"allow","include":[{"email":{"email":"a@example.com"}}]}`,
		`{"decision":"deny","include":[{"ip":{"ip":"::/0"}}],"require":[{"geo":{"country_code":"DE"}}],"exclude":[{"everyone":{}}]}`,
		`{"include":[{},null,[],"x",{"email":null},{"service_token":{}}]}`, `[]`, `null`, `"x"`, `{"id":"x"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := ParsePolicy([]byte(text))
		if err != nil {
			if len(FieldErrors(err)) == 0 {
				t.Fatalf("%v holds no FieldError", err)
			}
			return
		}
		again, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := ParsePolicy(again)
		if err != nil {
			t.Fatalf("%s becomes %s, which is refused: %v", text, again, err)
		}
		if once, _ := json.Marshal(twice); string(once) != string(again) {
			t.Fatalf("%s becomes %s", again, once)
		}
		x := testConfig(t).Txn()
		if err := x.PutApp(Application{Domain: "e.com", Policies: []PolicyRef{{Policy: *doc}}}); err != nil {
			for _, e := range FieldErrors(err) {
				if !strings.HasPrefix(e.Field, "policies[0]") || e.Allowed == "" {
					t.Fatalf("%+v", e)
				}
			}
			return
		}
		if _, err := x.Commit(); err != nil {
			t.Fatal(err)
		}
	})
}
