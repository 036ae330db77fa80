package dnsemu

import "github.com/miekg/dns"

var kindTLSA = recordKind{
	name: "TLSA", rrtype: dns.TypeTLSA,
	example: `"3 1 1 0c72…" (usage, selector, matching_type, certificate in hexadecimal)`,
	fields:  certificateAssociation,
}

// certificateAssociation is what TLSA and SMIMEA share (RFC 6698 section 2.1, RFC 8162
// section 2).
var certificateAssociation = []field{
	{name: "usage", form: number(255)}, {name: "selector", form: number(255)}, {name: "matching_type", form: number(255)},
	{name: "certificate", form: hexText, rest: true},
}
