package accessemu

import (
	"encoding/json"
	"net/http"
	"time"
)

const cookieBinding = "CF_Binding"

// bindingClaims are those of the cookie that binds a token to the browser it
// was given to.
type bindingClaims struct {
	Subject string `json:"sub"`
	Expires int64  `json:"exp"`
	Issued  int64  `json:"iat"`
	Type    string `json:"type"` // "binding"
}

// setBinding gives the browser the cookie that goes with its token, where the
// application wants one.
func (s *State) setBinding(h http.Header, a *App, who *session, issued, expires time.Time) error {
	if !a.doc.EnableBindingCookie {
		return nil
	}
	pair, err := s.keys()
	if err != nil {
		return err
	}
	token, err := pair.current.sign("", bindingClaims{who.subject, expires.Unix(), issued.Unix(), "binding"})
	if err != nil {
		return err
	}
	setCookie(h, cookieBinding, token, "/", "None", expires, true)
	return nil
}

// unbound tells why a person's token does not count for lack of the binding
// cookie that came with it, or "".
func (a *App) unbound(s *State, v *verified, h http.Header) string {
	if !a.doc.EnableBindingCookie {
		return ""
	}
	const why = "not bound to this browser: "
	value, several := oneCookie(h, cookieBinding)
	switch {
	case several:
		return why + "two different " + cookieBinding + " cookies were sent"
	case value == "":
		return why + "the cookie " + cookieBinding + " is missing"
	}
	body, key, problem := s.open(value)
	if problem != "" {
		return why + "the cookie " + cookieBinding + " is " + problem
	}
	var b bindingClaims
	if json.Unmarshal(body, &b) != nil || b.Type != "binding" || b.Subject != v.claims.Subject ||
		b.Expires != v.claims.Expires || b.Issued != v.claims.Issued || !s.usable(key, s.now()) {
		return why + "the cookie " + cookieBinding + " belongs to another token"
	}
	return ""
}
