package accessemu

import (
	"net/netip"
	"slices"

	"github.com/sundog-edge/sundog/internal/derive"
)

// subject is whom a policy is asked about. It is passed by value so that asking
// costs no allocation.
type subject struct {
	ip      netip.Addr
	country string
	posture []string           // device posture checks that the client passes, by integration uid
	cert    *ClientCertificate // nil: none was shown
	service *serviceToken      // that the request proved to have; nil: none
	linked  *App               // whose token the request shows in place of its own; nil: none

	email   string       // lower case; empty: not signed in
	traits  *traits      // beside the address; nil: nothing more is known
	answers *evaluations // of external evaluations in this sign-in; nil: none was asked
}

// machine tells whether a credential was shown that needs no sign-in. A Service
// Auth policy describes nobody else: its rules alone ("everyone") prove nothing.
func (s *subject) machine() bool { return s.service != nil || s.cert != nil || s.linked != nil }

// traits are what a sign-in knows of a person beside the address. They stay as
// they were at the sign-in, are shared, and must not be changed. Whatever signs
// people in fills them.
type traits struct {
	idp    identityIdP
	groups []membership
	amr    []string            // how the person proved to be it, RFC 8176
	claims map[string][]string // of OIDC, text as it is and the rest as JSON
	saml   map[string][]string // attributes
}

// membership is a group at an identity provider.
type membership struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// pinTraits are those of a sign-in with a one-time PIN, which knows no groups.
func pinTraits(account string) *traits {
	return &traits{idp: identityIdP{pinProvider(account), oneTimePIN}}
}

const oneTimePIN = "onetimepin"

func pinProvider(account string) string { return derive.UUID(account, "identity_provider", oneTimePIN) }

// by tells whether an identity provider, by id or by type, signed the person
// in. An empty name is any.
func (f *traits) by(provider string) bool {
	return provider == "" || f != nil && (f.idp.ID == provider || f.idp.Type == provider)
}

// claim tells whether a claim has a value, or holds it among others.
func (f *traits) claim(name, value string) bool {
	return f != nil && slices.Contains(f.claims[name], value)
}

// member tells whether some group fits.
func (f *traits) member(fits func(*membership) bool) bool {
	if f == nil {
		return false
	}
	for i := range f.groups {
		if fits(&f.groups[i]) {
			return true
		}
	}
	return false
}

// subjectFrom is what policies see of someone who is not signed in.
func subjectFrom(client Client) subject {
	return subject{ip: client.IP.Unmap(), country: client.Country, posture: client.Posture, cert: client.Certificate}
}

// signedInFrom is what policies see of a sign-in at a client.
func (who *session) signedInFrom(client Client) subject {
	s := subjectFrom(client)
	s.email, s.traits, s.answers = who.email, who.traits, &who.answers
	return s
}

// expected is whom a code for an address would sign in.
func expected(c *Config, client Client, email string) subject {
	s := subjectFrom(client)
	s.email, s.traits = email, c.pinned(email).traits()
	return s
}

// ClientCertificate is a client certificate that the edge has verified.
type ClientCertificate struct {
	CommonName string
}
