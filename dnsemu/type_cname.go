package dnsemu

import (
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

var kindCNAME = recordKind{name: "CNAME", rrtype: dns.TypeCNAME, proxiable: true, parse: func(r *record) *FieldError {
	wrong := &FieldError{Field: "content", Found: quote(r.doc.Content), Allowed: `a host name, such as "app.example.net"`}
	name, ok := canonicalName(r.doc.Content)
	if _, err := netip.ParseAddr(r.doc.Content); err == nil {
		ok, wrong.Hint = false, addressHint(r.doc.Content)
	}
	switch {
	case !ok:
		if strings.Contains(r.doc.Content, "://") {
			wrong.Hint = "a URL's scheme and path do not belong in DNS"
		}
		return wrong
	case name == r.owner:
		wrong.Allowed, wrong.Hint = "another name than the record's own", "the record points to itself"
		return wrong
	}
	r.canonical, r.target = name, absolute(name)
	r.targetKey, _ = appendKey(nil, name)
	r.data = cnameData(r.target)
	return nil
}}

type cnameData string

func (d cnameData) rr(h dns.RR_Header) dns.RR { return &dns.CNAME{Hdr: h, Target: string(d)} }
