package dnsemu

import "strconv"

// RouteStatus says what the zones know of a host.
type RouteStatus int

const (
	// NoZone: no zone holds the host, or it is no DNS name.
	NoZone RouteStatus = iota
	// NoName: a zone holds it, and it does not exist (NXDOMAIN).
	NoName
	// NoAddress: it exists without A, AAAA or CNAME (NODATA), or NS records hand it to
	// other name servers.
	NoAddress
	// DNSOnly: it has addresses, and no traffic of it comes to the edge.
	DNSOnly
	// Proxied: the edge serves it.
	Proxied
)

// String is the constant's name.
func (s RouteStatus) String() string {
	names := [...]string{"NoZone", "NoName", "NoAddress", "DNSOnly", "Proxied"}
	if s < 0 || int(s) >= len(names) {
		return "RouteStatus(" + strconv.Itoa(int(s)) + ")"
	}
	return names[s]
}

// Route is what the zones know of a host. What it points to is shared: the caller
// must not change it.
type Route struct {
	Status RouteStatus
	Zone   *Zone   // the zone that holds the host; nil only with NoZone
	Record *Record // as it was put, its id filled in. Proxied: the record that decides, which a chain of DNS-only CNAMEs may have led to. DNSOnly: the host's own. Otherwise nil
	Owner  string  // the canonical name of the host's records: the host, or the wildcard that covers it ("*.example.com"); "" when it has none
}

// maxHops bounds a chain of CNAMEs, so that a loop ends.
const maxHops = 16

// Route looks a host up. The host is canonical: lower case, ASCII, no port, no
// trailing dot. Route does not allocate.
func (z *Zones) Route(host string) Route {
	var buf [maxKey]byte
	key, ok := appendKey(buf[:0], host)
	if !ok {
		return Route{}
	}
	zn := z.match(key)
	if zn == nil {
		return Route{}
	}
	if cut := zn.cut(key); cut != nil {
		return Route{Status: NoAddress, Zone: &zn.doc, Owner: cut.owner}
	}
	n := zn.find(key)
	switch {
	case n == nil:
		return Route{Status: NoName, Zone: &zn.doc}
	case n.proxied != nil:
		return Route{Status: Proxied, Zone: &zn.doc, Record: &n.proxied.doc, Owner: n.owner}
	case n.address != nil:
		return Route{Status: DNSOnly, Zone: &zn.doc, Record: &n.address.doc, Owner: n.owner}
	case n.cname == nil:
		return Route{Status: NoAddress, Zone: &zn.doc, Owner: n.owner}
	}
	if end := z.proxiedBehind(n.cname); end != nil {
		return Route{Status: Proxied, Zone: &zn.doc, Record: &end.doc, Owner: n.owner}
	}
	return Route{Status: DNSOnly, Zone: &zn.doc, Record: &n.cname.doc, Owner: n.owner}
}

// proxiedBehind is the proxied record that a DNS-only CNAME leads to; nil: none.
func (z *Zones) proxiedBehind(cname *record) *record {
	for range maxHops {
		zn := z.match(cname.targetKey)
		if zn == nil {
			return nil
		}
		n := zn.find(cname.targetKey)
		if n == nil || zn.cut(cname.targetKey) != nil {
			return nil
		}
		if n.proxied != nil {
			return n.proxied
		}
		if n.cname == nil {
			return nil
		}
		cname = n.cname
	}
	return nil
}
