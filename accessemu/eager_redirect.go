package accessemu

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// eagerByDefault is up to how many domains the cookies of an application that says
// nothing are set eagerly, as of one that is older than the setting.
const eagerByDefault = 5

const authorizedPath = accessPath + "authorized"

// tour are the hosts of the application, beside the one where a login began, that
// the browser is led over after the login to get their cookies. Hosts with wildcards
// have none of their own to be led to.
func (a *App) tour(from string) (hosts []string) {
	if eager := a.doc.EagerRedirect; eager != nil && !*eager || eager == nil && len(a.routes) > eagerByDefault {
		return nil
	}
	for _, r := range a.routes {
		if r.host.literal() && r.host.text != from && !slices.Contains(hosts, r.host.text) {
			hosts = append(hosts, r.host.text)
		}
	}
	return hosts
}

// stop is a host on a tour. Nobody is signed in by it: the host asks the team domain,
// as for any visitor, so that whoever is sent there by somebody else stays who they are.
type stop struct {
	aud, host string
	rest      []string // the hosts after it
	home      string   // host where the login began
	path      string   // and the way back there
	asked     bool     // the team domain was asked
	at        *grant
}

// nextStop is where a tour goes on: the next host, or home.
func (s *State) nextStop(r *Request, c *Config, t stop) string {
	if len(t.rest) == 0 {
		return r.origin(t.home) + t.path
	}
	t.host, t.rest, t.asked = t.rest[0], t.rest[1:], false
	return r.origin(t.host) + s.openStop(c, t)
}

// openStop keeps a stop, and answers its path.
func (s *State) openStop(c *Config, t stop) string {
	nonce := s.text(43, alphanumeric)
	t.at = s.newGrant(nil)
	s.mu.Lock()
	s.stops.sweep(func(t *stop) bool { return s.expired(t.at, lifePass) })
	s.stops.put(nonce, &t)
	s.mu.Unlock()
	return authorizedPath + "?nonce=" + nonce + "&state=" + url.QueryEscape(s.signState(c, goal{host: t.host, redirect: t.path}, nonce))
}

// takeStop uses a stop up.
func (s *State) takeStop(nonce, host string) (stop, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.stops.get(nonce)
	if !ok || t.host != host || s.expired(t.at, lifePass) {
		return stop{}, false
	}
	s.stops.drop(nonce)
	return *t, true
}

// serveStop asks the team domain who this is, once, and goes on.
func (s *State) serveStop(w http.ResponseWriter, r *Request, c *Config, t stop) {
	app, ok := c.AppByAUD(t.aud)
	if !ok || !c.covers(app, r, r.Host) {
		s.invalidSession(w, r, c, "Open the application again.", "its application is gone")
		return
	}
	if t.asked {
		redirect(w, r, s.nextStop(r, c, t))
		return
	}
	t.asked = true
	d := Decision{App: app, subject: subjectFrom(r.Client)}
	s.leadToLogin(w, r, c, &d, s.openStop(c, t))
}

// onward is where a browser goes that has just got its cookie: where it was
// going, or on with its tour.
func (s *State) onward(r *Request, c *Config, p *pass) string {
	if path, query, ok := strings.Cut(p.redirect, "?"); ok && path == authorizedPath {
		if q, err := url.ParseQuery(query); err == nil {
			if t, ok := s.takeStop(q.Get("nonce"), r.Host); ok {
				return s.nextStop(r, c, t)
			}
		}
	}
	return s.nextStop(r, c, stop{aud: p.aud, rest: p.tour, home: r.Host, path: p.redirect})
}

// routeOn is the application's route that a cookie set on a host is for.
func (a *App) routeOn(host string) *route {
	for _, r := range a.routes {
		if r.host.match(host) {
			return r
		}
	}
	if len(a.workers) > 0 {
		return a.workers[0]
	}
	return a.routes[0]
}

func (t *stop) weight() int {
	n := len(t.aud) + len(t.host) + len(t.home) + len(t.path) + 128
	for _, host := range t.rest {
		n += len(host) + 16
	}
	return n
}
