package edge

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/world"
)

// Entrypoint is one way into the world from outside: a host, or a path of one, that
// the edge serves.
type Entrypoint struct {
	URL      string `json:"url"`             // "https://myservice.example.com/"
	Public   bool   `json:"public"`          // true: anyone enters without a login
	Guard    string `json:"guard"`           // the application's name; "none" without one
	Note     string `json:"note,omitempty"`  // what Public alone does not tell: who enters without a login, or that nobody can
	AUD      string `json:"aud,omitempty"`   // the application's audience tag
	Target   string `json:"target"`          // "tunnel web → http://localhost:8080", or why there is none
	Where    string `json:"where,omitempty"` // file:line:column of the record
	Inferred bool   `json:"inferred,omitempty"`
}

// App is an Access application, as an origin must know it.
type App struct {
	Name    string   `json:"name"`
	AUD     string   `json:"aud"`
	Domains []string `json:"domains"` // hosts, or hosts and paths; of one in front of Workers, those that lead to them
}

// Summary is what a world serves.
type Summary struct {
	Team        string       `json:"team"`
	TeamDomain  string       `json:"team_domain"` // "https://acme.cloudflareaccess.com"; a token's issuer
	AccountID   string       `json:"account_id"`
	Entrypoints []Entrypoint `json:"entrypoints"`
	Apps        []App        `json:"apps"`
	Stale       []string     `json:"stale,omitempty"`   // errors of the files since; what is served is older than they are
	Origins     []Probe      `json:"origins,omitempty"` // what Probe found, when it was called since the world last changed

	ServiceTokens          []ServiceToken `json:"service_tokens,omitempty"`
	StrictServiceTokenAuth bool           `json:"strict_service_token_auth"` // what the organization says
}

// Summary asks the request's own way, anonymously, about every proxied name and every
// path that an application names.
func (e *Edge) Summary() Summary {
	s := e.snap.Load()
	sum := Summary{
		Team: s.settings.Team, TeamDomain: "https://" + s.settings.Team + "." + teamDomain, AccountID: s.settings.AccountID,
		Entrypoints: []Entrypoint{}, Apps: []App{},
	}
	for _, err := range e.Stale() {
		sum.Stale = append(sum.Stale, err.Error())
	}
	if last := e.probed.Load(); last != nil && last.generation == s.generation {
		sum.Origins = last.origins
	}
	sum.Apps = append(sum.Apps, s.apps()...)
	sum.StrictServiceTokenAuth = s.access.Organization().StrictServiceTokenAuth
	for _, doc := range s.inFileOrder(world.KindServiceToken) {
		if t, ok := s.access.ServiceToken(doc.Key.ID); ok {
			sum.ServiceTokens = append(sum.ServiceTokens, ServiceToken{Name: t.Name, ID: t.ID, ClientID: t.ClientID})
		}
	}
	for _, d := range s.doors() {
		sum.Entrypoints = append(sum.Entrypoints, e.entrypoint(s, d))
	}
	return sum
}

func (s *snapshot) apps() (list []App) {
	for _, doc := range s.inFileOrder(world.KindApp) {
		if app, ok := s.access.App(doc.Key.ID); ok {
			list = append(list, App{Name: app.Name, AUD: app.AUD, Domains: s.destinations(app)})
		}
	}
	return list
}

// door is an entrypoint of which nobody has asked yet where it leads.
type door struct {
	host, path string // as patterns
	plain      bool   // by plain HTTP, which leads elsewhere than HTTPS
	app        *accessemu.App
	doc        *world.Document // that makes the way in: a record, or what runs code
	code       code            // that takes requests; none: the record's origin does
}

func (d *door) url() string {
	if d.plain {
		return "http://" + d.host + d.path
	}
	return "https://" + d.host + d.path
}

// doors are the ways in, in the order of the files' records.
func (s *snapshot) doors() (list []door) {
	deep, behind, named := s.deep(), s.routeDoors(), s.namedHosts()
	for _, doc := range s.inFileOrder(world.KindRecord) {
		if rec := doc.Value.(*world.Record); rec.Proxied {
			from := len(list)
			list = s.appendDoors(list, rec, doc, deep)
			list = s.appendRoutes(list, rec, behind)
			list = s.appendNamed(list, from, rec, doc, named, deep)
		}
	}
	return s.appendCode(list, deep)
}

// deepDomains are the domains of applications that have a path, in their order: those of one host by that host,
// and those that any host may match.
type deepDomains struct {
	byHost map[string][]deepDomain
	any    []deepDomain
}

type deepDomain struct {
	text, path string
	at         world.Mark // of the application
}

func (a deepDomain) compare(b deepDomain) int { return a.at.Compare(b.at) }

func (s *snapshot) deep() deepDomains {
	var all []deepDomain
	for doc := range s.layers.All(world.KindApp) {
		app, ok := s.access.App(doc.Key.ID)
		if !ok {
			continue
		}
		for _, text := range app.Domains {
			if _, path, _ := strings.Cut(text, "/"); path != "" && path != "*" {
				all = append(all, deepDomain{text, path, doc.Mark})
			}
		}
	}
	slices.SortStableFunc(all, deepDomain.compare)
	d := deepDomains{byHost: map[string][]deepDomain{}}
	for _, one := range all {
		if host, _, _ := strings.Cut(one.text, "/"); strings.Contains(host, "*") {
			d.any = append(d.any, one)
		} else {
			d.byHost[host] = append(d.byHost[host], one)
		}
	}
	return d
}

// of are those that may be of a host, which may be a wildcard.
func (d deepDomains) of(host string) []deepDomain {
	here := d.byHost[sample(host)]
	if len(d.any) == 0 {
		return here
	}
	all := slices.Concat(here, d.any)
	slices.SortStableFunc(all, deepDomain.compare)
	return all
}

// appendDoors adds the ways in through one record: its root, the paths that applications name there, and below a
// wildcard what lies deeper, where another application decides, or none.
func (s *snapshot) appendDoors(list []door, rec *world.Record, doc *world.Document, deep deepDomains) []door {
	root := s.door(rec.Name, "/", doc)
	list = s.appendDeep(append(list, root), rec.Name, doc, deep)
	if parent, ok := strings.CutPrefix(rec.Name, "*."); ok {
		if below := s.door("*.*."+parent, "/", doc); below.app != root.app {
			list = s.appendDeep(append(list, below), below.host, doc, deep)
		}
	}
	return list
}

func (s *snapshot) appendDeep(list []door, host string, doc *world.Document, deep deepDomains) []door {
	for _, d := range deep.of(host) {
		c := s.codeAt("https", sample(host), sample("/"+d.path))
		if _, decides, ok := s.access.MatchWorker(sample(host), sample("/"+d.path), c.ref()); ok && decides == d.text {
			list = append(list, s.door(host, "/"+d.path, doc))
		}
	}
	return list
}

func (s *snapshot) door(host, path string, doc *world.Document) door {
	return s.opened(door{host: host, path: path, doc: doc})
}

// opened looks for what is behind a door, and what is in front of it.
func (s *snapshot) opened(d door) door {
	scheme := "https"
	if d.plain {
		scheme = "http"
	}
	d.code = s.codeAt(scheme, sample(d.host), sample(d.path))
	if strings.Contains(d.host, "*") {
		d.code.version = "" // it is about all of them
	}
	if app, _, ok := s.access.MatchWorker(sample(d.host), sample(d.path), d.code.ref()); ok {
		d.app = app
	}
	return d
}

// sample is a host or path that a pattern stands for.
func sample(pattern string) string { return strings.ReplaceAll(pattern, "*", "any") }

// inFileOrder lists documents as a person wrote them.
func (s *snapshot) inFileOrder(kind world.Kind) []*world.Document {
	return slices.SortedStableFunc(s.layers.All(kind), func(a, b *world.Document) int { return a.Mark.Compare(b.Mark) })
}

// guarded is an entrypoint without its target.
func (d *door) guarded() Entrypoint {
	p := Entrypoint{URL: d.url(), Where: d.doc.Mark.String(), Inferred: d.doc.Inferred, Guard: "none", Public: true}
	if d.app != nil {
		p.Guard, p.AUD = d.app.Name, d.app.AUD
		p.Public, p.Note = whoEnters(d.app)
	}
	return p
}

func (e *Edge) entrypoint(s *snapshot, d door) Entrypoint {
	p := d.guarded()
	r, err := http.NewRequest(http.MethodGet, sample(d.url()), nil)
	if err != nil {
		p.Target = err.Error()
		return p
	}
	if !d.plain {
		r.TLS = pretendTLS(r.Host)
	}
	if p.Target = d.code.String(); !d.code.is() {
		p.Target = e.targetOf(e.begin(r), r)
	}
	return p
}

// whoEnters reads an application's policies, not one client's chances: whether anyone enters without a login, and
// what else a reader should know.
func whoEnters(app *accessemu.App) (public bool, note string) {
	allows, machines, bypasses := false, false, []string(nil)
	for _, p := range app.Policies() {
		switch p.Decision {
		case "bypass":
			everyone := slices.ContainsFunc(p.Include, func(r accessemu.Rule) bool { return r.Selector == "everyone" })
			if everyone && len(p.Exclude) == 0 && len(p.Require) == 0 {
				return true, "bypass of everyone"
			}
			bypasses = append(bypasses, p.Name)
		case "allow":
			allows = true
		case "non_identity":
			machines = true
		}
	}
	switch {
	case len(bypasses) > 0:
		note = "some enter without a login: bypass of " + strings.Join(bypasses, ", ")
	case !allows && machines:
		note = "machines only, with a service token: no policy lets people log in"
	case !allows:
		note = "nobody can log in: no policy allows"
	}
	return false, note
}

// targetOf names what would answer if the guard let the request through.
func (e *Edge) targetOf(q *request, r *http.Request) string {
	rt := &q.route
	switch {
	case rt.code.is():
		return rt.code.String()
	case rt.problem != nil:
		return rt.problem.Cause
	case rt.tunnel != nil:
		target := "tunnel " + tunnelName(rt.tunnel)
		if rt.live {
			target += " → a connector"
		}
		if d := rt.rule(q.admission.host.Name, r.URL.Path); d.Rule != nil {
			target += " → " + d.Rule.Service
		}
		return target
	case rt.record != nil:
		return rt.record.Type + " " + rt.record.Content
	}
	return ""
}
