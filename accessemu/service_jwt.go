package accessemu

import (
	"hash/maphash"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// serviceClaims are those of a service token's application token: no e-mail
// address, no nbf, and aud is a text.
type serviceClaims struct {
	Type     string `json:"type"` // "app"
	Audience string `json:"aud"`
	Expires  int64  `json:"exp"`
	Issuer   string `json:"iss"`
	Common   string `json:"common_name"` // the client id
	Issued   int64  `json:"iat"`
	Subject  string `json:"sub"` // ""
	Host     string `json:"h_INTERNAL_DO_NOT_USE"`
}

// serviceJWTs keeps the newest token of each service token, application and
// host. Made again within the same second it would be the same, byte for byte;
// so it is made once a second at most.
type serviceJWTs struct {
	seed    maphash.Seed
	entries [256]atomic.Pointer[serviceJWT]
}

type serviceJWT struct {
	claims  serviceClaims
	kid     string
	header  []string // the token, ready to be a header's value
	expires time.Time
}

// cookie is the Set-Cookie that goes with the token.
func (j *serviceJWT) cookie(rt *route) string {
	h := http.Header{}
	setAppToken(h, rt, "/", j.header[0], j.expires)
	return h.Get("Set-Cookie")
}

// mintService makes the token that a service token opens an application with.
func (s *State) mintService(c *Config, a *App, p *appPolicy, common, host string) (*serviceJWT, error) {
	pair, err := s.keys()
	if err != nil {
		return nil, err
	}
	life := a.session
	if p != nil && p.session != 0 {
		life = p.session
	}
	now := s.now()
	expires := now.Add(life + time.Second) // as observed
	claims := serviceClaims{
		Type: "app", Audience: a.AUD, Expires: expires.Unix(), Issuer: c.issuer,
		Common: common, Issued: now.Unix(), Host: host,
	}
	var h maphash.Hash
	h.SetSeed(s.service.seed)
	for _, part := range [...]string{claims.Audience, claims.Common, host} {
		_, _ = h.WriteString(part)
	}
	place := &s.service.entries[h.Sum64()%uint64(len(s.service.entries))]
	if last := place.Load(); last != nil && last.claims == claims && last.kid == pair.current.kid {
		return last, nil
	}
	token, err := pair.current.sign("JWT", claims)
	if err != nil {
		return nil, err
	}
	s.rememberFor(token, machineSubject(claims.Common), s.count.Add(1))
	made := &serviceJWT{claims, pair.current.kid, []string{token}, expires}
	place.Store(made)
	return made, nil
}

// machineSubject is what revocation knows a machine by.
func machineSubject(clientID string) string { return "service/" + clientID }

// machine tells whether the token was made for a service token.
func (v *verified) machine() bool {
	return v.claims.Email == "" && v.claims.Subject == "" && v.claims.Common != "" && v.claims.Type == "app"
}

// replay tells why a service token's JWT, shown without its client id and
// secret, does not open the application; or whose it is.
func (s *State) replay(c *Config, app *App, v *verified, now time.Time) (*serviceToken, string) {
	t, ok := c.byClient(v.claims.Common)
	switch {
	case !ok:
		return nil, "made for a service token that is gone"
	case c.org.StrictServiceTokenAuth:
		return nil, "made for " + t.label() + ", whose client id and secret strict mode wants in every request"
	case !slices.ContainsFunc(app.policies, func(p appPolicy) bool { return p.allow }):
		return nil, "made for " + t.label() + ", and without client id and secret that counts only where an Allow policy is, too"
	}
	if problem := t.usable(s, now); problem != "" {
		return nil, problem
	}
	return t, ""
}
