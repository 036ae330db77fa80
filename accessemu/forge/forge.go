package forge

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Kind says what is wanted of a validator.
type Kind uint8

const (
	Refuse  Kind = iota // the request is refused
	Believe             // the genuine person is believed, or nobody
)

// What an attacker must have to make a forgery, from the least to the most.
const (
	TakesNothing    = "nothing but the public keys"
	TakesToken      = "a genuine token of the same application, of oneself"
	TakesOldToken   = "a token of this application that was genuine once"
	TakesOtherToken = "a genuine token of another kind or another application of the team"
	TakesKey        = "a token that only the account itself could sign"
)

// Forgery is one way to lie about who is signed in.
type Forgery struct {
	Name  string `json:"name"`  // kebab case: "alg-none"
	What  string `json:"what"`  // what it is, one line
	Must  string `json:"must"`  // what a sound validator does
	Mend  string `json:"mend"`  // what to change in one that believes it
	Takes string `json:"takes"` // what an attacker must have, one of the Takes constants
	Kind  Kind   `json:"-"`

	make func(*workshop) Forged
}

// Forged is what is sent: a token, headers, or both.
type Forged struct {
	Token   string      // compact text; empty where the forgery has none
	Header  http.Header // what the request carries beside the token; nil: nothing
	Claimed string      // of a forgery to Believe: the address that must not be believed

	alone bool // Header is all there is: it holds the token in its own way
}

// Put gives a request what the forgery consists of. A token goes where Access puts its own:
// into the header Cf-Access-Jwt-Assertion and the cookie CF_Authorization.
func (f Forged) Put(r *http.Request) {
	if !f.alone {
		Put(r, f.Token)
	}
	for name, values := range f.Header {
		r.Header[name] = append(r.Header[name], values...)
	}
}

// The carriers of a token between edge and origin.
const (
	HeaderAssertion = "Cf-Access-Jwt-Assertion"
	HeaderEmail     = "Cf-Access-Authenticated-User-Email"
	Cookie          = "CF_Authorization"
)

// Put gives a request a token as Access does, in a header and a cookie. The cookie joins
// those that the request has.
func Put(r *http.Request, token string) {
	r.Header[HeaderAssertion] = []string{token}
	cookie := Cookie + "=" + token
	if had := r.Header.Get("Cookie"); had != "" {
		cookie = had + "; " + cookie
	}
	r.Header["Cookie"] = []string{cookie}
}

// Material is what forgeries are made of: a genuine token, which also says who the issuer
// and the application are, and the keys around it.
type Material struct {
	Genuine  string    // a token for a person that the origin takes, signed by Current
	Current  Key       // the account's key
	Previous Key       // the one before it, which still verifies; the zero Key: there is none
	Retired  Key       // one that the account had once and that its key set lists no more
	Foreign  Key       // the attacker's own
	OtherAUD string    // audience tag of another application of the team
	OrgAUD   string    // audience tag of the team's own tokens
	Victim   string    // address of somebody else; empty: "victim@" and the domain of the genuine one's
	Now      time.Time // by the validator's clock
}

// Make makes the forgery. The error is about the material.
func (f Forgery) Make(m Material) (Forged, error) {
	w, err := newWorkshop(m)
	if err != nil {
		return Forged{}, fmt.Errorf("forge: %s: %w", f.Name, err)
	}
	made := f.make(w)
	if w.err != nil {
		return Forged{}, fmt.Errorf("forge: %s: %w", f.Name, w.err)
	}
	return made, nil
}

// All are the forgeries, those of one kind beside each other.
func All() []Forgery {
	return slices.Concat(algorithms(), keys(), keyIDs(), signatures(), issuers(), audiences(), times(), kinds(), shapes(), headers())
}

// Names are the names of All.
func Names() []string {
	var names []string
	for _, f := range All() {
		names = append(names, f.Name)
	}
	return names
}

// Find finds a forgery by name.
func Find(name string) (Forgery, bool) {
	for _, f := range All() {
		if f.Name == name {
			return f, true
		}
	}
	return Forgery{}, false
}

// Nearest is the name that was probably meant; empty when none is near.
func Nearest(name string) string {
	best, shared := "", 0
	for _, n := range Names() {
		if strings.HasPrefix(n, name) && name != "" {
			return n
		}
		if s := sharedLetters(n, name); s > shared && s*3 >= 2*max(len(n), len(name)) {
			best, shared = n, s
		}
	}
	return best
}

// sharedLetters is the length of the longest common subsequence.
func sharedLetters(a, b string) int {
	if len(b) > 64 {
		return 0
	}
	row := make([]int, len(b)+1)
	for i := range len(a) {
		diagonal := 0
		for j := range len(b) {
			above := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
