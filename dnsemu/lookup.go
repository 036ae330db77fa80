package dnsemu

import (
	"math"

	"github.com/miekg/dns"
)

// anyTTL is what the real service gives the record that stands for ANY.
const anyTTL = 3789

// lookup answers one question in class IN.
type lookup struct {
	s     *Server
	zones *Zones
	m     *dns.Msg
	e     *edns
	qtype uint16

	owner string // the name that the next records are put under
	zone  *zone  // owner's, whose SOA goes with a negative answer
	apex  bool   // owner is an apex, where no CNAME may be shown
	flat  bool   // owner's CNAME is hidden: the records looked at are its target's
	ttl   uint32 // the least TTL of the hidden CNAMEs
}

func (l *lookup) run(name string) {
	var buf [maxKey]byte
	key, ok := appendQuestionKey(buf[:0], name)
	var z *zone
	if ok {
		z = l.match(key)
	}
	if z == nil {
		l.m.Rcode = dns.RcodeRefused
		l.e.explain(dns.ExtendedErrorCodeNotAuthoritative, "no zone here holds this name")
		return
	}
	l.m.Authoritative = true
	l.start(name, key, z)
	for range maxHops {
		next := l.at(z, z.find(key))
		if next == nil {
			return
		}
		target := l.match(next.targetKey)
		if target == nil {
			if l.apex {
				l.fail("the CNAME at the apex "+z.apex+" points to "+next.target+", which is in no zone here, so it cannot be flattened offline", dns.ExtendedErrorCodeNoReachableAuthority)
			}
			return
		}
		if !l.flat {
			l.start(next.target, next.targetKey, target)
		}
		key, z = next.targetKey, target
	}
	l.fail("the CNAME records behind "+name+" form a loop or a chain of more than 16", dns.ExtendedErrorCodeOther)
}

// match prefers the world's zones to the server's own.
func (l *lookup) match(key []byte) *zone {
	if z := l.zones.match(key); z != nil {
		return z
	}
	return l.s.own.match(key)
}

// start puts what follows under a new owner.
func (l *lookup) start(owner string, key []byte, z *zone) {
	l.owner, l.zone = owner, z
	l.apex, l.flat, l.ttl = len(key) == len(z.key), false, math.MaxUint32
}

// at answers from one node. It returns the CNAME whose target must be looked at
// next, nil when the answer is complete.
func (l *lookup) at(z *zone, n *node) *record {
	if n == nil {
		// Behind a hidden CNAME the owner itself exists.
		if !l.flat {
			l.m.Rcode = dns.RcodeNameError
		}
		return l.nothing()
	}
	isApex := len(n.owner) == len(z.apex)
	switch {
	case l.qtype == dns.TypeANY && (len(n.records) > 0 || isApex):
		if n.cname == nil || n.proxied != nil || l.hides(z, n.cname) {
			l.add(&dns.HINFO{Hdr: l.header(dns.TypeHINFO, anyTTL), Cpu: "RFC8482"})
			return nil
		}
	case isApex && !l.flat && l.qtype == dns.TypeSOA:
		l.add(l.soa(z, l.owner, soaTTL))
		return nil
	case isApex && !l.flat && l.qtype == dns.TypeNS:
		for _, ns := range z.ns {
			l.add(&dns.NS{Hdr: l.header(dns.TypeNS, nsTTL), Ns: ns})
		}
		return nil
	}
	if n.proxied != nil && (l.qtype == dns.TypeA || l.qtype == dns.TypeAAAA) {
		return l.edge()
	}
	found := false
	for _, r := range n.records {
		if r.kind.rrtype == l.qtype && r.kind != &kindCNAME {
			l.add(r.rr(l.owner, min(r.ttl, l.ttl)))
			found = true
		}
	}
	switch {
	case found:
		return nil
	case n.cname == nil || n.proxied != nil:
		return l.nothing()
	case l.hides(z, n.cname):
		if l.apex && l.qtype != dns.TypeA && l.qtype != dns.TypeAAAA {
			return l.nothing()
		}
		l.flat, l.ttl = true, min(l.ttl, n.cname.ttl)
		return n.cname
	}
	l.add(n.cname.rr(l.owner, min(n.cname.ttl, l.ttl)))
	l.flat = false
	if l.qtype == dns.TypeCNAME || l.qtype == dns.TypeANY {
		return nil
	}
	return n.cname
}

// hides reports whether a DNS-only CNAME is flattened.
func (l *lookup) hides(z *zone, cname *record) bool {
	return l.apex || l.match(cname.targetKey) == z
}

// edge answers with the edge's own addresses.
func (l *lookup) edge() *record {
	ttl := min(automaticTTL, l.ttl)
	if l.qtype == dns.TypeA {
		for _, ip := range l.s.v4 {
			l.add(&dns.A{Hdr: l.header(dns.TypeA, ttl), A: ip})
		}
		if len(l.s.v4) > 0 {
			return nil
		}
		return l.nothing()
	}
	for _, ip := range l.s.v6 {
		l.add(&dns.AAAA{Hdr: l.header(dns.TypeAAAA, ttl), AAAA: ip})
	}
	if len(l.s.v6) > 0 {
		return nil
	}
	return l.nothing()
}

// nothing ends a negative answer.
func (l *lookup) nothing() *record {
	l.m.Ns = append(l.m.Ns, l.soa(l.zone, absolute(l.zone.apex), min(soaTTL, l.s.minimum)))
	return nil
}

// fail ends an answer that the records make impossible.
func (l *lookup) fail(why string, code uint16) {
	l.m.Answer, l.m.Ns = nil, nil
	l.m.Authoritative = false
	l.m.Rcode = dns.RcodeServerFailure
	l.e.explain(code, why)
	l.s.log.Warn("dns answer failed", "name", l.m.Question[0].Name, "why", why)
}

func (l *lookup) add(rr dns.RR) { l.m.Answer = append(l.m.Answer, rr) }

func (l *lookup) header(rrtype uint16, ttl uint32) dns.RR_Header {
	return dns.RR_Header{Name: l.owner, Rrtype: rrtype, Class: dns.ClassINET, Ttl: ttl}
}
