package accessemu

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

const cookieAuthorization = "CF_Authorization"

// maxCookies is how many cookies of one name are looked at; a browser sends
// one per path.
const maxCookies = 8

// cookieValues finds the values of a cookie, in order and without allocation.
func cookieValues(h http.Header, name string) (values [maxCookies]string, n int) {
	for _, line := range h["Cookie"] {
		for line != "" {
			var part string
			part, line, _ = strings.Cut(line, ";")
			key, value, ok := strings.Cut(strings.Trim(part, " \t"), "=")
			if !ok || key != name {
				continue
			}
			if n < maxCookies {
				values[n] = strings.Trim(value, `"`)
			}
			n++
		}
	}
	return values, n
}

// oneCookie is the only value of a cookie; several that differ count as none.
func oneCookie(h http.Header, name string) (value string, several bool) {
	values, n := cookieValues(h, name)
	for i := 1; i < min(n, maxCookies); i++ {
		if values[i] != values[0] {
			return "", true
		}
	}
	return values[0], n > maxCookies
}

// authenticate finds the credential that opens the application, in the order
// of precedence, after service tokens: header Cf-Access-Token, header Cf-Access-Jwt-Assertion,
// cookie. One that does not count is noted in d.Refused. The answer false means
// that the request names two people.
func (s *State) authenticate(c *Config, app *App, h http.Header, d *Decision) bool {
	now := s.now()
	for _, name := range [...]string{headerToken, headerAssertion} {
		values := h[name]
		if len(values) > 1 {
			d.Refused = append(d.Refused, Credential{"header " + name, "sent more than once"})
			continue
		}
		if len(values) == 1 && s.accept(values[0], c, app, carriers[name], d, now) {
			return true
		}
	}
	values, n := cookieValues(h, cookieAuthorization)
	if n > maxCookies {
		d.Refused = append(d.Refused, Credential{"cookie " + cookieAuthorization, "sent more than 8 times"})
		return true
	}
	accepted := false
	for _, value := range values[:n] {
		if accepted = s.accept(value, c, app, "cookie "+cookieAuthorization, d, now); accepted {
			break
		}
	}
	if accepted && n > 1 && d.Identity != nil && s.namesAnother(values[:n], c, app, d) {
		d.Identity, d.Carrier, d.assertion, d.email = nil, "", nil, nil
		d.Refused = append(d.Refused, Credential{"cookie " + cookieAuthorization, "sent twice, signed in as two different people"})
		return false
	}
	return true
}

// namesAnother tells whether a cookie beside the accepted one is a token of
// ours for another person. It need not be valid any more: a page of another
// subdomain can add a cookie, but must not choose whom its person is signed in as.
func (s *State) namesAnother(values []string, c *Config, app *App, d *Decision) bool {
	for _, value := range values {
		if value == d.assertion[0] {
			continue
		}
		v, problem := s.verify(value)
		if problem == "" && v.claims.Issuer == c.issuer && v.claims.Type == "app" &&
			slices.Contains(v.claims.Audience, app.AUD) && v.claims.Subject != d.Identity.Subject {
			return true
		}
	}
	return false
}

// carriers saves building the names at every request.
var carriers = map[string]string{
	headerToken:     "header " + headerToken,
	headerAssertion: "header " + headerAssertion,
}

func (s *State) accept(token string, c *Config, app *App, carrier string, d *Decision, now time.Time) bool {
	v, problem := s.appToken(token, c.issuer, app.AUD, now)
	switch {
	case problem != "" && v != nil && carrier == carriers[headerToken] && s.link(c, app, v, d):
		d.Carrier = carrier
		return true
	case problem != "":
	case v.machine():
		var t *serviceToken
		if t, problem = s.replay(c, app, v, now); problem == "" {
			d.subject.service = t
			d.Carrier, d.assertion, d.ServiceToken = carrier, v.assertion, t.doc.Name
			return true
		}
	default:
		if problem = app.unbound(s, v, d.header); problem == "" {
			d.Identity, d.Carrier = &v.identity, carrier
			d.assertion, d.email, d.signedIn = v.assertion, v.email, v
			return true
		}
	}
	d.Refused = append(d.Refused, Credential{carrier, problem})
	return false
}

// link takes a token of another application that a policy names.
func (s *State) link(c *Config, app *App, v *verified, d *Decision) bool {
	if v.machine() {
		return false
	}
	for _, aud := range v.claims.Audience {
		other, ok := c.AppByAUD(aud)
		if !ok {
			continue
		}
		sub := d.subject
		sub.linked = other
		if app.unattended(sub).service {
			d.subject, d.Identity, d.signedIn = sub, &v.identity, v
			return true
		}
	}
	return false
}
