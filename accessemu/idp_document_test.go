package accessemu

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// provide puts identity providers into the world.
func (w *world) provide(docs ...IdentityProvider) {
	w.t.Helper()
	w.config = edit(w.t, w.config, func(x *Txn) {
		for _, doc := range docs {
			if err := x.PutIdentityProvider(doc); err != nil {
				w.t.Fatal(err)
			}
		}
	})
}

func TestIdentityProviderMistakes(t *testing.T) {
	for name, tt := range map[string]struct {
		doc    string
		fields []string
		says   string
	}{
		"later":                     {`{"type": "okta"}`, []string{"type"}, "not supported yet"},
		"SAML":                      {`{"type": "saml"}`, []string{"type"}, "not supported yet"},
		"near":                      {`{"type": "githib"}`, []string{"type"}, `did you mean "github"`},
		"SCIM":                      {`{"type": "oidc", "scim_config": {"enabled": true}}`, []string{"scim_config.enabled"}, "not supported yet"},
		"no client":                 {`{"type": "oidc", "config": {"auth_url": "https://idp.test/auth"}}`, []string{"config.client_id", "config.token_url", "config.certs_url"}, "absolute URL"},
		"no openid":                 {`{"type": "oidc", "config": {"client_id": "c", "auth_url": "https://a.test/", "token_url": "https://a.test/", "certs_url": "https://a.test/", "scopes": ["email"]}}`, []string{"config.scopes"}, "openid"},
		"relative":                  {`{"type": "google", "config": {"client_id": "c", "auth_url": "/auth"}}`, []string{"config.auth_url"}, "absolute URL"},
		"user in URL":               {`{"type": "google", "config": {"client_id": "c", "auth_url": "https://a@b.test/auth"}}`, []string{"config.auth_url"}, "absolute URL"},
		"apps domain":               {`{"type": "google", "config": {"apps_domain": "example.com"}}`, []string{"config.apps_domain"}, "google-apps"},
		"GitHub certs":              {`{"type": "github", "config": {"certs_url": "https://a.test/"}}`, []string{"config.certs_url"}, "no ID token"},
		"API":                       {`{"type": "oidc", "config": {"api_url": "https://a.test/"}}`, []string{"config.api_url"}, "github"},
		"PIN":                       {`{"type": "onetimepin", "config": {"auth_url": "https://a.test/"}}`, []string{"config.auth_url"}, "one-time PIN"},
		"built in":                  {`{"type": "oidc"}`, nil, ""},
		"GitHub":                    {`{"type": "github", "config": {"client_id": "c", "client_secret": "s", "auth_url": "https://github.com/login/oauth/authorize"}, "scim_config": {"enabled": false}}`, nil, ""},
		"PIN as the API answers it": {`{"id": "x", "type": "onetimepin", "name": "", "config": {"redirect_url": "https://a.test/"}, "created_at": "2026-01-01T00:00:00Z"}`, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := ParseIdentityProvider([]byte(tt.doc))
			if err != nil {
				t.Fatal(err)
			}
			err = testConfig(t).Txn().PutIdentityProvider(*doc)
			var fields []string
			for _, e := range FieldErrors(err) {
				fields = append(fields, e.Field)
			}
			if diff := cmp.Diff(tt.fields, fields); diff != "" {
				t.Errorf("-want +got:\n%s%v", diff, err)
			}
			if err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Error(err)
			}
		})
	}
}

func TestIdentityProviders(t *testing.T) {
	w := newWorld(t)
	if got := w.config.IdentityProviders(); len(got) != 1 || got[0].Type != "onetimepin" || got[0].ID != pinProvider(w.config.account) {
		t.Errorf("none given: %+v", got)
	}
	w.provide(IdentityProvider{Name: "zeta", Type: "oidc"}, IdentityProvider{Name: "Alpha", Type: "github", Config: IdentityProviderConfig{ClientSecret: "s3cret"}})
	got := w.config.IdentityProviders()
	if len(got) != 2 || got[0].Name != "Alpha" || got[0].Config.ClientSecret != "" || got[1].ID != ProviderID(w.config.account, "oidc", "zeta") {
		t.Errorf("%+v", got)
	}
	w.config = edit(t, w.config, func(x *Txn) {
		x.DeleteIdentityProvider(got[0].ID)
		x.DeleteIdentityProvider(got[1].ID)
	})
	if got := w.config.IdentityProviders(); len(got) != 1 || got[0].Type != "onetimepin" {
		t.Errorf("all gone: %+v", got)
	}
	x := w.config.Txn()
	for _, id := range []string{"a", "b"} {
		if err := x.PutIdentityProvider(IdentityProvider{ID: id, Type: "onetimepin"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := x.Commit(); err == nil || !strings.Contains(err.Error(), "second time") {
		t.Error(err)
	}
}

func TestPeopleNameTheirProvider(t *testing.T) {
	w := newWorld(t)
	x := w.config.Txn()
	if err := x.PutPerson(Person{Email: alice, IDP: "Corp"}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Commit(); err == nil || FieldErrors(err)[0].Field != "idp" || FieldErrors(err)[0].Kind != "person" {
		t.Error(err)
	}
	w.provide(IdentityProvider{ID: "corp", Name: "Corp", Type: "oidc"})
	w.put(Person{Email: alice, IDP: "Corp"})
	x = w.config.Txn()
	x.DeleteIdentityProvider("corp")
	if _, err := x.Commit(); err == nil || FieldErrors(err)[0].ID != alice {
		t.Errorf("the provider of a person went: %v", err)
	}
}
