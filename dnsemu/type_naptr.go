package dnsemu

import "github.com/miekg/dns"

var kindNAPTR = recordKind{
	name: "NAPTR", rrtype: dns.TypeNAPTR,
	example: `100 10 "S" "SIP+D2U" "" _sip._udp.example.com (order, preference, flags, service, regex, replacement)`,
	fields: []field{
		{name: "order", form: number(65535)}, {name: "preference", form: number(65535)}, {name: "flags", form: text},
		{name: "service", form: text}, {name: "regex", form: text}, {name: "replacement", form: host},
	},
}
