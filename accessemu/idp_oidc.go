package accessemu

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	providerTime = 15 * time.Second
	clockSkew    = time.Minute // between a provider and here

	maxProviderAnswer = 1 << 20 // bytes: GitHub describes 100 teams at length
)

// idTokenAlgorithms are those that an ID token may be signed with.
var idTokenAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS512, jose.PS512, jose.ES256, jose.ES384, jose.ES512}

// tokenAnswer is what a token endpoint answers, in either case.
type tokenAnswer struct {
	IDToken     string `json:"id_token"`
	AccessToken string `json:"access_token"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// exchange changes a code for tokens.
func (s *State) exchange(ctx context.Context, p *provider, a *attempt, code string) (*tokenAnswer, error) {
	doc := &p.doc.Config
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {a.returns}, "client_id": {doc.ClientID}}
	if doc.ClientSecret != "" {
		form.Set("client_secret", doc.ClientSecret)
	}
	if a.verifier != "" {
		form.Set("code_verifier", a.verifier)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, doc.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	var answer tokenAnswer
	status, err := s.fetchFrom(r, &answer)
	switch {
	case answer.Error != "":
		why := fmt.Sprintf("%s answered %d with error=%s", doc.TokenURL, status, clean(answer.Error))
		if answer.Description != "" {
			why += " (" + clean(answer.Description) + ")"
		}
		return nil, unusable(why, "look at client_id, client_secret and the redirect URI that the provider knows: "+a.returns)
	case err != nil:
		return nil, err
	case status != http.StatusOK:
		return nil, unusable(fmt.Sprintf("%s answered %d", doc.TokenURL, status), "look at token_url, client_id and client_secret")
	}
	return &answer, nil
}

// fetchFrom asks a provider, follows no redirect, and reads a bounded answer of JSON.
func (s *State) fetchFrom(r *http.Request, into any) (status int, err error) {
	where := r.URL.Scheme + "://" + r.URL.Host + r.URL.Path
	resp, err := s.http.RoundTrip(r)
	if err != nil {
		return 0, unusable(where+" was not reached: "+clean(err.Error()),
			"start the identity provider, or lead there with origins: or egress:; without auth_url the lookalike plays the provider itself")
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxProviderAnswer+1))
	switch {
	case err != nil:
		err = unusable(where+" broke off its answer: "+clean(err.Error()), "")
	case len(data) > maxProviderAnswer:
		err = unusable(where+" answered more than 1 MiB", "")
	case json.Unmarshal(data, into) != nil:
		err = unusable(fmt.Sprintf("%s answered %d with something else than JSON", where, resp.StatusCode), "look at the URLs of the identity provider's document")
	}
	return resp.StatusCode, err
}

// askOIDC changes the code for an ID token, and believes it if a key of certs_url signed it for
// this client and this sign-in.
func (s *State) askOIDC(ctx context.Context, p *provider, a *attempt, code string) (*claimed, error) {
	ctx, cancel := context.WithTimeout(ctx, providerTime)
	defer cancel()
	answer, err := s.exchange(ctx, p, a, code)
	if err != nil {
		return nil, err
	}
	if answer.IDToken == "" {
		return nil, unusable(p.doc.Config.TokenURL+" answered no id_token", `ask for the scope "openid"`)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.doc.Config.CertsURL, nil)
	if err != nil {
		return nil, err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if status, err := s.fetchFrom(r, &set); err != nil {
		return nil, err
	} else if status != http.StatusOK {
		return nil, unusable(fmt.Sprintf("%s answered %d", p.doc.Config.CertsURL, status), "look at certs_url")
	}
	body, err := openIDToken(answer.IDToken, set.Keys)
	if err != nil {
		return nil, err
	}
	return p.readIDToken(body, a, s.now())
}

// openIDToken checks the signature of an ID token.
func openIDToken(token string, keys []json.RawMessage) ([]byte, error) {
	if problem := malformed(token); problem != "" {
		return nil, unusable("the ID token is "+problem, "")
	}
	jws, err := jose.ParseSignedCompact(token, idTokenAlgorithms)
	if err != nil {
		return nil, unusable("the ID token is not signed with one of RS256, RS512, PS512, ES256, ES384 and ES512", "let the identity provider sign with RS256")
	}
	head := jws.Signatures[0].Protected
	for _, raw := range keys {
		var key jose.JSONWebKey // one key that is not understood does not spoil the others
		if key.UnmarshalJSON(raw) != nil || !key.Valid() || !key.IsPublic() || key.Use != "" && key.Use != "sig" ||
			head.KeyID != "" && key.KeyID != "" && head.KeyID != key.KeyID || key.Algorithm != "" && key.Algorithm != head.Algorithm {
			continue
		}
		if body, err := jws.Verify(key.Key); err == nil {
			return body, nil
		}
	}
	return nil, unusable("no key of certs_url verifies the ID token (alg "+clean(head.Algorithm)+", kid "+quote(clean(head.KeyID))+")", "look at certs_url")
}

// idToken is what is looked at in an ID token of every kind.
type idToken struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Party    string   `json:"azp"`
	Expires  float64  `json:"exp"`
	Issued   float64  `json:"iat"`
	NotYet   float64  `json:"nbf"`
	Nonce    string   `json:"nonce"`
	Name     string   `json:"name"`
	AMR      any      `json:"amr"`
	Verified any      `json:"email_verified"`
	Domain   string   `json:"hd"`
}

var googleIssuers = []string{"https://accounts.google.com", "accounts.google.com"}

// readIDToken believes or refuses the claims of an ID token whose signature is right.
func (p *provider) readIDToken(body []byte, a *attempt, now time.Time) (*claimed, error) {
	var t idToken
	var all map[string]any
	if json.Unmarshal(body, &t) != nil || json.Unmarshal(body, &all) != nil {
		return nil, unusable("the ID token's claims are not understood", "")
	}
	doc := &p.doc.Config
	seconds := float64(now.Unix())
	google := p.doc.Type == typeGoogle || p.doc.Type == typeGoogleApps
	iss, err := url.Parse(t.Issuer)
	switch {
	case google && !slices.Contains(googleIssuers, t.Issuer):
		return nil, unusable("the ID token's iss is "+quote(clean(t.Issuer))+", and not Google", "")
	case !google && (err != nil || iss.Host == "" || iss.Scheme != "https" && iss.Scheme != "http"):
		return nil, unusable("the ID token's iss is "+quote(clean(t.Issuer))+", which is no URL", "")
	case !slices.Contains(t.Audience, doc.ClientID):
		return nil, unusable("the ID token is for another client: aud is "+quote(clean(strings.Join(t.Audience, ", ")))+", and not "+quote(doc.ClientID), "look at client_id")
	case t.Party != "" && t.Party != doc.ClientID, t.Party == "" && len(t.Audience) > 1:
		return nil, unusable("the ID token was given to another client: azp is "+quote(clean(t.Party)), "look at client_id")
	case t.Expires == 0 || t.Expires <= seconds-clockSkew.Seconds():
		return nil, unusable("the ID token has expired (exp)", "compare the clocks of the identity provider and of this computer")
	case max(t.Issued, t.NotYet) > seconds+clockSkew.Seconds():
		return nil, unusable("the ID token is from the future (iat, nbf)", "compare the clocks of the identity provider and of this computer")
	case t.Nonce != "" && !equal(t.Nonce, a.nonce):
		return nil, unusable("the ID token's nonce is not that of this sign-in", "sign in again; if it stays, the identity provider mixes sign-ins up")
	case t.Subject == "":
		return nil, unusable("the ID token has no sub", "")
	}
	name := cmp.Or(doc.EmailClaimName, "email")
	text, _ := all[name].(string)
	email, ok := canonicalEmail(text)
	switch {
	case text == "":
		return nil, unusable("the ID token has no claim "+quote(name)+", so nobody knows the e-mail address", `ask for the scope "email", or name another claim in email_claim_name`)
	case !ok:
		return nil, unusable("the ID token's claim "+quote(name)+" is "+quote(clean(text))+", which is no e-mail address", "name another claim in email_claim_name")
	case google && t.Verified != true && t.Verified != "true":
		return nil, unusable("Google has not verified the address "+email, "")
	case doc.AppsDomain != "" && !strings.EqualFold(t.Domain, doc.AppsDomain):
		return nil, &providerError{http.StatusForbidden, "The identity provider does not let this account in.", "the account is of the domain " + quote(clean(t.Domain)) + ", and apps_domain wants " + quote(doc.AppsDomain), "sign in with an account of that domain"}
	}
	w := &claimed{provider: p, id: t.Subject, email: email, name: t.Name, amr: texts(t.AMR)}
	for _, name := range known(all) {
		if strings.EqualFold(name, "groups") {
			w.joinAny(all[name])
		}
	}
	w.take(all)
	return w, nil
}

// joinAny puts groups in as a claim has them: names, or objects with id, name and email.
func (w *claimed) joinAny(value any) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, one := range list {
		switch g := one.(type) {
		case string:
			if g != "" {
				w.join([]string{g})
			}
		case map[string]any:
			m := membership{}
			m.ID, _ = g["id"].(string)
			m.Name, _ = g["name"].(string)
			m.Email, _ = g["email"].(string)
			w.groups, w.shown = append(w.groups, m), append(w.shown, m)
		}
	}
}

// texts are the texts of a list, or one.
func texts(value any) (list []string) {
	all, ok := value.([]any)
	if !ok {
		all = []any{value}
	}
	for _, one := range all {
		if s, ok := one.(string); ok && s != "" {
			list = append(list, s)
		}
	}
	return list
}
