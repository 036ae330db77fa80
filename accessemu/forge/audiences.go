package forge

const (
	mustAudience = "require that aud is, or lists, the application's own AUD tag, compared as a whole"
	mendAudience = "set the verifier's audience to the AUD tag of this application: the keys are shared by all applications of the account"
)

// audiences are tokens of another application, or nearly of this one.
func audiences() []Forgery {
	list := []Forgery{
		{Name: "aud-other-application", What: "a genuine token of another application of the team", Must: mustAudience, Mend: mendAudience, Takes: TakesOtherToken,
			make: func(w *workshop) Forged { return w.ours(w.claims.With("aud", []string{w.OtherAUD})) }},
		{Name: "aud-other-application-string", What: "the same with aud as a string", Must: mustAudience, Mend: mendAudience, Takes: TakesOtherToken,
			make: func(w *workshop) Forged { return w.ours(w.claims.With("aud", w.OtherAUD)) }},
		{Name: "aud-duplicated", What: "aud twice, first this application's and last another's", Must: "refuse it, or go by the last one (RFC 7519, section 4)",
			Mend: "use a parser that refuses duplicate names or takes the last", Takes: TakesKey,
			make: func(w *workshop) Forged { return w.ours(w.claims.Twice("aud", []string{w.OtherAUD})) }},
	}
	for _, f := range []struct {
		name, what string
		aud        func(w *workshop) any
	}{
		{"aud-shortened", "aud is the beginning of the AUD tag", func(w *workshop) any { return []string{w.aud[:len(w.aud)/2]} }},
		{"aud-lengthened", "aud goes on after the AUD tag", func(w *workshop) any { return []string{w.aud + "0"} }},
		{"aud-in-a-text", "aud is a text in which the AUD tag stands among others", func(w *workshop) any { return w.OtherAUD + "," + w.aud + "," + w.OtherAUD }},
		{"aud-empty", "aud is an empty list", func(*workshop) any { return []string{} }},
		{"aud-empty-string", `aud is ""`, func(*workshop) any { return "" }},
		{"aud-null", "aud is null", func(*workshop) any { return (*string)(nil) }},
		{"aud-missing", "no aud", func(*workshop) any { return nil }},
	} {
		list = append(list, Forgery{Name: f.name, What: f.what, Must: mustAudience, Mend: mendAudience, Takes: TakesKey,
			make: func(w *workshop) Forged {
				if aud := f.aud(w); aud != nil {
					return w.ours(w.claims.With("aud", aud))
				}
				return w.ours(w.claims.Without("aud"))
			}})
	}
	return list
}
