package accessemu

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/internal/derive"
)

// IdentityProvider is a way to sign in, with the REST API's field names. Where a
// Config has none, the one-time PIN is there; where it has any, only those it has.
//
// A provider other than onetimepin whose config has no auth_url is played by
// the lookalike itself, on a page of its own.
type IdentityProvider struct {
	ID     string                 `json:"id,omitempty"`   // UUID; empty: derived from the name
	Name   string                 `json:"name,omitempty"` // empty: the type
	Type   string                 `json:"type"`           // "onetimepin", "oidc", "github", "google" or "google-apps"
	Config IdentityProviderConfig `json:"config,omitzero"`
	SCIM   *SCIMConfig            `json:"scim_config,omitempty"` // nil: off
}

// IdentityProviderConfig says how a provider is reached. Which fields count depends on
// the type.
type IdentityProviderConfig struct {
	ClientID       string   `json:"client_id,omitempty"`
	ClientSecret   string   `json:"client_secret,omitempty"`
	AuthURL        string   `json:"auth_url,omitempty"`  // where the browser is sent; empty: the lookalike's own page
	TokenURL       string   `json:"token_url,omitempty"` // where the code is changed for tokens; empty: of github and google the public one
	CertsURL       string   `json:"certs_url,omitempty"` // the keys of ID tokens; empty: of google the public one
	APIURL         string   `json:"api_url,omitempty"`   // of github; empty: the public one. The REST API has no such field
	Scopes         []string `json:"scopes,omitempty"`    // nil: openid, email and profile; of github what its rules need
	Claims         []string `json:"claims,omitempty"`    // that go into oidc_fields and custom; of the lookalike's own page nil is all
	EmailClaimName string   `json:"email_claim_name,omitempty"`
	PKCEEnabled    bool     `json:"pkce_enabled,omitempty"`
	AppsDomain     string   `json:"apps_domain,omitempty"`  // of google-apps: the one domain whose people may sign in
	RedirectURL    string   `json:"redirect_url,omitempty"` // the API answers it; not looked at
}

// SCIMConfig is the provisioning of people, which is not supported: only one
// that is not enabled is taken.
type SCIMConfig struct {
	Enabled                bool   `json:"enabled,omitempty"`
	IdentityUpdateBehavior string `json:"identity_update_behavior,omitempty"`
	SeatDeprovision        bool   `json:"seat_deprovision,omitempty"`
	UserDeprovision        bool   `json:"user_deprovision,omitempty"`
	Secret                 string `json:"secret,omitempty"`
	BaseURL                string `json:"scim_base_url,omitempty"`
}

const (
	typeOIDC       = "oidc"
	typeGitHub     = "github"
	typeGoogle     = "google"
	typeGoogleApps = "google-apps"
)

var (
	providerTypes = []string{oneTimePIN, typeOIDC, typeGitHub, typeGoogle, typeGoogleApps}
	laterIdPs     = []string{"azureAD", "centrify", "cloudflare", "facebook", "linkedin", "okta", "onelogin", "pingone", "saml", "yandex"}
)

// provider is a compiled identity provider. It must not be changed.
type provider struct {
	doc     IdentityProvider
	builtIn bool // the lookalike's own page plays it
}

func (p *provider) key() (id, name string) { return p.doc.ID, p.doc.Name }

func (p *provider) pin() bool { return p.doc.Type == oneTimePIN }

func (p *provider) identity() identityIdP { return identityIdP{p.doc.ID, p.doc.Type} }

// label names the provider in a sentence.
func (p *provider) label() string { return "identity provider " + quote(p.doc.Name) }

// named tells whether a text means the provider: its id, name or type.
func (p *provider) named(ref string) bool {
	return ref == p.doc.ID || ref == p.doc.Name || ref == p.doc.Type
}

// ProviderID is the id of an identity provider of that type and name that gives none.
func ProviderID(account, kind, name string) string {
	if kind == oneTimePIN {
		name = oneTimePIN // there is one at most
	}
	return derive.UUID(account, "identity_provider", cmp.Or(name, kind))
}

func compileProvider(doc IdentityProvider, account string) (*provider, error) {
	f := faults{kind: "identity_provider"}
	switch {
	case slices.Contains(providerTypes, doc.Type):
	case slices.Contains(laterIdPs, doc.Type):
		f.add("type", quote(doc.Type)+", which is not supported yet", either(providerTypes), "")
	default:
		f.add("type", quote(doc.Type)+", which is no type of identity provider", either(providerTypes), suggest(doc.Type, append(laterIdPs, providerTypes...)))
	}
	doc.ID = cmp.Or(doc.ID, ProviderID(account, doc.Type, doc.Name))
	names := map[string]string{oneTimePIN: "One-time PIN", typeGitHub: "GitHub", typeGoogle: "Google", typeGoogleApps: "Google Workspace", typeOIDC: "OpenID Connect"}
	doc.Name = cmp.Or(doc.Name, names[doc.Type], doc.Type)
	f.id = doc.ID
	if doc.SCIM != nil && doc.SCIM.Enabled {
		f.add("scim_config.enabled", "true, which is not supported yet", "false", "")
	}
	c := &doc.Config
	if doc.Type == typeGitHub && c.CertsURL != "" {
		f.add("config.certs_url", quote(c.CertsURL)+", but GitHub gives no ID token", "no certs_url", "")
	}
	if doc.Type != typeGitHub && c.APIURL != "" {
		f.add("config.api_url", quote(c.APIURL)+", but only a provider of the type github is asked by an API", "no api_url", "")
	}
	if c.AppsDomain != "" && (doc.Type != typeGoogleApps || !validDomain(lowerASCII(c.AppsDomain))) {
		f.add("config.apps_domain", quote(c.AppsDomain), `a domain, as "example.com", of a provider of the type google-apps`, "")
	}
	p := &provider{builtIn: doc.Type != oneTimePIN && c.AuthURL == ""}
	if doc.Type == oneTimePIN {
		for _, one := range []struct{ name, value string }{{"auth_url", c.AuthURL}, {"token_url", c.TokenURL}} {
			if one.value != "" {
				f.add("config."+one.name, quote(one.value)+", but nobody else is asked for a one-time PIN", "no "+one.name, "")
			}
		}
	} else if !p.builtIn {
		c.defaults(doc.Type)
		c.check(doc.Type, &f)
	}
	p.doc = doc
	return p, f.err()
}

// The public places of providers whose documents do not name them.
const (
	githubToken = "https://github.com/login/oauth/access_token"
	githubAPI   = "https://api.github.com"
	googleToken = "https://oauth2.googleapis.com/token"
	googleCerts = "https://www.googleapis.com/oauth2/v3/certs"
)

// defaults fill in what a type knows by itself.
func (c *IdentityProviderConfig) defaults(kind string) {
	switch kind {
	case typeGitHub:
		c.TokenURL, c.APIURL = cmp.Or(c.TokenURL, githubToken), cmp.Or(c.APIURL, githubAPI)
	case typeGoogle, typeGoogleApps:
		c.TokenURL, c.CertsURL = cmp.Or(c.TokenURL, googleToken), cmp.Or(c.CertsURL, googleCerts)
	}
	if c.Scopes == nil {
		c.Scopes = []string{"openid", "email", "profile"}
		if kind == typeGitHub {
			c.Scopes = []string{"user:email", "read:org"}
		}
	}
}

// check looks at what a provider elsewhere must have.
func (c *IdentityProviderConfig) check(kind string, f *faults) {
	if c.ClientID == "" {
		f.add("config.client_id", `""`, "the id of a client at the provider; without auth_url none is needed", "")
	}
	urls := []struct{ name, value string }{{"auth_url", c.AuthURL}, {"token_url", c.TokenURL}, {"certs_url", c.CertsURL}}
	if kind == typeGitHub {
		urls[2].name, urls[2].value = "api_url", c.APIURL
	}
	for _, one := range urls {
		u, err := url.Parse(one.value)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.Fragment != "" {
			f.add("config."+one.name, quote(one.value), `an absolute URL, as "https://idp.example.com/`+strings.TrimSuffix(one.name, "_url")+`"`, "")
		}
	}
	for i, s := range c.Scopes {
		if s == "" || strings.ContainsAny(s, " \"\\") {
			f.add(fmt.Sprintf("config.scopes[%d]", i), quote(s), "one scope without spaces", "")
		}
	}
	if kind != typeGitHub && !slices.Contains(c.Scopes, "openid") {
		f.add("config.scopes", "scopes without openid, for which no ID token is given", `"openid" among them`, "")
	}
}

// PutIdentityProvider adds an identity provider or replaces the one of that id. With an
// error nothing is changed.
func (t *Txn) PutIdentityProvider(doc IdentityProvider) error {
	p, err := compileProvider(doc, t.head.account)
	if err == nil {
		t.providers[p.doc.ID] = p
	}
	return err
}

// DeleteIdentityProvider removes an identity provider; one that is not there is no error.
func (t *Txn) DeleteIdentityProvider(id string) { t.providers[id] = nil }

// IdentityProviders are those of the Config in the order of their names, the
// one-time PIN where it has none. Client secrets are left out.
func (c *Config) IdentityProviders() []IdentityProvider {
	if c == nil {
		return nil
	}
	list := make([]IdentityProvider, len(c.offers))
	for i, p := range c.offers {
		list[i] = p.doc
		list[i].Config.ClientSecret = ""
	}
	return list
}

// commitProviders takes the changed providers in, and tells by which names they are or were known.
func (t *Txn) commitProviders(c *Config, stale func(string)) (errs []error) {
	if len(t.providers) == 0 {
		return nil
	}
	c.providers = apply(c.providers, t.providers, stale)
	for _, kind := range providerTypes {
		stale(kind)
	}
	stale(everyProvider)
	stale(pinProvider(c.account))
	c.offers = nil
	pins := 0
	c.providers.each(func(p *provider) {
		c.offers = append(c.offers, p)
		if p.pin() {
			if pins++; pins > 1 {
				f := faults{kind: "identity_provider", id: p.doc.ID}
				f.add("type", quote(oneTimePIN)+" a second time", "one provider of this type", "")
				errs = append(errs, f.list...)
			}
		}
	})
	slices.SortFunc(c.offers, func(a, b *provider) int {
		return cmp.Or(cmp.Compare(lowerASCII(a.doc.Name), lowerASCII(b.doc.Name)), cmp.Compare(a.doc.ID, b.doc.ID))
	})
	if c.offers == nil {
		c.offers = implicitProviders(c.account)
	}
	return errs
}

// everyProvider is what documents name that depend on which providers there are.
const everyProvider = "*"

// implicitProviders are those of a Config that has none.
func implicitProviders(account string) []*provider {
	p, _ := compileProvider(IdentityProvider{Type: oneTimePIN}, account)
	return []*provider{p}
}

// providerNames are what may be written to mean a provider.
func (c *Config) providerNames() (names []string) {
	for _, p := range c.offers {
		names = append(names, p.doc.Name)
	}
	return names
}

// onlyPIN holds where the one-time PIN is the one way to sign in.
func (c *Config) onlyPIN() bool { return len(c.offers) == 1 && c.offers[0].pin() }
