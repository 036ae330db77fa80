package dnsemu

import "github.com/miekg/dns"

var kindCERT = recordKind{
	name: "CERT", rrtype: dns.TypeCERT,
	example: `"9 0 0 MIIB…" (type, key_tag, algorithm, certificate in base64)`,
	fields: []field{
		{name: "type", form: number(65535)}, {name: "key_tag", form: number(65535)}, {name: "algorithm", form: number(255)},
		{name: "certificate", form: base64Text, rest: true},
	},
}
