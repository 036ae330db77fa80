// Package accesstest tests somebody's own validator of Access tokens: the code in an origin
// that reads Cf-Access-Jwt-Assertion and decides who is asking. It is a team with one
// application, in process, with no network and no edge:
//
//	func TestValidator(t *testing.T) {
//		access := accesstest.New(t, "acme")
//		validate := newValidator(access.Issuer, access.AUD, access.HTTPClient)
//
//		for name, c := range access.Genuine() {
//			if err := validate(c.Token); err != nil {
//				t.Errorf("%s is genuine, and was refused: %v", name, err)
//			}
//		}
//		for name, c := range access.Forgeries() {
//			if validate(c.Token) == nil {
//				t.Errorf("%s was let in: %s", name, c)
//			}
//		}
//	}
//
// A Credential as text says what it is, what a sound validator does with it and how to mend
// one that does not.
//
// # The validator's side
//
// What an origin has as TEAM_DOMAIN and POLICY_AUD are Issuer and AUD. HTTPClient answers
// for the team's host: CertsURL has the keys as JSON Web Keys (keys) and as certificates
// (public_cert, public_certs), two of each, the previous key first. It answers for nobody
// else, so that a test which leaves the machine fails. (Two names of an attacker do answer,
// with the attacker's keys: a validator that lets a token say where its keys are is found
// out.)
//
// # Tokens
//
// Token is a person's, ServiceToken a program's; options change one thing:
//
//	access.Token(accesstest.User("bob@example.com"), accesstest.Claim("custom", map[string]any{"groups": []string{"admins"}}))
//	access.Token(accesstest.Expired())
//	access.Token(accesstest.Audience(otherAUD))
//
// Put gives one to a request as Access does; Request makes such a request.
//
// # What to range over
//
// Genuine are the shapes that real tokens have: with and without typ, aud as a list and as a
// string, signed by the previous key, of a service token. A validator for people alone may
// refuse those whose Credential.Service is set, and must not take them for a person.
//
// Forgeries are all to be refused. Disagreeing come beside a genuine token and name somebody
// else in another place: a handler refuses them or answers for the genuine person, and never
// for Credential.Claimed. Package forge has the list.
//
// # Time and keys
//
// Tokens are of the time that Now says; give the validator the same clock, or leave both at
// the system's. Keys are RSA-2048, random, and shared by all tests of a process.
// RotateKeys replaces the current one.
package accesstest
