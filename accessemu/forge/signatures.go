package forge

const (
	mustVerify = "verify the signature before believing a word"
	mendVerify = "verify by the library (jwtVerify, Verifier.Verify, jwt.decode with a key); a function that only decodes proves nothing"
)

// signatures have a signature that is none.
func signatures() []Forgery {
	return []Forgery{
		{Name: "signature-empty", What: "RS256, and an empty third part", Must: mustVerify, Mend: mendVerify, Takes: TakesNothing,
			make: func(w *workshop) Forged { return Forged{Token: w.head + "." + w.payload + "."} }},
		{Name: "signature-missing", What: "RS256, and no third part", Must: mustVerify, Mend: mendVerify, Takes: TakesNothing,
			make: func(w *workshop) Forged { return Forged{Token: w.head + "." + w.payload} }},
		{Name: "signature-truncated", What: "the first half of the genuine signature", Must: mustVerify, Mend: mendVerify, Takes: TakesToken,
			make: func(w *workshop) Forged {
				return Forged{Token: w.head + "." + w.payload + "." + w.sealed[:len(w.sealed)/8*4]}
			}},
		{Name: "signature-zeroes", What: "a signature of the right length, all zero bytes", Must: mustVerify, Mend: mendVerify, Takes: TakesNothing,
			make: func(w *workshop) Forged {
				return Forged{Token: w.head + "." + w.payload + "." + b64(make([]byte, w.Current.Private.Size()))}
			}},
		{Name: "signature-of-another-token", What: "somebody else's claims above the signature of one's own token", Must: mustVerify, Mend: mendVerify, Takes: TakesToken,
			make: func(w *workshop) Forged {
				text, err := signingInput(w.header, w.victim())
				w.note(err)
				return Forged{Token: text + "." + w.sealed}
			}},
	}
}
