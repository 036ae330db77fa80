package edge

import (
	iradix "github.com/hashicorp/go-immutable-radix/v2"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// snapshot is a world, compiled: immutable, loaded once a request, shared by
// everything that the request meets.
type snapshot struct {
	generation uint64
	layers     world.Layers
	settings   world.Settings
	zones      *dnsemu.Zones
	access     *accessemu.Config
	tunnels    *iradix.Tree[*tunnel]       // by id as written and by UUID
	clients    *iradix.Tree[*world.Client] // by name
	origins    *iradix.Tree[place]         // by "host:port"
	named      *iradix.Tree[int]           // "host:port" → how many ingress rules dial it
	egress     []egressRule
	quirks     map[string]bool // what quirks: says; the others are as the transport has them
	sites      map[string]*site
	scripts    scripts
	siteZones  *dnsemu.Zones         // that the names of sites are in
	meters     *iradix.Tree[metered] // by host, or by wildcard as its record has it
	connectors *connector.Server     // who has dialled in
}

// tunnel is one tunnel of the world.
type tunnel struct {
	key      world.Key
	def      *world.Tunnel
	rules    *tunnelemu.Tunnel // of its configuration; nil: it has none
	embedded *tunnelemu.Tunnel // rules, where they are served without a connector; nil: one has to dial in
	secret   []byte            // that connectors show
	version  int               // of pushed
	pushed   []byte            // configuration for connectors of a managed one, as JSON
}

// find looks up by string without allocating.
func find[T any](tree *iradix.Tree[T], key string) (T, bool) {
	if tree == nil {
		var none T
		return none, false
	}
	var buf [256]byte
	return tree.Get(append(buf[:0], key...))
}

// mark is where a field of a document was written; empty when nowhere.
func (s *snapshot) mark(key world.Key, field string) string {
	doc, ok := s.layers.Get(key)
	if !ok {
		return ""
	}
	m := doc.At(field)
	if m.Line == 0 && m.File == "" {
		return ""
	}
	return m.String()
}

func (s *snapshot) close() {
	if s.tunnels == nil {
		return
	}
	s.tunnels.Root().Walk(func(_ []byte, t *tunnel) bool {
		t.close()
		return false
	})
}

func (t *tunnel) close() {
	if t.rules != nil {
		t.rules.Close()
	}
}
