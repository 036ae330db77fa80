package dnsemu

import "github.com/miekg/dns"

var kindDNSKEY = recordKind{
	name: "DNSKEY", rrtype: dns.TypeDNSKEY,
	example: `"257 3 13 mdsswUyr3DPW…" (flags, protocol, algorithm, public_key in base64)`,
	fields: []field{
		{name: "flags", form: number(65535)}, {name: "protocol", form: number(255)}, {name: "algorithm", form: number(255)},
		{name: "public_key", form: base64Text, rest: true},
	},
}
