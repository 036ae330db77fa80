package edge

import (
	"slices"

	"github.com/sundog-edge/sundog/edge/admin"
)

// reach is how browsers that read /proxy.pac get to the hosts of the world. Zones are named whole:
// a name that a zone lacks is answered here too, and never asked of the real internet.
func (e *Edge) reach() admin.Reach {
	var r admin.Reach
	if at := e.listening.Load(); at != nil {
		r.Proxy = at.Proxy
	}
	s := e.snap.Load()
	for name := range s.sites {
		r.Names = append(r.Names, name)
	}
	for zone := range s.zones.All() {
		r.Names = append(r.Names, zone.Name, "*."+zone.Name)
	}
	slices.Sort(r.Names)
	return r
}
