package dnsemu

import (
	"iter"
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// Zones is an immutable set of zones and their records, safe for any number of
// readers. The zero value, and a nil pointer, hold no zone. Make another with
// [Zones.Txn].
type Zones struct {
	zones *iradix.Tree[*zone]  // by key of the apex; nil: empty
	ids   *iradix.Tree[string] // zone id → key of the apex; nil: empty
}

// zone is one zone, never changed after the commit that made it.
type zone struct {
	doc    Zone     // canonical name, id and name servers filled in
	apex   string   // canonical, no trailing dot
	key    []byte   // of the apex
	ns     []string // absolute, with trailing dot
	serial uint32

	nsTTL                     uint32
	soa                       soaData
	flattenAll, multiProvider bool

	cuts    *iradix.Tree[*node]   // names below the apex that have NS records
	names   *iradix.Tree[*node]   // every name that exists, empty non-terminals too
	records *iradix.Tree[*record] // by id
}

// node is a name that exists. One without records is an empty non-terminal (or a
// bare apex).
type node struct {
	owner   string    // canonical, no trailing dot
	records []*record // in the order they were put
	proxied *record   // the first proxied one; nil: the name is DNS-only
	cname   *record   // nil: none
	address *record   // the first A or AAAA; nil: none
	https   bool      // it has an HTTPS record
	cut     bool      // it has NS records
}

func newNode(owner string, records []*record) *node {
	n := &node{owner: owner, records: records}
	for _, r := range records {
		if r.doc.Proxied && n.proxied == nil {
			n.proxied = r
		}
		switch r.kind.name {
		case "CNAME":
			n.cname = r
		case "A", "AAAA":
			if n.address == nil {
				n.address = r
			}
		case "HTTPS":
			n.https = true
		case "NS":
			n.cut = true
		}
	}
	return n
}

// match is the zone that a name belongs to: the one with the longest apex. nil:
// none holds it.
func (z *Zones) match(key []byte) *zone {
	if z == nil || z.zones == nil {
		return nil
	}
	_, zn, _ := z.zones.Root().LongestPrefix(key)
	return zn
}

// find is the node that answers for a name of the zone: its own, or else the
// wildcard directly below the closest name that exists above it. nil: the name
// does not exist.
func (z *zone) find(key []byte) *node {
	encloser, n, _ := z.names.Root().LongestPrefix(key)
	if len(encloser) == len(key) {
		return n
	}
	var buf [maxKey]byte
	n, _ = z.names.Root().Get(append(append(buf[:0], encloser...), '*', labelEnd))
	return n
}

// encloser is the closest name that exists at or above a name of the zone.
func (z *zone) encloser(key []byte) string {
	if _, n, ok := z.names.Root().LongestPrefix(key); ok {
		return n.owner
	}
	return z.apex
}

// cut is the name, at or above the key's, whose NS records hand it to other name
// servers: the topmost when there are several. nil: the zone answers itself.
func (z *zone) cut(key []byte) (n *node) {
	if z.cuts.Len() == 0 {
		return nil
	}
	z.cuts.Root().WalkPath(key, func(_ []byte, at *node) bool {
		n = at
		return true
	})
	return n
}

func (z *Zones) byID(id string) *zone {
	if z == nil || z.ids == nil {
		return nil
	}
	key, ok := z.ids.Get([]byte(id))
	if !ok {
		return nil
	}
	zn, _ := z.zones.Get([]byte(key))
	return zn
}

// Len is the number of zones.
func (z *Zones) Len() int {
	if z == nil || z.zones == nil {
		return 0
	}
	return z.zones.Len()
}

// Zone is the zone with that id: its name canonical, its id and name servers
// filled in. The caller must not change it.
func (z *Zones) Zone(id string) (*Zone, bool) {
	if zn := z.byID(id); zn != nil {
		return &zn.doc, true
	}
	return nil, false
}

// All ranges over the zones, parents before their children.
func (z *Zones) All() iter.Seq[*Zone] {
	return func(yield func(*Zone) bool) {
		if z == nil || z.zones == nil {
			return
		}
		z.zones.Root().Walk(func(_ []byte, zn *zone) bool { return !yield(&zn.doc) })
	}
}

// Record is a record as it was put, its id filled in. The caller must not change
// it.
func (z *Zones) Record(zoneID, recordID string) (*Record, bool) {
	if zn := z.byID(zoneID); zn != nil {
		if r, ok := zn.records.Get([]byte(recordID)); ok {
			return &r.doc, true
		}
	}
	return nil, false
}

// Records ranges over a zone's records in the order of their ids; over nothing
// when there is no such zone.
func (z *Zones) Records(zoneID string) iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		if zn := z.byID(zoneID); zn != nil {
			zn.records.Root().Walk(func(_ []byte, r *record) bool { return !yield(&r.doc) })
		}
	}
}

// absolute is the form that goes on the wire.
func absolute(name string) string { return strings.TrimSuffix(name, ".") + "." }
