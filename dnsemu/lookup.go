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
	why   *Why
	qtype uint16

	owner string // the name that the next records are put under
	zone  *zone  // owner's, whose SOA goes with a negative answer
	must  bool   // no CNAME may be shown under owner: it is an apex, or its record says so
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
		l.why.Outcome = NotHere
		l.explain(dns.ExtendedErrorCodeNotAuthoritative, "no zone here holds this name")
		return
	}
	l.why.Zone = &z.doc
	l.m.Authoritative = true
	l.start(name, key, z)
	for range maxHops {
		if cut := z.cut(key); cut != nil && !(l.qtype == dns.TypeDS && len(cut.owner) == len(key)-1) {
			l.refer(cut)
			return
		}
		next := l.at(z, key)
		if next == nil {
			return
		}
		l.why.Target = next.target
		target := l.match(next.targetKey)
		if target == nil {
			if l.must {
				l.fail(dns.ExtendedErrorCodeNoReachableAuthority, next, l.mustSubject(z)+" points to "+next.target+", which is in no zone here, so it cannot be flattened offline")
			}
			return
		}
		if !l.flat {
			l.start(next.target, next.targetKey, target)
		}
		key, z = next.targetKey, target
	}
	l.fail(dns.ExtendedErrorCodeOther, nil, "the CNAME records behind "+name+" form a loop or a chain of more than 16")
}

// mustSubject is what must be flattened and cannot.
func (l *lookup) mustSubject(z *zone) string {
	if len(l.owner) == len(l.zone.apex)+1 {
		return "the CNAME at the apex " + z.apex
	}
	return "the flattened CNAME of " + l.owner
}

// match prefers the world's zones to the others.
func (l *lookup) match(key []byte) *zone {
	if z := l.zones.match(key); z != nil {
		return z
	}
	if z := l.s.sites().match(key); z != nil {
		return z
	}
	return l.s.own.match(key)
}

// start puts what follows under a new owner.
func (l *lookup) start(owner string, key []byte, z *zone) {
	l.owner, l.zone = owner, z
	l.must, l.flat, l.ttl = len(key) == len(z.key), false, math.MaxUint32
}

// decided keeps the record that decides, unless one before it did.
func (l *lookup) decided(o Outcome, r *record) {
	l.why.Outcome = o
	if r != nil && l.why.Record == nil {
		l.why.Record, l.why.Owner = &r.doc, r.owner
	}
}

// at answers from one name. It returns the CNAME whose target must be looked at next, nil
// when the answer is complete.
func (l *lookup) at(z *zone, key []byte) *record {
	n := z.find(key)
	if n == nil {
		if l.flat { // behind a hidden CNAME the owner itself exists
			return l.nothing()
		}
		l.m.Rcode = dns.RcodeNameError
		l.nothing()
		l.why.Outcome, l.why.Above = NoSuchName, z.encloser(key)
		return nil
	}
	if l.why.Owner == "" {
		l.why.Owner = n.owner
	}
	isApex := len(n.owner) == len(z.apex)
	l.why.Empty = len(n.records) == 0 && !isApex
	if l.qtype == dns.TypeANY && (len(n.records) > 0 || isApex) && (n.cname == nil || n.proxied != nil || l.hides(z, n.cname)) {
		l.decided(Records, nil)
		l.add(&dns.HINFO{Hdr: l.header(dns.TypeHINFO, anyTTL), Cpu: "RFC8482"})
		return nil
	}
	if isApex && !l.flat && l.ofApex(z, n) {
		l.decided(Records, nil)
		return nil
	}
	if n.proxied != nil {
		switch {
		case l.qtype == dns.TypeA || l.qtype == dns.TypeAAAA:
			return l.edge(n.proxied)
		case l.qtype == dns.TypeHTTPS && !n.https:
			return l.binding(n.proxied)
		}
	}
	found := false
	for _, r := range n.records {
		if r.kind.rrtype == l.qtype && r.kind != &kindCNAME && !(isApex && r.kind == &kindNS) {
			l.decided(Records, r)
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
		if n.cname.flatten || z.flattenAll {
			l.must = true
		}
		if l.must && l.qtype != dns.TypeA && l.qtype != dns.TypeAAAA && l.qtype != dns.TypeHTTPS {
			l.decided(NoData, n.cname)
			return l.nothing()
		}
		l.decided(Records, n.cname)
		l.flat, l.ttl = true, min(l.ttl, n.cname.ttl)
		return n.cname
	}
	l.decided(Records, n.cname)
	l.add(n.cname.rr(l.owner, min(n.cname.ttl, l.ttl)))
	l.flat = false
	if l.qtype == dns.TypeCNAME || l.qtype == dns.TypeANY {
		return nil
	}
	return n.cname
}

// ofApex answers with the records that the server makes of a zone itself.
func (l *lookup) ofApex(z *zone, n *node) bool {
	switch l.qtype {
	case dns.TypeSOA:
		l.add(l.soaRR(z, l.owner, z.soa.ttl))
		return true
	case dns.TypeNS:
		for _, ns := range z.ns {
			l.add(&dns.NS{Hdr: l.header(dns.TypeNS, z.nsTTL), Ns: ns})
		}
		for _, r := range n.records {
			if r.kind == &kindNS && z.multiProvider {
				l.add(r.rr(l.owner, r.ttl))
			}
		}
		return true
	}
	return false
}

// refer names the servers that a part of the zone is handed to, with what this set knows
// of their addresses (RFC 1034 section 4.3.2).
func (l *lookup) refer(cut *node) {
	l.m.Authoritative = len(l.m.Answer) > 0
	for _, r := range cut.records {
		if r.kind != &kindNS {
			continue
		}
		l.decided(Delegated, r)
		ns := r.rr(absolute(cut.owner), r.ttl).(*dns.NS)
		l.m.Ns = append(l.m.Ns, ns)
		var buf [maxKey]byte
		key, ok := appendQuestionKey(buf[:0], ns.Ns)
		if !ok {
			continue
		}
		if z := l.zones.match(key); z != nil {
			if n, ok := z.names.Get(key); ok && n.proxied == nil {
				for _, glue := range n.records {
					if glue.kind == &kindA || glue.kind == &kindAAAA {
						l.m.Extra = append(l.m.Extra, glue.rr(ns.Ns, glue.ttl))
					}
				}
			}
		}
	}
}

// hides reports whether a DNS-only CNAME is flattened.
func (l *lookup) hides(z *zone, cname *record) bool {
	return l.must || cname.flatten || z.flattenAll || l.match(cname.targetKey) == z
}

// edge answers with the edge's own addresses.
func (l *lookup) edge(by *record) *record {
	l.decided(EdgeAddress, by)
	ttl := min(automaticTTL, l.ttl)
	v4, v6 := l.s.addresses(by)
	before := len(l.m.Answer)
	if l.qtype == dns.TypeA {
		for _, ip := range v4 {
			l.add(&dns.A{Hdr: l.header(dns.TypeA, ttl), A: ip})
		}
	} else {
		for _, ip := range v6 {
			l.add(&dns.AAAA{Hdr: l.header(dns.TypeAAAA, ttl), AAAA: ip})
		}
	}
	if len(l.m.Answer) == before {
		return l.nothing()
	}
	return nil
}

// nothing ends a negative answer.
func (l *lookup) nothing() *record {
	l.why.Outcome = NoData
	l.m.Ns = append(l.m.Ns, l.soaRR(l.zone, absolute(l.zone.apex), min(l.zone.soa.ttl, l.minimum(l.zone))))
	return nil
}

// fail ends an answer that the records make impossible.
func (l *lookup) fail(code uint16, by *record, why string) {
	l.m.Answer, l.m.Ns = nil, nil
	l.m.Authoritative = false
	l.m.Rcode = dns.RcodeServerFailure
	l.decided(Failed, by)
	l.explain(code, why)
	l.s.log.Warn("dns answer failed", "name", l.m.Question[0].Name, "why", why)
}

func (l *lookup) explain(code uint16, why string) {
	l.why.Reason = why
	l.e.explain(code, why)
}

func (l *lookup) add(rr dns.RR) { l.m.Answer = append(l.m.Answer, rr) }

func (l *lookup) header(rrtype uint16, ttl uint32) dns.RR_Header {
	return dns.RR_Header{Name: l.owner, Rrtype: rrtype, Class: dns.ClassINET, Ttl: ttl}
}
