package dnsemu

import (
	"net"
	"net/netip"

	"github.com/miekg/dns"
)

var kindAAAA = recordKind{name: "AAAA", rrtype: dns.TypeAAAA, proxiable: true, parse: func(r *record) *FieldError {
	a, err := netip.ParseAddr(r.doc.Content)
	if err != nil || !a.Is6() || a.Zone() != "" {
		return &FieldError{Field: "content", Found: quote(r.doc.Content), Allowed: `an IPv6 address without a zone, such as "2001:db8::10"`, Hint: addressHint(r.doc.Content)}
	}
	r.canonical, r.data = a.String(), aaaaData(a.AsSlice())
	return nil
}}

type aaaaData net.IP

func (d aaaaData) rr(h dns.RR_Header) dns.RR { return &dns.AAAA{Hdr: h, AAAA: net.IP(d)} }
