package forge

import "strings"

const (
	mustKid = "look the kid up in the key set as a plain name, and refuse one that is not there"
	mendKid = "compare the kid with those of the key set; build no path, query or command of it, and fall back on no other key"
)

// keyIDs have a kid that leads elsewhere. Those that try to lead to a file or a row which the
// attacker knows are signed with what is in it.
func keyIDs() []Forgery {
	return []Forgery{
		{Name: "kid-genuine-foreign-signature", What: "the account's kid above a signature of the attacker's key", Must: "verify the signature with the key that the kid names",
			Mend: "call the library's verifying function, not the one that only decodes", Takes: TakesNothing,
			make: func(w *workshop) Forged { return w.theirs(w.header) }},
		{Name: "kid-unknown", What: "a kid that no key has", Must: mustKid, Mend: mendKid, Takes: TakesNothing,
			make: func(w *workshop) Forged { return w.theirs(w.header.With("kid", strings.Repeat("0", 64))) }},
		{Name: "kid-foreign", What: "the attacker's own kid and key", Must: mustKid, Mend: mendKid, Takes: TakesNothing,
			make: func(w *workshop) Forged { return w.theirs(w.Foreign.Header()) }},
		{Name: "kid-missing", What: "no kid, signed by the attacker", Must: mustKid, Mend: mendKid, Takes: TakesNothing,
			make: func(w *workshop) Forged { return w.theirs(w.header.Without("kid")) }},
		{Name: "kid-empty", What: `kid "", signed by the attacker`, Must: mustKid, Mend: mendKid, Takes: TakesNothing,
			make: func(w *workshop) Forged { return w.theirs(w.header.With("kid", "")) }},
		{Name: "kid-duplicated", What: "kid twice, the account's and the attacker's, signed by the attacker", Must: "refuse a header in which a name stands twice",
			Mend: "use a JOSE library that refuses duplicate members", Takes: TakesNothing,
			make: func(w *workshop) Forged { return w.theirs(w.header.Twice("kid", w.Foreign.ID)) }},
		{Name: "kid-path-traversal", What: "a kid that leads to an empty file, HS256 with its content", Must: mustKid, Mend: mendKid, Takes: TakesNothing,
			make: func(w *workshop) Forged {
				return w.mac(w.header.With("alg", "HS256").With("kid", "../../../../../../dev/null"), nil)
			}},
		{Name: "kid-sql-injection", What: "a kid that makes a query answer a key of the attacker's choice, HS256 with that", Must: mustKid, Mend: mendKid, Takes: TakesNothing,
			make: func(w *workshop) Forged {
				return w.mac(w.header.With("alg", "HS256").With("kid", "x' UNION SELECT 'key' -- "), []byte("key"))
			}},
	}
}
