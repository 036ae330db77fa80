package forge

import "time"

// faraway is beyond the tolerance for clocks that any validator has.
const faraway = time.Hour

const (
	mustTime = "refuse a token after its exp and before its nbf, and one that has no exp"
	mendTime = "let the library check exp and nbf, with a tolerance of minutes at most; require exp to be a number"
)

// times are not now.
func times() []Forgery {
	return []Forgery{
		{Name: "expired", What: "exp an hour ago", Must: mustTime, Mend: mendTime, Takes: TakesOldToken,
			make: func(w *workshop) Forged { return w.ours(w.past()) }},
		{Name: "not-yet-valid", What: "nbf in an hour", Must: mustTime, Mend: mendTime, Takes: TakesKey,
			make: func(w *workshop) Forged {
				return w.ours(w.claims.With("iat", w.unix(faraway)).With("nbf", w.unix(faraway)).With("exp", w.unix(25*time.Hour)))
			}},
		{Name: "exp-missing", What: "no exp", Must: mustTime, Mend: mendTime, Takes: TakesKey,
			make: func(w *workshop) Forged { return w.ours(w.claims.Without("exp")) }},
		{Name: "exp-string", What: `exp is the text "never"`, Must: mustTime, Mend: mendTime, Takes: TakesKey,
			make: func(w *workshop) Forged { return w.ours(w.claims.With("exp", "never")) }},
		{Name: "exp-null", What: "exp is null", Must: mustTime, Mend: mendTime, Takes: TakesKey,
			make: func(w *workshop) Forged { return w.ours(w.claims.With("exp", nil)) }},
		{Name: "exp-duplicated", What: "exp twice, first one to come and last one long past", Must: "refuse it, or go by the last one (RFC 7519, section 4)",
			Mend: "use a parser that refuses duplicate names or takes the last", Takes: TakesKey,
			make: func(w *workshop) Forged { return w.ours(w.claims.Twice("exp", w.unix(-faraway))) }},
	}
}

// past are the claims of a token that was good until an hour ago.
func (w *workshop) past() Members {
	return w.claims.With("iat", w.unix(-25*time.Hour)).With("nbf", w.unix(-25*time.Hour)).With("exp", w.unix(-faraway))
}
