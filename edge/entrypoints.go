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
	Domains []string `json:"domains"`
}

// Summary is what a world serves.
type Summary struct {
	Team        string       `json:"team"`
	TeamDomain  string       `json:"team_domain"` // "https://acme.cloudflareaccess.com"; a token's issuer
	AccountID   string       `json:"account_id"`
	Entrypoints []Entrypoint `json:"entrypoints"`
	Apps        []App        `json:"apps"`
	Origins     []Probe      `json:"origins,omitempty"` // what Probe found, when it was called since the world last changed
}

// Summary asks the request's own way, anonymously, about every proxied name and every
// path that an application names.
func (e *Edge) Summary() Summary {
	s := e.snap.Load()
	sum := Summary{
		Team: s.settings.Team, TeamDomain: "https://" + s.settings.Team + ".cloudflareaccess.com", AccountID: s.settings.AccountID,
		Entrypoints: []Entrypoint{}, Apps: []App{},
	}
	if last := e.probed.Load(); last != nil && last.generation == s.generation {
		sum.Origins = last.origins
	}
	for _, doc := range s.inFileOrder(world.KindApp) {
		if app, ok := s.access.App(doc.Key.ID); ok {
			sum.Apps = append(sum.Apps, App{Name: app.Name, AUD: app.AUD, Domains: app.Domains})
		}
	}
	for _, doc := range s.inFileOrder(world.KindRecord) {
		if rec := doc.Value.(*world.Record); rec.Proxied {
			sum.Entrypoints = append(sum.Entrypoints, e.entrypointsOf(s, rec, doc, sum.Apps)...)
		}
	}
	return sum
}

// entrypointsOf are the ways in through one record: its root, the paths that applications name there, and below a
// wildcard what lies deeper, where another application decides, or none.
func (e *Edge) entrypointsOf(s *snapshot, rec *world.Record, doc *world.Document, apps []App) (list []Entrypoint) {
	hosts := []string{rec.Name}
	if parent, ok := strings.CutPrefix(rec.Name, "*."); ok {
		hosts = append(hosts, "*.*."+parent)
	}
	for i, host := range hosts {
		root := e.entrypoint(s, host, "/", doc)
		if i > 0 && root.AUD == list[0].AUD {
			continue
		}
		list = append(list, root)
		for _, app := range apps {
			for _, d := range app.Domains {
				_, path, _ := strings.Cut(d, "/")
				if path == "" || path == "*" {
					continue
				}
				if _, decides, ok := s.access.Match(sample(host), sample("/"+path)); ok && decides == d {
					list = append(list, e.entrypoint(s, host, "/"+path, doc))
				}
			}
		}
	}
	return list
}

// sample is a host or path that a pattern stands for.
func sample(pattern string) string { return strings.ReplaceAll(pattern, "*", "any") }

// inFileOrder lists documents as a person wrote them.
func (s *snapshot) inFileOrder(kind world.Kind) []*world.Document {
	return slices.SortedStableFunc(s.layers.All(kind), func(a, b *world.Document) int { return a.Mark.Compare(b.Mark) })
}

func (e *Edge) entrypoint(s *snapshot, host, path string, doc *world.Document) Entrypoint {
	p := Entrypoint{URL: "https://" + host + path, Where: doc.Mark.String(), Inferred: doc.Inferred, Guard: "none", Public: true}
	if app, _, ok := s.access.Match(sample(host), sample(path)); ok {
		p.Guard, p.AUD = app.Name, app.AUD
		p.Public, p.Note = whoEnters(app)
	}
	r, err := http.NewRequest(http.MethodGet, "https://"+sample(host)+sample(path), nil)
	if err != nil {
		p.Target = err.Error()
		return p
	}
	r.TLS = pretendTLS(r.Host)
	p.Target = e.targetOf(e.begin(r), r)
	return p
}

// whoEnters reads an application's policies, not one client's chances: whether anyone enters without a login, and
// what else a reader should know.
func whoEnters(app *accessemu.App) (public bool, note string) {
	allows, bypasses := false, []string(nil)
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
		}
	}
	switch {
	case len(bypasses) > 0:
		note = "some enter without a login: bypass of " + strings.Join(bypasses, ", ")
	case !allows:
		note = "nobody can log in: no policy allows"
	}
	return false, note
}

// targetOf names what would answer if the guard let the request through.
func (e *Edge) targetOf(q *request, r *http.Request) string {
	rt := &q.route
	switch {
	case rt.problem != nil:
		return rt.problem.Cause
	case rt.tunnel != nil:
		d := rt.tunnel.embedded.Decide(q.admission.host.Name, r.URL.Path)
		if d.Rule == nil {
			return "tunnel " + tunnelName(rt.tunnel)
		}
		return "tunnel " + tunnelName(rt.tunnel) + " → " + d.Rule.Service
	case rt.record != nil:
		return rt.record.Type + " " + rt.record.Content
	}
	return ""
}
