package dnsemu

import (
	"net"
	"net/netip"

	"github.com/miekg/dns"
)

var kindA = recordKind{name: "A", rrtype: dns.TypeA, proxiable: true, parse: func(r *record) *FieldError {
	a, err := netip.ParseAddr(r.doc.Content)
	if err != nil || !a.Is4() {
		return &FieldError{Field: "content", Found: quote(r.doc.Content), Allowed: `an IPv4 address, such as "203.0.113.10"`, Hint: addressHint(r.doc.Content)}
	}
	r.canonical, r.data = a.String(), aData(a.AsSlice())
	return nil
}}

type aData net.IP

func (d aData) rr(h dns.RR_Header) dns.RR { return &dns.A{Hdr: h, A: net.IP(d)} }
