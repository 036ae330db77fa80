package accessemu

import (
	"encoding/json"
	"net/http"
	"strings"
)

// laterEndpoints belong to Access, on an application's host or the team's, and
// are not built yet.
var laterEndpoints = map[string]string{
	"/":     "the App Launcher",
	"/warp": "device enrolment",
	"/.well-known/oauth-authorization-server": "managed OAuth",
	"/cdn-cgi/access/refresh-identity":        "refresh-identity",
	"/cdn-cgi/access/saml-metadata":           "SAML",
	"/cdn-cgi/access/oauth/":                  "managed OAuth",
	"/cdn-cgi/access/sso/":                    "Access for SaaS",
}

func laterEndpoint(path string) (string, bool) {
	if what, ok := laterEndpoints[path]; ok {
		return what, true
	}
	for prefix, what := range laterEndpoints {
		if len(prefix) > 1 && strings.HasSuffix(prefix, "/") && strings.HasPrefix(path, prefix) {
			return what, true
		}
	}
	return "", false
}

// serveEndpoint answers the paths of Access on an application's host.
func (s *State) serveEndpoint(w http.ResponseWriter, r *Request, c *Config) {
	path, _ := requestPath(r.HTTP.URL)
	if !reserved(path) {
		s.serveMetadata(w, r, c, path)
		return
	}
	switch path {
	case accessPath + "authorized":
		s.serveAuthorized(w, r, c)
	case accessPath + "certs":
		s.serveCerts(w, r)
	case cliPath:
		s.serveCLI(w, r, c)
	case accessPath + "get-identity":
		s.serveIdentity(w, r, c, "app")
	case accessPath + "logout":
		s.serveLogout(w, r, c, false)
	default:
		if rest, ok := strings.CutPrefix(path, resourcePath); ok {
			s.serveResource(w, r, c, rest)
			return
		}
		s.unknown(w, r, c, path)
	}
}

// unknown answers a path that nothing here answers, and says so in the log: a
// quiet 404 would hide what a client needs.
func (s *State) unknown(w http.ResponseWriter, r *Request, c *Config, path string) {
	noStore(w.Header())
	if what, ok := laterEndpoint(path); ok {
		s.log.Warn("access: not supported yet", "what", what, "host", r.Host, "path", path)
		s.show(w, r, c, page{Status: http.StatusNotImplemented, Title: "Not supported yet",
			Lead: "The real Access answers this path; this lookalike does not yet: " + what + "."})
		return
	}
	s.log.Warn("access: unknown path", "method", r.HTTP.Method, "host", r.Host, "path", path)
	s.show(w, r, c, page{Status: http.StatusNotFound, Title: "404 Not Found", Heading: "There is nothing here",
		Lead: "No page of Access has this address: " + path})
}

type resource struct {
	Resource string         `json:"resource"`
	Guarded  bool           `json:"protected"`
	Team     string         `json:"team_domain"`
	Servers  []string       `json:"authorization_servers"`
	Methods  []resourceHelp `json:"authentication_methods"`
}

type resourceHelp struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Command     string `json:"command"`
}

// serveResource tells programs what guards a path. It needs no sign-in.
func (s *State) serveResource(w http.ResponseWriter, r *Request, c *Config, path string) {
	if c.index.match(r.Host, max(path, "/")) == nil && c.workerRouteOn(r, r.Host) == nil {
		s.unknown(w, r, c, resourcePath+path)
		return
	}
	target := r.origin(r.Host) + path
	body, err := json.Marshal(resource{
		Resource: target, Guarded: true, Team: c.authDomain, Servers: []string{r.origin(c.authDomain)},
		Methods: []resourceHelp{{"cloudflared", "Sign in with a browser and get a token", "cloudflared access login " + target}},
	})
	if err != nil {
		s.internal(w, r, "protected resource metadata", err)
		return
	}
	writeJSON(w, r.HTTP, http.StatusOK, body)
}
