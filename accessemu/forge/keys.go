package forge

import (
	"encoding/base64"
	"strings"
)

const (
	mustKeySet = "take keys from https://TEAM.cloudflareaccess.com/cdn-cgi/access/certs alone"
	mendKeySet = "ignore or refuse jwk, jku, x5c and x5u; the address of the keys is configuration, never part of a token"
)

// keys bring the key by which they want to be verified, or say where it is.
func keys() []Forgery {
	return []Forgery{
		{Name: "jwk-embedded", What: "signed by the attacker, whose key lies in the header (jwk)", Must: mustKeySet, Mend: mendKeySet, Takes: TakesNothing,
			make: func(w *workshop) Forged {
				jwk, err := w.Foreign.JWK()
				w.note(err)
				return w.theirs(w.Foreign.Header().With("jwk", jwk))
			}},
		{Name: "jwk-embedded-genuine-kid", What: "the same under the kid of the account's key", Must: mustKeySet, Mend: mendKeySet, Takes: TakesNothing,
			make: func(w *workshop) Forged {
				jwk, err := w.Foreign.JWK()
				w.note(err)
				return w.theirs(w.header.With("jwk", jwk))
			}},
		{Name: "x5c-embedded", What: "signed by the attacker, whose certificate lies in the header (x5c)", Must: mustKeySet, Mend: mendKeySet, Takes: TakesNothing,
			make: func(w *workshop) Forged {
				der, err := w.Foreign.certificateDER()
				w.note(err)
				return w.theirs(w.Foreign.Header().With("x5c", []string{base64.StdEncoding.EncodeToString(der)}))
			}},
		elsewhere("jku-elsewhere", "jku", func(*workshop) string { return "https://" + AttackerHost + certsPath }),
		elsewhere("jku-lookalike-host", "jku", func(w *workshop) string { return w.issuer + "." + AttackerHost + certsPath }),
		elsewhere("jku-userinfo", "jku", func(w *workshop) string { return w.issuer + "@" + AttackerHost + certsPath }),
		elsewhere("x5u-elsewhere", "x5u", func(*workshop) string { return "https://" + AttackerHost + certsPath }),
		{Name: "key-rotated-out", What: "signed with a key that the account had once and that the key set lists no more",
			Must: "refuse a kid that the key set does not list", Mend: "do not keep keys for ever: fetch the set again when it is old, and forget what it lists no more",
			Takes: "a private key that the account gave up", make: func(w *workshop) Forged { return w.signed(w.Retired, w.Retired.Header(), w.claims) }},
	}
}

const certsPath = "/cdn-cgi/access/certs"

func elsewhere(name, member string, where func(*workshop) string) Forgery {
	return Forgery{Name: name, What: "signed by the attacker, and " + member + " says that the keys are at " + strings.ReplaceAll(where(&workshop{issuer: "https://TEAM.cloudflareaccess.com"}), certsPath, ""),
		Must: mustKeySet, Mend: mendKeySet, Takes: TakesNothing,
		make: func(w *workshop) Forged { return w.theirs(w.Foreign.Header().With(member, where(w))) }}
}
