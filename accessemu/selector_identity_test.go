package accessemu

import "testing"

// signed are people of one provider with what it tells of them.
func signed(list ...*traits) (people []subject) {
	for _, tr := range list {
		people = append(people, subject{email: alice, traits: tr})
	}
	return people
}

func inGroup(provider string, groups ...membership) *traits {
	return &traits{idp: identityIdP{provider, "oidc"}, groups: groups}
}

func TestSelectorLoginMethod(t *testing.T) {
	selectorCase{`{"login_method":{"id":"onetimepin"}}`, signed(pinTraits("x")), append(signed(inGroup("p")), subject{}), `who signs in at the identity provider "onetimepin"`}.run(t)
	selectorCase{`{"login_method":{"id":"` + pinProvider("x") + `"}}`, signed(pinTraits("x")), signed(pinTraits("y"), nil), `who signs in at the identity provider "` + pinProvider("x") + `"`}.run(t)
}

func TestSelectorAuthMethod(t *testing.T) {
	selectorCase{`{"auth_method":{"auth_method":"mfa"}}`, signed(&traits{amr: []string{"pwd", "mfa"}}), signed(&traits{amr: []string{"pwd"}}, nil), "who signs in with the method mfa"}.run(t)
	if e := faulty(t, `{"auth_method":{"auth_method":"mfaa"}}`); e.Hint != `"mfa"` {
		t.Error(e)
	}
}

func TestSelectorAzureAD(t *testing.T) {
	selectorCase{`{"azureAD":{"id":"G1","identity_provider_id":"p"}}`, signed(inGroup("p", membership{ID: "g1"})), signed(inGroup("q", membership{ID: "g1"}), inGroup("p", membership{Name: "g1"}), nil), `a member of the Entra group "G1"`}.run(t)
}

func TestSelectorAuthContext(t *testing.T) {
	selectorCase{`{"auth_context":{"id":"x","ac_id":"c1"}}`, signed(&traits{claims: map[string][]string{"acrs": {"c2", "c1"}}}), signed(&traits{}, nil), `who satisfies the authentication context "c1"`}.run(t)
	if e := faulty(t, `{"auth_context":{"id":"x"}}`); e.Field != "include[0].auth_context.ac_id" {
		t.Error(e)
	}
}

func TestSelectorGitHubOrganization(t *testing.T) {
	selectorCase{`{"github-organization":{"name":"Acme"}}`, signed(inGroup("p", membership{Name: "acme"}), inGroup("p", membership{Name: "acme/web"})), signed(inGroup("p", membership{Name: "acmeweb"}), inGroup("p"), nil), "a member of Acme on GitHub"}.run(t)
	selectorCase{`{"github-organization":{"name":"acme","team":"web"}}`, signed(inGroup("p", membership{Name: "acme/web"})), signed(inGroup("p", membership{Name: "acme"})), "a member of acme/web on GitHub"}.run(t)
}

func TestSelectorGSuite(t *testing.T) {
	selectorCase{`{"gsuite":{"email":"devs@example.com","identity_provider_id":"p"}}`, signed(inGroup("p", membership{Email: "Devs@example.com"})), signed(inGroup("p", membership{Name: "devs@example.com"}), nil), "a member of the Google group devs@example.com"}.run(t)
}

func TestSelectorOkta(t *testing.T) {
	selectorCase{`{"okta":{"name":"Everyone","identity_provider_id":"p"}}`, signed(inGroup("p", membership{Name: "Everyone"})), signed(inGroup("p", membership{Name: "everyone"}), nil), `a member of the Okta group "Everyone"`}.run(t)
}

func TestSelectorSAML(t *testing.T) {
	selectorCase{`{"saml":{"attribute_name":"dept","attribute_value":"eng"}}`, signed(&traits{saml: map[string][]string{"dept": {"x", "eng"}}}), signed(&traits{saml: map[string][]string{"dept": {"engineering"}}}, nil), `who has the SAML attribute dept "eng"`}.run(t)
}

func TestSelectorOIDC(t *testing.T) {
	selectorCase{`{"oidc":{"claim_name":"dept","claim_value":"eng"}}`, signed(&traits{claims: map[string][]string{"dept": {"x", "eng"}}}), signed(&traits{claims: map[string][]string{"Dept": {"eng"}}}, nil), `who has the claim dept "eng"`}.run(t)
}

func TestSelectorUserRiskScore(t *testing.T) {
	scored := func(score string) *traits { return &traits{claims: map[string][]string{"user_risk_score": {score}}} }
	selectorCase{`{"user_risk_score":{"user_risk_score":["low","unscored"]}}`, signed(scored("low"), nil, &traits{}), signed(scored("high")), "who has the risk score low or unscored"}.run(t)
	if e := faulty(t, `{"user_risk_score":{"user_risk_score":["lo"]}}`); e.Field != "include[0].user_risk_score.user_risk_score" {
		t.Error(e)
	}
}

func TestSelectorCloudflareAccountMember(t *testing.T) {
	member := &traits{idp: identityIdP{"p", "cloudflare"}, claims: map[string][]string{"account_ids": {"abc"}}}
	selectorCase{`{"cloudflare_account_member":{}}`, signed(member), signed(pinTraits("x"), nil), "a member of a Cloudflare account"}.run(t)
	selectorCase{`{"cloudflare_account_member":{"account_id":"abc"}}`, signed(member), signed(&traits{idp: member.idp}), "a member of the Cloudflare account abc"}.run(t)
}
