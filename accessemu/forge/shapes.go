package forge

import "strings"

const (
	mustShape = "refuse what is no JWS of three parts, without looking far into it"
	mendShape = "bound the length of a token (Access makes none above 16 KiB) and let the library parse it; treat every error as a refusal"
)

// shapes are no tokens at all, or too much of one.
func shapes() []Forgery {
	text := func(name, what string, make func(w *workshop) string) Forgery {
		return Forgery{Name: name, What: what, Must: mustShape, Mend: mendShape, Takes: TakesNothing,
			make: func(w *workshop) Forged { return Forged{Token: make(w)} }}
	}
	return []Forgery{
		text("token-text", `the word "null" in place of a token`, func(*workshop) string { return "null" }),
		text("token-without-dots", "the genuine token without its dots", func(w *workshop) string { return strings.ReplaceAll(w.Genuine, ".", "") }),
		text("token-10000-dots", "ten thousand dots", func(*workshop) string { return strings.Repeat(".", 10_000) }),
		text("token-1mb", "a claim of one megabyte, signed by the attacker", func(w *workshop) string {
			return w.signed(w.Foreign, w.header, w.claims.With("custom", strings.Repeat("A", 750_000))).Token
		}),
		text("header-nested", "a header of 10,000 objects in each other", func(w *workshop) string {
			const deep = 10_000
			return b64([]byte(strings.Repeat(`{"a":`, deep)+"1"+strings.Repeat("}", deep))) + "." + w.payload + "." + w.sealed
		}),
		text("claims-nested", "claims of 10,000 objects in each other", func(w *workshop) string {
			const deep = 10_000
			return w.head + "." + b64([]byte(strings.Repeat(`{"a":`, deep)+"1"+strings.Repeat("}", deep))) + "." + w.sealed
		}),
		text("jwe", "five parts, as an encrypted token has", func(w *workshop) string {
			head, err := marshal(Members{{"alg", "RSA-OAEP"}, {"enc", "A256GCM"}, {"kid", w.Current.ID}})
			w.note(err)
			return b64(head) + ".AAAA.AAAA.AAAA.AAAA"
		}),
		text("jws-json", "the JSON serialization, with no signatures in it", func(w *workshop) string {
			return `{"payload":"` + w.payload + `","signatures":[]}`
		}),
	}
}
