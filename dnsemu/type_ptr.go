package dnsemu

import "github.com/miekg/dns"

var kindPTR = recordKind{
	name: "PTR", rrtype: dns.TypePTR, contentOnly: true,
	example: `"host.example.com"`,
	fields:  []field{{name: "host", form: host}},
}
