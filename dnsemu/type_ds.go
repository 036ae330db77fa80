package dnsemu

import "github.com/miekg/dns"

var kindDS = recordKind{
	name: "DS", rrtype: dns.TypeDS,
	example: `"2371 13 2 1f98…" (key_tag, algorithm, digest_type, digest in hexadecimal)`,
	fields: []field{
		{name: "key_tag", form: number(65535)}, {name: "algorithm", form: number(255)}, {name: "digest_type", form: number(255)},
		{name: "digest", form: hexText, rest: true},
	},
}
