package edge

import (
	"strings"

	"github.com/sundog-edge/sundog/edge/world"
)

// metered is a meter and how many records and sites of the world have its host.
type metered struct {
	*meter
	n int
}

// meter makes meters for the hosts that came and drops those of hosts that went. One that stays keeps
// its counts.
func (c *compiler) meter(changes []world.Change) {
	txn := orEmpty(c.old.meters).Txn()
	add := func(host string, by int) {
		m, ok := txn.Get([]byte(host))
		if !ok {
			m.meter = &meter{host: host}
		}
		if m.n += by; m.n > 0 {
			txn.Insert([]byte(host), m)
		} else {
			txn.Delete([]byte(host))
		}
	}
	// What comes is counted before what goes, so that a host that changes is there all the time.
	for host := range c.next.sites {
		add(host, 1)
	}
	scripts := c.next.scripts.generation != c.old.scripts.generation
	if scripts {
		for _, host := range c.next.scripts.owners() {
			add(host, 1)
		}
	}
	for _, change := range changes {
		if host, ok := recordHost(change.New); ok {
			add(host, 1)
		}
	}
	for _, change := range changes {
		if host, ok := recordHost(change.Old); ok {
			add(host, -1)
		}
	}
	for host := range c.old.sites {
		add(host, -1)
	}
	if scripts {
		for _, host := range c.old.scripts.owners() {
			add(host, -1)
		}
	}
	c.next.meters = txn.Commit()
}

// recordHost is the owner name of a record as routing knows it.
func recordHost(doc *world.Document) (string, bool) {
	if doc == nil {
		return "", false
	}
	rec, ok := doc.Value.(*world.Record)
	if !ok {
		return "", false
	}
	name, wild := strings.CutPrefix(rec.Name, "*.")
	if h, err := canonicalHost(name); err == nil {
		name = h.Name
	}
	if wild {
		name = "*." + name
	}
	return name, true
}
