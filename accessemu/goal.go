package accessemu

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// goal is where a sign-in leads: an application, on one host, and a path there.
type goal struct {
	aud, host string
	redirect  string // path and query, safe
	session   string // SHA-256 of the browser's CF_AppSession, hex; empty: not known
	query     string // of the login page, to come back to it

	tour []string // hosts to go over after a first login
}

// weight is what keeping the goal takes, in bytes and about.
func (g *goal) weight() int {
	return len(g.aud) + len(g.host) + len(g.redirect) + len(g.session) + len(g.query)
}

// goalOf reads where a login page leads. It answers the page itself when no
// application is meant. What it keeps is built anew from the parameters that
// are known: a piece of the request's own text would keep all of it in memory.
func (s *State) goalOf(w http.ResponseWriter, r *Request, c *Config, host string) (goal, *App, bool) {
	q := r.HTTP.URL.Query()
	kid, meta, target := q.Get("kid"), q.Get("meta"), q.Get("redirect_url")
	if len(meta) > maxToken || len(target) > maxRedirect {
		s.show(w, r, c, page{Status: http.StatusBadRequest, Title: "This link is too long",
			Lead: "Go back to the application, and sign in from there.", reason: Reason{Why: "meta or redirect_url of the login URL is longer than Access makes it"}})
		return goal{}, nil, false
	}
	app, ok := c.AppByAUD(kid)
	if host = lowerASCII(host); !ok || !validDomain(host) || !c.covers(app, r, host) {
		s.log.Warn("access: a login page for no application", "host", host, "kid", kid)
		s.show(w, r, c, page{Status: http.StatusNotFound, Title: "Unable to find your Access application",
			Lead: "No application of this team has the audience tag of this link and covers its host.", Detail: "Go back to the application, and sign in from there."})
		return goal{}, nil, false
	}
	g := goal{aud: app.AUD, host: strings.Clone(host), redirect: safePath(target), query: loginQuery(app.AUD, meta, target)}
	g.session = s.sessionHash(meta, g)
	return g, app, true
}

// loginQuery writes the parameters in the order of the real ones; url.Values
// would sort them.
func loginQuery(aud, meta, target string) string {
	query := "kid=" + aud
	if meta != "" {
		query += "&meta=" + url.QueryEscape(meta)
	}
	if target != "" {
		query += "&redirect_url=" + url.QueryEscape(target)
	}
	return query
}

// loginPage is where the goal's login page is.
func (g *goal) loginPage() string { return loginPath + g.host + "?" + g.query }

// sessionHash is the browser's CF_AppSession as the application's host saw it,
// signed into meta. Without meta, or with one that is too old, it is not known,
// and the sign-in leads to the application's host for a fresh one.
func (s *State) sessionHash(meta string, g goal) string {
	if meta == "" {
		return ""
	}
	body, key, problem := s.open(meta)
	now := s.now()
	var m metaClaims
	if problem != "" || !s.usable(key, now) || json.Unmarshal(body, &m) != nil ||
		m.Type != "meta" || m.Audience != g.aud || m.Host != g.host || m.Expires <= now.Unix() || m.NotYet > now.Unix() {
		return ""
	}
	return m.Session
}
