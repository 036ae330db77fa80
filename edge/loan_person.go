package edge

import (
	"errors"
	"net/http"
	"net/url"
	"sync"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/listen"
)

// person is the credential of somebody who signs in at each application when its first request comes,
// and again when a session is over.
type person struct {
	edge          *Edge
	email, client string

	mu     sync.Mutex        // guards tokens; held during a sign-in, so that many requests make one
	tokens map[string]string // by audience tag
}

func (p *person) holder() string { return p.email }

func (p *person) machine() bool { return false }

func (p *person) country(s *snapshot) string { return s.countryOf(p.email, p.client) }

func (p *person) headers(q *request, stale http.Header) (http.Header, error) {
	app := q.guard.App
	p.mu.Lock()
	defer p.mu.Unlock()
	token := p.tokens[app.AUD]
	if token == "" || stale.Get("Cf-Access-Token") == token {
		var err error
		if token, err = p.signIn(q, app); err != nil {
			return nil, err
		}
		if p.tokens == nil {
			p.tokens = make(map[string]string)
		}
		p.tokens[app.AUD] = token
	}
	return http.Header{"Cf-Access-Token": {token}}, nil
}

var errOtherApp = errors.New("another application covers the rest of this host")

// signIn is a login for the URL of a request; for a path of Access itself, for the host's root.
func (p *person) signIn(q *request, app *accessemu.App) (token string, err error) {
	u := url.URL{Scheme: "https", Host: q.admission.host.Name, Path: "/"}
	if q.guard.Verdict != accessemu.Endpoint {
		u.Path, u.RawPath = q.view.HTTP.URL.Path, q.view.HTTP.URL.RawPath
	}
	done, err := p.edge.SignIn(SignIn{Email: p.email, URL: u.String(), Client: p.client})
	if err != nil {
		return "", err
	}
	if done.AUD != app.AUD {
		return "", errOtherApp
	}
	for _, c := range done.Cookies {
		if c.Host == u.Host && c.Name == "CF_Authorization" {
			return c.Value, nil
		}
	}
	return "", errors.New("nobody is asked to log in at " + u.Host)
}

// walkFor is a browser of somebody, from a client or from the person's own country.
func (e *Edge) walkFor(email, client string) *walk {
	return &walk{edge: e, cookies: make(map[string]Cookie), info: listen.Info{
		Client: client, TLS: true, Own: true, Country: e.snap.Load().countryOf(email, client),
	}}
}

// parseSample is a URL that an application's destination covers.
func parseSample(domain string) (*url.URL, error) { return url.Parse("https://" + sample(domain)) }
