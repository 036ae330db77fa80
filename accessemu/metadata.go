package accessemu

import (
	"net/http"
	"strings"
)

const (
	headerMetadataRequest = "Cf-Access-Metadata-Request"
	headerMetadata        = "Cf-Access-Metadata"
)

// matchClaims say, signed, which application covers a URL. cloudflared takes the team's host from
// them, so that a page in between cannot send it elsewhere to sign in.
type matchClaims struct {
	Type     string `json:"type"` // "match"
	Audience string `json:"aud"`
	Host     string `json:"hostname"`     // of the request
	Team     string `json:"auth_domain"`  // "acme.cloudflareaccess.com"
	AppHost  string `json:"app_hostname"` // of the destination, with its wildcard
	Issued   int64  `json:"iat"`
}

// asksMetadata tells whether a program wants to know which application covers a URL. It is
// answered before any credential is looked at, and so to everybody.
func asksMetadata(r *http.Request) bool {
	values := r.Header[headerMetadataRequest]
	return len(values) == 1 && (r.Method == http.MethodHead || r.Method == http.MethodGet) && strings.EqualFold(values[0], "true")
}

// serveMetadata answers for a path that an application covers.
func (s *State) serveMetadata(w http.ResponseWriter, r *Request, c *Config, path string) {
	rt := c.route(r, path)
	if rt == nil {
		s.unknown(w, r, c, path)
		return
	}
	pair, err := s.keys()
	if err != nil {
		s.internal(w, r, "signing keys", err)
		return
	}
	domain, _, _ := strings.Cut(rt.destination, "/")
	if rt.ofWorker() {
		domain = r.Host
	}
	token, err := pair.current.sign("JWT", matchClaims{
		Type: "match", Audience: rt.app.AUD, Host: r.Host, Team: c.authDomain, AppHost: domain, Issued: s.now().Unix(),
	})
	if err != nil {
		s.internal(w, r, "metadata token", err)
		return
	}
	h := w.Header()
	noStore(h)
	h.Set(headerMetadata, token)
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}
