package dnsemu

import "github.com/miekg/dns"

var kindSRV = recordKind{
	name: "SRV", rrtype: dns.TypeSRV, topPriority: true,
	example: `"5 5060 sip.example.com" (weight, port, target), with priority: 10`,
	fields:  []field{{name: "weight", form: number(65535)}, {name: "port", form: number(65535)}, {name: "target", form: host}},
}
