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
		"enable_binding_cookie": false, "allowed_idps": ["onetimepin"], "http_only_cookie_attribute": false,
		"destinations": [{"type": "public", "uri": "g.example.com"}],
		"policies": ["reusable", {"id": "b2", "precedence": 5}, {"name": "p", "decision": "allow", "include": [{"everyone": {}}]}]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	no := false
	want := &Application{Name: "Grafana", Type: "self_hosted", Domain: "g.example.com", HTTPOnlyCookie: &no, AllowedIdPs: []string{"onetimepin"},
		Destinations: []Destination{{Type: "public", URI: "g.example.com"}},
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
		"nmae": "x", "domain": 7, "session_duration": true, "cors_headers": {"allow_all_origin": true},
		"destinations": [{"type": "public", "url": "x"}, {"type": "private", "cidr": "10.0.0.0/8"}],
		"policies": [{"decision": "allow", "inclde": []}, 3]
	}`))
	want := []string{
		`cors_headers.allow_all_origin: no such key; allowed: allow_all_headers, allow_all_methods, allow_all_origins, allow_credentials, allowed_headers, allowed_methods, allowed_origins or max_age (did you mean "allow_all_origins"?)`,
		`destinations[0].url: no such key; allowed: type, uri or worker_id (did you mean "uri"?)`,
		`domain: 7; allowed: text in quotes`,
		`nmae: no such key; allowed: allowed_idps, aud, auto_redirect_to_identity, cors_headers, custom_deny_message, custom_deny_url, custom_non_identity_deny_url, custom_pages, destinations, domain, eager_redirect_cookie_setting, enable_binding_cookie, http_only_cookie_attribute, id, name, options_preflight_bypass, path_cookie_attribute, policies, read_service_tokens_from_header, same_site_cookie_attribute, self_hosted_domains, service_auth_401_redirect, session_duration, skip_interstitial or type (did you mean "name"?)`,
		`policies[0].inclde: no such key; allowed: decision, exclude, id, include, name, precedence, purpose_justification_prompt, purpose_justification_required, require or session_duration (did you mean "include"?)`,
		`policies[1]: 3; allowed: an object`,
		`session_duration: true; allowed: text in quotes`,
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
		Destinations: []Destination{{Type: "worker", URI: ""}, {Type: "pubic", URI: "b"}, {Type: "public", URI: "a:80"}, {Type: "public", URI: "*a*.example.com"}, {Type: "public", URI: "e.com/a?b"}, {Type: "public", URI: ""}},
		Policies: []PolicyRef{
			policyOf("alow", "", EveryoneRule{}), policyOf("non_identity", "", EmailDomainRule{"e.com"}), policyOf("allow", ""),
			policyOf("bypass", "", EmailRule{alice}), {Policy: Policy{Decision: "deny", Precedence: 7, Include: rulesOf(EveryoneRule{}), Exclude: rulesOf(IPRule{"x"})}},
			{Policy: Policy{Decision: "deny", Precedence: 7, Include: rulesOf(EveryoneRule{}), SessionDuration: "0s"}},
		},
	})
	want := []string{
		`domain: "https://a.example.com/x"; allowed: a host, or host/path, without a scheme (did you mean "a.example.com/x"?)`,
		`destinations[0].worker_id: ""; allowed: the id of a Worker, 32 hex digits`,
		`destinations[1].type: "pubic", which is no destination type; allowed: public, worker, preview_worker, all_workers or all_preview_workers (did you mean "public"?)`,
		`destinations[2].uri: "a:80": an application has no port; it holds on every port`,
		`destinations[3].uri: "*a*.example.com": at most one "*" may stand between two dots`,
		`destinations[4].uri: "e.com/a?b": neither a query nor a fragment can be protected, only a path`,
		`destinations[5].uri: ""; allowed: a host, or host/path, as "app.example.com/admin"`,
		`type: "saas", which is not supported yet; allowed: self_hosted`,
		`aud: "short"; allowed: 64 lower-case hex digits, or nothing to have them derived`,
		`session_duration: "1 day"; allowed: a duration, as "30m" or "24h"`,
		`same_site_cookie_attribute: "laxx"; allowed: none, lax or strict (did you mean "lax"?)`,
		`read_service_tokens_from_header: "a b"; allowed: the name of a request header, as "Authorization"`,
		`custom_deny_url: "/no"; allowed: an absolute URL, as "https://example.com/no-access"`,
		`policies[0].decision: "alow", which is no decision; allowed: allow, bypass, deny or non_identity (did you mean "allow"?)`,
		`policies[1].include[0].email_domain: a selector of identity in a Service Auth (non_identity) policy, where nobody signs in; allowed: any_valid_service_token, certificate, common_name, device_posture, everyone, geo, group, ip, ip_list, linked_app_token or service_token`,
		`policies[2].include: a policy without a rule; allowed: at least one rule, as {"email": {"email": "alice@example.com"}}`,
		`policies[3].include[0].email: a selector of identity in a bypass policy, where nobody signs in; allowed: certificate, common_name, device_posture, everyone, geo, group, ip or ip_list`,
		`policies[4].exclude[0].ip.ip: "x"; allowed: an IP address or a range, as "192.0.2.7", "192.0.2.0/24" or "2001:db8::/32"`,
		`policies[5].precedence: 7, which policies[4] has, too; allowed: a number of its own`,
		`policies[5].session_duration: "0s", a session that ends at once, which is not supported yet; allowed: at least "1s" and at most a month, "744h"`,
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
	want := []string{"team", "auth_domain", "session_duration", "login_design.background_color", "login_design.logo_path"}
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
		`{"decision":"non_identity","include":[{"service_token":{"token_id":"ci"}},{"any_valid_service_token":{}},{"linked_app_token":{"app_uid":"x"}}],"require":[{"certificate":{}},{"common_name":{"common_name":"x"}}]}`,
		`{"decision":"allow","include":[{"group":{"id":"g"}},{"email_list":{"id":"l"}},{"external_evaluation":{"evaluate_url":"https://e.com","keys_url":"https://e.com/k"}},{"user_risk_score":{"user_risk_score":["low"]}},{"github-organization":{"name":"o","team":"t"}}],"purpose_justification_required":true}`,
		`{"decision":"deny","include":[{"ip":{"ip":"::/0"}}],"require":[{"geo":{"country_code":"DE"}}],"exclude":[{"everyone":{}}]}`,
		`{"include":[{"":{"":""}}]}`, `{"include":[{},null,[],"x",{"email":null},{"service_token":{}}]}`, `[]`, `null`, `"x"`, `{"id":"x"}`,
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
				if !strings.HasPrefix(e.Field, "policies[0]") || e.Allowed+e.Found == "" {
					t.Fatalf("%+v", e)
				}
			}
			return
		}
		if _, err := x.Commit(); err != nil {
			for _, e := range FieldErrors(err) { // of what the rules name, there is nothing
				if !strings.Contains(e.Found, "is the id or name of no ") {
					t.Fatal(err)
				}
			}
		}
	})
}
