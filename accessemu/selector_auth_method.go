package accessemu

import "slices"

// AuthMethodRule admits who signed in by one method, as the identity provider
// tells it in amr.
type AuthMethodRule struct {
	AuthMethod string `json:"auth_method"` // a value of RFC 8176: "mfa"
}

// authMethods are the values that RFC 8176 registers.
var authMethods = []string{
	"face", "fpt", "geo", "hwk", "iris", "kba", "mca", "mfa", "otp", "pin", "pwd", "rba", "retina", "sc", "sms", "swk", "tel", "user", "vbm", "wia",
}

func (r AuthMethodRule) compile(field string, f *faults) matcher {
	if !slices.Contains(authMethods, r.AuthMethod) {
		f.add(join(field, "auth_method"), quote(r.AuthMethod), either(authMethods), suggest(r.AuthMethod, authMethods))
		return nil
	}
	return authMethodMatcher(r.AuthMethod)
}

type authMethodMatcher string

func (m authMethodMatcher) match(s subject) bool {
	return s.traits != nil && slices.Contains(s.traits.amr, string(m))
}
func (m authMethodMatcher) say() string { return "who signs in with the method " + string(m) }
