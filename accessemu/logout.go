package accessemu

import (
	"net/http"
	"strings"
)

// serveLogout ends every session of the person, in all applications, whichever
// host it is asked on; only that host's cookie is deleted.
func (s *State) serveLogout(w http.ResponseWriter, r *Request, c *Config, team bool) {
	if r.HTTP.Method != http.MethodGet && r.HTTP.Method != http.MethodHead {
		methodNotAllowed(w, r, "GET, HEAD")
		return
	}
	noStore(w.Header())
	target := ""
	if to := r.HTTP.URL.Query().Get("returnTo"); to != "" {
		var ok bool
		if target, ok = safeReturn(to, func(host string) bool { return c.mayReturn(host) || c.workerRouteOn(r, host) != nil }); !ok {
			s.show(w, r, c, page{Status: http.StatusBadRequest, Title: "Invalid redirect URL",
				Lead: "returnTo may lead to " + c.authDomain + ", to a name below it, or to the host of an Access application, by https."})
			return
		}
	}
	kind := "app"
	if team {
		kind = "org"
	}
	if v := s.signedIn(r, c, kind); v != nil {
		s.revoke(v.identity.Subject, false, s.endings.Load().LogoutLatency)
	}
	dropCookie(w.Header(), cookieAuthorization, "/")
	if !team {
		if rt := c.index.match(r.Host, "/"); rt != nil && rt.app.doc.PathCookie && rt.cookiePath() != "/" {
			dropCookie(w.Header(), cookieAuthorization, rt.cookiePath())
		}
	}
	switch {
	case target != "":
		redirect(w, r, target)
	case team:
		s.show(w, r, c, page{Status: http.StatusOK, Title: "Signed out", Heading: "You are signed out",
			Lead: "Your sessions in all applications have ended."})
	default:
		redirect(w, r, r.origin(r.Host)+"/?"+messageParameter+"=logged_out")
	}
}

// messageParameter is how an application's URL tells the login page what to say.
const messageParameter = "__cf_access_message"

func (c *Config) mayReturn(host string) bool {
	return host == c.authDomain || strings.HasSuffix(host, "."+c.authDomain) || c.index.guards(host)
}
