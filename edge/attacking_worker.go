package edge

import (
	"net/http"

	"github.com/sundog-edge/sundog/edge/attack"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/worker"
)

// straightAtWorker is the way to a Worker beside the edge, which is that of a service binding: no Access, and the
// request as its caller made it.
func (g *guarded) straightAtWorker() attack.Way {
	c := g.route.code
	call := worker.Call{Worker: c.runs()}
	if c.preview() {
		call.Version, call.Alias = c.versionOrAlias()
	}
	l := &g.edge.local
	l.mu.Lock()
	queue := l.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.edge.code.engine.Serve(w, r, call); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}), nil, &listen.Info{})
	l.mu.Unlock()
	// A connection that an odd request has broken is not used for the next.
	transport := &http.Transport{DisableKeepAlives: true, DialContext: dialQueue(queue)}
	to := *g.url
	to.Scheme = "http"
	return attack.Way{Name: "worker", To: "the Worker " + c.name() + ", as a service binding calls it", URL: to.String(), Send: transport.RoundTrip}
}
