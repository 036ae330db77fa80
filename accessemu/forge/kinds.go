package forge

import (
	"encoding/json"
	"strings"
	"time"
)

const mendKinds = "require iss, aud, exp and an e-mail address (or a common_name): Access signs other tokens with the same keys"

// kinds are tokens that Access itself signs, for something else.
func kinds() []Forgery {
	typ := func(w *workshop) Members { return Members{{"typ", "JWT"}, {"alg", "RS256"}, {"kid", w.Current.ID}} }
	return []Forgery{
		{Name: "org-token", What: "the team's own token (type org), which every person of the team has as a cookie", Must: mustAudience, Mend: mendAudience, Takes: TakesOtherToken,
			make: func(w *workshop) Forged {
				c := w.claims.Without("h_INTERNAL_DO_NOT_USE", "policy_id", "country").With("type", "org").With("aud", []string{w.OrgAUD})
				return w.ours(c.With("identity", map[string]string{"email": w.email}))
			}},
		{Name: "meta-token", What: "the parameter meta of the login page's URL: signed by the account, with this application's aud, for everybody to take",
			Must: "refuse a token without iss and without a person", Mend: mendKinds, Takes: TakesNothing,
			make: func(w *workshop) Forged {
				return w.signed(w.Current, typ(w), Members{
					{"type", "meta"}, {"aud", w.aud}, {"hostname", w.host()}, {"redirect_url", "/"},
					{"service_token_status", false}, {"is_warp", false}, {"is_gateway", false},
					{"exp", w.unix(5 * time.Minute)}, {"nbf", w.unix(0)}, {"iat", w.unix(0)}, {"auth_status", "NONE"},
				})
			}},
		{Name: "match-token", What: "the signed metadata that cloudflared asks for: signed by the account, with this application's aud, for everybody to take",
			Must: "refuse a token without iss, exp and a person", Mend: mendKinds, Takes: TakesNothing,
			make: func(w *workshop) Forged {
				return w.signed(w.Current, typ(w), Members{
					{"type", "match"}, {"aud", w.aud}, {"hostname", w.host()},
					{"auth_domain", strings.TrimPrefix(w.issuer, "https://")}, {"iat", w.unix(0)},
				})
			}},
		{Name: "binding-token", What: "the cookie CF_Binding (type binding): signed by the account, without aud and iss", Must: "refuse a token without iss and aud", Mend: mendKinds, Takes: TakesToken,
			make: func(w *workshop) Forged {
				return w.ours(Members{{"sub", w.claims.Get("sub")}, {"exp", w.unix(time.Hour)}, {"iat", w.unix(0)}, {"type", "binding"}})
			}},
	}
}

// host is the application's, as the token tells it.
func (w *workshop) host() string {
	if raw, ok := w.claims.Get("h_INTERNAL_DO_NOT_USE").(json.RawMessage); ok {
		var host string
		if json.Unmarshal(raw, &host) == nil {
			return host
		}
	}
	return "app.example.com"
}
