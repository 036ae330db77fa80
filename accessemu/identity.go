package accessemu

import (
	"encoding/json"
	"net/http"
)

// serveIdentity answers who is signed in. On the team domain any application's
// token does, and the team's own; on an application's host one of that host.
func (s *State) serveIdentity(w http.ResponseWriter, r *Request, c *Config, kind string) {
	if r.HTTP.Method != http.MethodGet && r.HTTP.Method != http.MethodHead {
		methodNotAllowed(w, r, "GET, HEAD")
		return
	}
	noStore(w.Header())
	v := s.signedIn(r, c, kind)
	if v == nil {
		r.tell(Reason{Why: "no app token set: the request has no valid CF_Authorization cookie or token header", Mend: "sign in, and ask again"})
		writeJSON(w, r.HTTP, http.StatusBadRequest, []byte(`{"err":"no app token set"}`))
		return
	}
	body, err := json.Marshal(s.sessionOf(c, v, r.Client).identity)
	if err != nil {
		s.internal(w, r, "identity", err)
		return
	}
	writeJSON(w, r.HTTP, http.StatusOK, body)
}

// signedIn is the token of a request to one of Access's own paths: on the team
// domain ("org") or an application's host ("app").
func (s *State) signedIn(r *Request, c *Config, kind string) *verified {
	h := r.HTTP.Header
	values, n := cookieValues(h, cookieAuthorization)
	candidates := append([]string{}, values[:min(n, maxCookies)]...)
	for _, name := range []string{headerToken, headerAssertion} {
		candidates = append(candidates, h[name]...)
	}
	now := s.now()
	var found *verified
	for _, token := range candidates[:min(len(candidates), maxCookies)] {
		v, problem := s.verify(token)
		if problem != "" || !s.opens(v, r, c, kind) {
			continue
		}
		if s.stale(v, c.issuer, v.claims.Type, now) != "" {
			continue
		}
		if found != nil && found.identity.Subject != v.identity.Subject {
			return nil
		}
		if found == nil {
			found = v
		}
	}
	return found
}

// opens tells whether a token is meant for this host at all.
func (s *State) opens(v *verified, r *Request, c *Config, kind string) bool {
	if v.claims.Type == "org" {
		return kind == "org"
	}
	if v.claims.Type != "app" {
		return false
	}
	for _, aud := range v.claims.Audience {
		if a, ok := c.AppByAUD(aud); ok && (kind == "org" || c.covers(a, r, r.Host)) {
			return true
		}
	}
	return false
}
