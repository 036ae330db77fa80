package edge

import (
	"net/http"

	"github.com/sundog-edge/sundog/edge/world"
)

// site is a host of the lookalike internet that the edge serves itself.
type site struct {
	name  string // what it is, for people: "Access team domain"
	by    *string
	serve func(q *request, w http.ResponseWriter, r *http.Request)
}

// sitesOf are the hosts that a world has whatever its zones say.
func sitesOf(s world.Settings) map[string]*site {
	sites := map[string]*site{
		"api.cloudflare.com": {name: "REST API", by: &byEdge, serve: func(q *request, w http.ResponseWriter, r *http.Request) {
			q.edge.api().ServeHTTP(w, r)
		}},
	}
	if s.Team != "" {
		sites[s.Team+".cloudflareaccess.com"] = &site{name: "Access team domain", by: &byAccess, serve: serveTeam}
	}
	return sites
}

func serveTeam(q *request, w http.ResponseWriter, r *http.Request) {
	if !q.admission.tls {
		q.redirectHTTPS(w, r)
		return
	}
	q.edge.access.ServeTeam(w, &q.view, q.snap.access)
}
