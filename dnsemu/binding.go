package dnsemu

import (
	"net"

	"github.com/miekg/dns"
)

// binding answers type 65 of a proxied name: browsers ask for it before they connect. It
// promises what the edge has and no more; its hints are the A and AAAA answers.
func (l *lookup) binding(by *record) *record {
	l.decided(EdgeAddress, by)
	v4, v6 := l.s.addresses(by)
	if len(l.s.alpn) == 0 || len(v4)+len(v6) == 0 {
		return l.nothing()
	}
	rr := &dns.HTTPS{SVCB: dns.SVCB{
		Hdr: l.header(dns.TypeHTTPS, min(automaticTTL, l.ttl)), Priority: 1, Target: ".",
		Value: []dns.SVCBKeyValue{&dns.SVCBAlpn{Alpn: l.s.alpn}},
	}}
	if len(v4) > 0 {
		rr.Value = append(rr.Value, &dns.SVCBIPv4Hint{Hint: v4})
	}
	if len(v6) > 0 {
		rr.Value = append(rr.Value, &dns.SVCBIPv6Hint{Hint: v6})
	}
	l.add(rr)
	return nil
}

// addresses are the edge's, of the families that the record's settings leave.
func (s *Server) addresses(by *record) (v4, v6 []net.IP) {
	v4, v6 = s.v4, s.v6
	if set := by.doc.Settings; set != nil {
		if set.IPv4Only {
			v6 = nil
		}
		if set.IPv6Only {
			v4 = nil
		}
	}
	return v4, v6
}
