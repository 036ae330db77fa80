package accessemu

import (
	"encoding/json"
	"hash/maphash"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// maxToken is above any token Access makes; longer ones are not looked into.
const maxToken = 16 << 10

// algorithms are those that Access signs with.
var algorithms = []jose.SignatureAlgorithm{jose.RS256}

// verified is a token whose signature was checked. What can change after that
// (time, revocation, age, keys, the application asked for) is not in it.
type verified struct {
	token    string
	claims   readClaims
	identity Identity
	kid      string
	grant    *grant

	revocable [][]byte // see there

	assertion, email []string // ready to be values of headers

	traits  *traits      // of the sign-in; nil: forgotten, or there was none
	answers *evaluations // likewise
}

// readClaims are the claims that are looked at.
type readClaims struct {
	Audience audience `json:"aud"`
	Email    string   `json:"email"`
	Expires  int64    `json:"exp"`
	Issued   int64    `json:"iat"`
	NotYet   int64    `json:"nbf"`
	Issuer   string   `json:"iss"`
	Type     string   `json:"type"`
	Nonce    string   `json:"identity_nonce"`
	Subject  string   `json:"sub"`
	Country  string   `json:"country"`
	Common   string   `json:"common_name"`
}

// audience is a string or a list of them.
type audience []string

func (a *audience) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		*a = audience{""}
		return json.Unmarshal(data, &(*a)[0])
	}
	return json.Unmarshal(data, (*[]string)(a))
}

// tokenCache keeps verified tokens. Looking one up takes no lock and allocates
// nothing; an entry is overwritten by another token that falls on its place.
type tokenCache struct {
	seed    maphash.Seed
	entries [cacheSize]atomic.Pointer[verified]
}

const cacheSize = 4096

func (c *tokenCache) place(token string) *atomic.Pointer[verified] {
	return &c.entries[maphash.String(c.seed, token)%cacheSize]
}

// verify checks shape and signature, and answers what is wrong in words.
func (s *State) verify(token string) (*verified, string) {
	place := s.cache.place(token)
	if v := place.Load(); v != nil && v.token == token && !v.grant.user.forgotten.Load() {
		return v, ""
	}
	v, problem := s.verifyCold(token)
	if problem == "" {
		place.Store(v)
	}
	return v, problem
}

func (s *State) verifyCold(token string) (*verified, string) {
	body, key, problem := s.open(token)
	if problem != "" {
		return nil, problem
	}
	v := &verified{token: strings.Clone(token), kid: key.kid}
	if err := json.Unmarshal(body, &v.claims); err != nil {
		return nil, "its claims are not understood"
	}
	c := &v.claims
	v.identity = Identity{Email: c.Email, Subject: c.Subject, Nonce: c.Nonce, Country: c.Country}
	subject := c.Subject
	if v.machine() {
		subject = machineSubject(c.Common)
	}
	v.grant = s.grantOf(token, subject, c.Issued)
	v.revocable = revocable(c.Audience, subject)
	if who := s.rememberedSession(c.Nonce, c.Subject); who != nil {
		v.traits, v.answers = who.traits, &who.answers
	}
	v.assertion, v.email = []string{v.token}, []string{c.Email}
	return v, ""
}

// open answers what a token of one of our keys says.
func (s *State) open(token string) ([]byte, *signingKey, string) {
	if problem := malformed(token); problem != "" {
		return nil, nil, problem
	}
	pair := s.ring.pair.Load()
	if body, key := pair.openOwn(token); key != nil {
		return body, key, ""
	}
	jws, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil {
		return nil, nil, "not a JWT signed with RS256"
	}
	head := jws.Signatures[0].Protected
	if head.JSONWebKey != nil {
		return nil, nil, "brings its own key"
	}
	for name, value := range head.ExtraHeaders {
		if name != jose.HeaderType || value != "JWT" {
			return nil, nil, "its header has the unexpected member " + quote(string(name))
		}
	}
	key := pair.byID(head.KeyID)
	if key == nil {
		return nil, nil, "its kid is not one of the account's keys"
	}
	body, err := jws.Verify(&key.private.PublicKey)
	if err != nil {
		return nil, nil, "its signature is wrong"
	}
	return body, key, ""
}

// malformed looks at a token without decoding it.
func malformed(token string) string {
	if len(token) > maxToken {
		return "longer than a token can be"
	}
	if strings.Count(token, ".") != 2 {
		return "not a JWT of three parts"
	}
	return ""
}

// stale answers why a verified token of a person is not valid now, or "".
func (s *State) stale(v *verified, issuer, typ string, now time.Time) string {
	if why := s.staleAny(v, issuer, typ, now); why != "" {
		return why
	}
	if v.claims.Email == "" {
		return whyNobody
	}
	return ""
}

const whyNobody = "names no person (email)"

// staleAny is stale for tokens of machines as well.
func (s *State) staleAny(v *verified, issuer, typ string, now time.Time) string {
	c := &v.claims
	at := s.at(v.grant, now).Unix()
	key := s.ring.pair.Load().byID(v.kid)
	switch {
	case c.Issuer != issuer:
		return "issued by another team (iss)"
	case c.Type != typ:
		return "a token of another kind (type)"
	case c.Email == "" && !v.machine():
		return whyNobody
	case c.Expires <= at:
		return "expired"
	case c.NotYet > at:
		return "not valid yet (nbf)"
	case key == nil || !s.usable(key, now):
		return "signed with a key that was rotated out"
	case s.isRevoked(v.grant, typ == "app", now):
		return "revoked by a logout"
	case typ == "app" && s.appRevoked(v):
		return "revoked for this application"
	}
	return ""
}

// appToken answers the verified token if it opens the application now. A token
// that is only for another application is answered with that problem.
func (s *State) appToken(token, issuer, aud string, now time.Time) (*verified, string) {
	v, problem := s.verify(token)
	if problem != "" {
		return nil, problem
	}
	if problem = s.staleAny(v, issuer, "app", now); problem != "" {
		return nil, problem
	}
	if !slices.Contains(v.claims.Audience, aud) {
		return v, "for another application (aud)"
	}
	return v, ""
}
