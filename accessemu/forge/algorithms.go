package forge

import "strings"

const (
	mustRS256 = "accept RS256 and nothing else, whatever the header of the token says"
	mendRS256 = "give the library the list of algorithms yourself (RS256 alone); never take it from the token"
)

// algorithms have the wrong alg.
func algorithms() []Forgery {
	list := []Forgery{
		none("alg-none", "none"),
		none("alg-none-capitalized", "None"),
		none("alg-none-upper-case", "NONE"),
		none("alg-none-mixed-case", "nOnE"),
		{Name: "alg-none-two-parts", What: `alg "none", and no third part at all`, Must: mustRS256, Mend: mendRS256, Takes: TakesNothing,
			make: func(w *workshop) Forged { return Forged{Token: w.bare(w.header.With("alg", "none"))} }},
		{Name: "alg-none-signature-kept", What: `alg "none" above a signature that belongs to another header`, Must: mustRS256, Mend: mendRS256, Takes: TakesToken,
			make: func(w *workshop) Forged {
				return Forged{Token: w.bare(w.header.With("alg", "none")) + "." + w.sealed}
			}},
		{Name: "alg-empty", What: `alg "", no signature`, Must: mustRS256, Mend: mendRS256, Takes: TakesNothing,
			make: func(w *workshop) Forged { return Forged{Token: w.bare(w.header.With("alg", "")) + "."} }},
		{Name: "alg-missing", What: "no alg, no signature", Must: mustRS256, Mend: mendRS256, Takes: TakesNothing,
			make: func(w *workshop) Forged { return Forged{Token: w.bare(w.header.Without("alg")) + "."} }},
		{Name: "alg-duplicated", What: `alg twice, "RS256" and "none", no signature`, Must: "refuse a header in which a name stands twice",
			Mend: "use a JOSE library that refuses duplicate members; read no header by hand", Takes: TakesNothing,
			make: func(w *workshop) Forged { return Forged{Token: w.bare(w.header.Twice("alg", "none")) + "."} }},
		{Name: "alg-es256-zero-signature", What: "ES256 with a signature of 64 zero bytes (CVE-2022-21449)", Must: mustRS256, Mend: mendRS256, Takes: TakesNothing,
			make: func(w *workshop) Forged {
				return Forged{Token: w.bare(w.header.With("alg", "ES256")) + "." + b64(make([]byte, 64))}
			}},
	}
	const confused = "HS256 instead of RS256, with "
	for _, f := range []struct {
		name, what string
		secret     func(w *workshop) []byte
	}{
		{"alg-hs256-public-key-pem", "the public key's PEM as the secret", func(w *workshop) []byte {
			text, err := w.Current.publicPEM()
			w.note(err)
			return text
		}},
		{"alg-hs256-public-key-pem-trimmed", "the public key's PEM as the secret, without its last line break", func(w *workshop) []byte {
			text, err := w.Current.publicPEM()
			w.note(err)
			return []byte(strings.TrimSpace(string(text)))
		}},
		{"alg-hs256-certificate-pem", "the PEM of public_certs as the secret", func(w *workshop) []byte { return []byte(w.Current.Certificate) }},
		{"alg-hs256-jwk", "the JSON Web Key as the secret", func(w *workshop) []byte {
			text, err := w.Current.JWK()
			w.note(err)
			return text
		}},
		{"alg-hs256-modulus", "the key's n as the secret", func(w *workshop) []byte { return w.Current.Private.N.Bytes() }},
		{"alg-hs256-empty-secret", "the empty secret", func(*workshop) []byte { return nil }},
	} {
		list = append(list, Forgery{Name: f.name, What: confused + f.what, Must: mustRS256, Mend: mendRS256, Takes: TakesNothing,
			make: func(w *workshop) Forged { return w.mac(w.header.With("alg", "HS256"), f.secret(w)) }})
	}
	return list
}

func none(name, alg string) Forgery {
	return Forgery{Name: name, What: `alg "` + alg + `", and an empty signature`, Must: mustRS256, Mend: mendRS256, Takes: TakesNothing,
		make: func(w *workshop) Forged { return Forged{Token: w.bare(w.header.With("alg", alg)) + "."} }}
}
