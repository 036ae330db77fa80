package dnsemu

import "github.com/miekg/dns"

var kindSMIMEA = recordKind{
	name: "SMIMEA", rrtype: dns.TypeSMIMEA,
	example: `"3 1 1 0c72…" (usage, selector, matching_type, certificate in hexadecimal)`,
	fields:  certificateAssociation,
}
