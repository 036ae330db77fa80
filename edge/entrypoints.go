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
	Public   bool   `json:"public"`          // true: nobody has to log in
	Guard    string `json:"guard"`           // the application's name; "none" when Public without one
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
}

// Summary asks the request's own way, anonymously, about every proxied name and every
// path that an application names.
func (e *Edge) Summary() Summary {
	s := e.snap.Load()
	sum := Summary{Team: s.settings.Team, TeamDomain: "https://" + s.settings.Team + ".cloudflareaccess.com", AccountID: s.settings.AccountID}
	for _, doc := range s.inFileOrder(world.KindApp) {
		if app, ok := s.access.App(doc.Key.ID); ok {
			sum.Apps = append(sum.Apps, App{Name: app.Name, AUD: app.AUD, Domains: app.Domains})
		}
	}
	for _, doc := range s.inFileOrder(world.KindRecord) {
		rec := doc.Value.(*world.Record)
		if !rec.Proxied {
			continue
		}
		paths := []string{"/"}
		for _, app := range sum.Apps {
			for _, d := range app.Domains {
				if host, path, ok := strings.Cut(d, "/"); ok && path != "" && path != "*" && strings.EqualFold(host, rec.Name) {
					paths = append(paths, "/"+path)
				}
			}
		}
		for _, path := range paths {
			sum.Entrypoints = append(sum.Entrypoints, e.entrypoint(rec, path, doc))
		}
	}
	return sum
}

// inFileOrder lists documents as a person wrote them.
func (s *snapshot) inFileOrder(kind world.Kind) []*world.Document {
	return slices.SortedStableFunc(s.layers.All(kind), func(a, b *world.Document) int { return a.Mark.Compare(b.Mark) })
}

func (e *Edge) entrypoint(rec *world.Record, path string, doc *world.Document) Entrypoint {
	p := Entrypoint{URL: "https://" + rec.Name + path, Where: doc.Mark.String(), Inferred: doc.Inferred}
	r, err := http.NewRequest(http.MethodGet, "https://"+strings.Replace(rec.Name, "*", "any", 1)+strings.ReplaceAll(path, "*", "any"), nil)
	if err != nil {
		p.Target = err.Error()
		return p
	}
	r.TLS = pretendTLS(r.Host)
	q := e.begin(r)
	p.Guard = "none"
	if q.guard.App != nil {
		p.Guard, p.AUD = q.guard.App.Name, q.guard.App.AUD
	}
	p.Public = q.guard.Verdict == accessemu.NoApplication || q.guard.Verdict == accessemu.Bypass
	p.Target = e.targetOf(q, r)
	return p
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
