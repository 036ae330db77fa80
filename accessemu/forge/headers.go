package forge

import "net/http"

const (
	mustAssertion = "go by the verified token alone: its claims say who it is"
	mendAssertion = "take the person from the token's verified claims; whoever reaches the origin beside the edge can write any header"
)

// headers lie beside the token.
func headers() []Forgery {
	return []Forgery{
		{Name: "email-header-alone", What: "the header Cf-Access-Authenticated-User-Email, and no token", Must: mustAssertion, Mend: mendAssertion, Takes: TakesNothing,
			make: func(w *workshop) Forged {
				return Forged{Header: http.Header{HeaderEmail: {w.email}}, alone: true}
			}},
		{Name: "email-header-disagrees", What: "one's own genuine token, and somebody else's address in Cf-Access-Authenticated-User-Email",
			Must: mustAssertion, Mend: mendAssertion, Takes: TakesToken, Kind: Believe,
			make: func(w *workshop) Forged {
				return Forged{Token: w.Genuine, Header: http.Header{HeaderEmail: {w.victimMail}}, Claimed: w.victimMail}
			}},
		{Name: "cookie-disagrees", What: "one's own genuine token in the header, and an unsigned one of somebody else in the cookie",
			Must: mustAssertion, Mend: "read the token from one place, Cf-Access-Jwt-Assertion, and verify what you read", Takes: TakesToken, Kind: Believe,
			make: func(w *workshop) Forged {
				return Forged{Token: w.Genuine, Claimed: w.victimMail, alone: true,
					Header: http.Header{HeaderAssertion: {w.Genuine}, "Cookie": {Cookie + "=" + w.unsigned()}}}
			}},
		{Name: "header-disagrees", What: "one's own genuine token in the cookie, and an unsigned one of somebody else in the header",
			Must: mustAssertion, Mend: "read the token from one place, Cf-Access-Jwt-Assertion, and verify what you read", Takes: TakesToken, Kind: Believe,
			make: func(w *workshop) Forged {
				forged := w.unsigned()
				return Forged{Token: forged, Claimed: w.victimMail, alone: true,
					Header: http.Header{HeaderAssertion: {forged}, "Cookie": {Cookie + "=" + w.Genuine}}}
			}},
		{Name: "assertion-twice", What: "the header Cf-Access-Jwt-Assertion twice, genuine first, and then unsigned and of somebody else",
			Must: "refuse two of them, or verify the one that is believed", Mend: "refuse a request that has the header more than once", Takes: TakesToken, Kind: Believe,
			make: func(w *workshop) Forged {
				return Forged{Token: w.Genuine, Claimed: w.victimMail, alone: true, Header: http.Header{HeaderAssertion: {w.Genuine, w.unsigned()}}}
			}},
	}
}

// unsigned is the victim's token with the attacker's signature.
func (w *workshop) unsigned() string { return w.signed(w.Foreign, w.header, w.victim()).Token }
