package edge

import (
	"net/http"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/world"
)

// teamDomain is below which teams have their login.
const teamDomain = "cloudflareaccess.com"

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
			q.edge.rest.ServeHTTP(w, r)
		}},
	}
	for _, name := range resolverHosts {
		sites[name] = &site{name: "DNS over HTTPS", by: &byEdge, serve: serveDoH}
	}
	if s.Team != "" {
		sites[accessemu.TransferHost] = &site{name: "Access token transfer", by: &byAccess, serve: overTLS(func(q *request, w http.ResponseWriter) {
			q.edge.access.ServeTransfer(w, &q.view, q.snap.access)
		})}
		sites[s.Team+"."+teamDomain] = &site{name: "Access team domain", by: &byAccess, serve: overTLS(func(q *request, w http.ResponseWriter) {
			q.edge.access.ServeTeam(w, &q.view, q.snap.access)
		})}
	}
	return sites
}

// overTLS sends plain HTTP to HTTPS: what Access answers sets cookies or hands out tokens.
func overTLS(serve func(q *request, w http.ResponseWriter)) func(*request, http.ResponseWriter, *http.Request) {
	return func(q *request, w http.ResponseWriter, r *http.Request) {
		if !q.admission.tls {
			q.redirectHTTPS(w, r)
			return
		}
		if info := listen.From(r.Context()); info != nil {
			q.view.Own = info.Own
		}
		serve(q, w)
	}
}
