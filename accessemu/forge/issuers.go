package forge

import "strings"

const (
	mustIssuer = "compare iss as a whole with https://TEAM.cloudflareaccess.com, without a slash at the end"
	mendIssuer = "set the issuer of the verifier; compare with ==, never by prefix, suffix or contains"
)

// issuers are of another team, or nearly of this one.
func issuers() []Forgery {
	list := []Forgery{
		{Name: "team-of-the-attacker", What: "a whole genuine token of the attacker's own team, with this application's aud",
			Must: mustIssuer + "; take keys from there alone", Mend: "the team is configuration: never fetch keys from the iss of a token", Takes: TakesNothing,
			make: func(w *workshop) Forged {
				return w.signed(w.Foreign, w.Foreign.Header(), w.claims.With("iss", AttackerIssuer))
			}},
	}
	for _, f := range []struct {
		name, what string
		iss        func(w *workshop) any
	}{
		{"iss-other-team", "iss of another team", func(*workshop) any { return AttackerIssuer }},
		{"iss-suffix", "iss goes on after the team domain: .attacker.example", func(w *workshop) any { return w.issuer + "." + AttackerHost }},
		{"iss-prefix", "iss ends with the team domain, and is another host", func(w *workshop) any {
			return "https://" + AttackerHost + "/" + strings.TrimPrefix(w.issuer, "https://")
		}},
		{"iss-http", "iss begins with http://", func(w *workshop) any { return "http://" + strings.TrimPrefix(w.issuer, "https://") }},
		{"iss-trailing-slash", "iss ends with a slash", func(w *workshop) any { return w.issuer + "/" }},
		{"iss-missing", "no iss", func(*workshop) any { return nil }},
	} {
		list = append(list, Forgery{Name: f.name, What: f.what + "; the right key", Must: mustIssuer, Mend: mendIssuer, Takes: TakesKey,
			make: func(w *workshop) Forged {
				if iss := f.iss(w); iss != nil {
					return w.ours(w.claims.With("iss", iss))
				}
				return w.ours(w.claims.Without("iss"))
			}})
	}
	return list
}
