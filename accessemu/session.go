package accessemu

import (
	"cmp"
	"time"
)

// session is one sign-in of a person at the team domain. Tokens of several
// applications come of it, and none outlives it: what revokes the sign-in
// revokes them, whenever they were made.
type session struct {
	order    uint64 // among all grants
	nonce    string // identity_nonce
	subject  string
	email    string
	country  string
	identity identityDocument
	traits   *traits // what policies see beside the address
	answers  evaluations
}

// identityDocument is the answer of get-identity.
type identityDocument struct {
	ID              string              `json:"id"`
	Name            string              `json:"name"`
	Email           string              `json:"email"`
	AMR             []string            `json:"amr"`
	Groups          []any               `json:"groups"` // names, or objects, as the provider has them
	IdP             identityIdP         `json:"idp"`
	Geo             identityGeo         `json:"geo"`
	UserUUID        string              `json:"user_uuid"`
	AccountID       string              `json:"account_id"`
	Issued          int64               `json:"iat"`
	IP              string              `json:"ip"`
	AuthStatus      string              `json:"auth_status"`
	CommonName      string              `json:"common_name"`
	ServiceTokenID  string              `json:"service_token_id"`
	ServiceStatus   bool                `json:"service_token_status"`
	Warp            bool                `json:"is_warp"`
	Gateway         bool                `json:"is_gateway"`
	GatewayAccount  string              `json:"gateway_account_id"`
	DeviceID        string              `json:"device_id"`
	DeviceSessions  map[string]struct{} `json:"device_sessions"`
	DevicePosture   map[string]struct{} `json:"devicePosture"`
	MTLS            mtlsAuth            `json:"mtls_auth"`
	OIDCFields      map[string]any      `json:"oidc_fields"`
	SAMLAttributes  map[string]string   `json:"saml_attributes"`
	IdentityVersion int                 `json:"version"`
}

type identityIdP struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type identityGeo struct {
	Country string `json:"country"`
}

// newSession is a sign-in.
func (s *State) newSession(c *Config, with *claimed, client Client) *session {
	return s.keepSession(c, with, client, s.count.Add(1))
}

// keepSession makes and keeps what is known of a sign-in.
func (s *State) keepSession(c *Config, with *claimed, client Client, order uint64) *session {
	email := with.email
	who := &session{
		order:   order,
		nonce:   s.text(16, alphanumeric),
		subject: subjectOf(c.account, email),
		email:   email,
		country: cmp.Or(with.country, countryOf(client)),
		traits:  with.traits(),
	}
	ip := ""
	if client.IP.IsValid() {
		ip = client.IP.Unmap().String()
	}
	who.identity = identityDocument{
		ID:              who.subject,
		Email:           email,
		AMR:             []string{},
		Groups:          []any{},
		Geo:             identityGeo{who.country},
		UserUUID:        who.subject,
		AccountID:       c.account,
		Issued:          s.now().Unix(),
		IP:              ip,
		AuthStatus:      authNone,
		DeviceSessions:  map[string]struct{}{},
		DevicePosture:   map[string]struct{}{},
		MTLS:            mtlsAuth{Status: authNone},
		OIDCFields:      map[string]any{},
		SAMLAttributes:  map[string]string{},
		IdentityVersion: 2,
	}
	with.put(&who.identity)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions.put(who.nonce, who)
	return who
}

const authNone = "NONE" // no client certificate

// countryOf is the country that tokens carry; XX is the real one's "unknown".
func countryOf(client Client) string {
	if client.Country == "" {
		return "XX"
	}
	return client.Country
}

// sessionOf finds the sign-in of a token, or makes up what the token still
// says of one that was forgotten.
func (s *State) sessionOf(c *Config, v *verified, client Client) *session {
	s.mu.Lock()
	who, ok := s.sessions.get(v.identity.Nonce)
	s.mu.Unlock()
	if ok && who.subject == v.identity.Subject {
		return who
	}
	return s.keepSession(c, c.claimedBy(c.usual(nil, v.identity.Email), v.identity.Email), client, v.grant.order)
}

// rememberedSession finds the sign-in that a token came of; nil: it was
// forgotten.
func (s *State) rememberedSession(nonce, subject string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if who, ok := s.sessions.get(nonce); ok && who.subject == subject {
		return who
	}
	return nil
}

// mintApp makes the token that opens one application.
func (s *State) mintApp(c *Config, a *App, p *appPolicy, who *session, host string) (string, time.Time, error) {
	return s.mintAppAt(s.now(), c, a, p, who, host)
}

func (s *State) mintAppAt(now time.Time, c *Config, a *App, p *appPolicy, who *session, host string) (string, time.Time, error) {
	pair, err := s.keys()
	if err != nil {
		return "", time.Time{}, err
	}
	life, policyID := a.session, ""
	if p != nil {
		policyID = p.doc.ID
		if p.session != 0 {
			life = p.session
		}
	}
	token, err := pair.current.sign("", appClaims{
		Audience: [1]string{a.AUD}, Email: who.email,
		Expires: now.Add(life).Unix(), Issued: now.Unix(), NotYet: now.Unix(),
		Issuer: c.issuer, Type: "app", Nonce: who.nonce, Subject: who.subject,
		AMR: who.traits.amr, Custom: customClaims(who.identity.OIDCFields), Host: host, Country: who.country, PolicyID: policyID,
	})
	if err != nil {
		return "", time.Time{}, err
	}
	s.remember(token, who)
	return token, now.Add(life), nil
}

// mintOrg makes the token of the team domain.
func (s *State) mintOrg(c *Config, who *session) (string, time.Time, error) {
	pair, err := s.keys()
	if err != nil {
		return "", time.Time{}, err
	}
	now := s.now()
	token, err := pair.current.sign("", orgClaims{
		Type: "org", Audience: [1]string{orgAUD(c)},
		Expires: now.Add(c.session).Unix(), Issued: now.Unix(), NotYet: now.Unix(),
		Issuer: c.issuer, Subject: who.subject, Email: who.email, Nonce: who.nonce,
		Account: c.account, Identity: who.identity,
	})
	if err != nil {
		return "", time.Time{}, err
	}
	s.remember(token, who)
	return token, now.Add(c.session), nil
}

// Token signs a person in without the pages, as a program that tests an origin
// needs it, and answers the token that opens the application. Policies are not
// asked. The host is one of the application's.
func (s *State) Token(c *Config, a *App, host, email string, client Client) (string, error) {
	address, ok := canonicalEmail(email)
	if !ok {
		return "", &FieldError{Field: "email", Found: quote(email), Allowed: `an e-mail address, as "alice@example.com"`}
	}
	token, _, err := s.mintApp(c, a, nil, s.newSession(c, c.claimedBy(c.usual(a, address), address), client), host)
	return token, err
}
