package dnsemu

import "github.com/miekg/dns"

var kindURI = recordKind{
	name: "URI", rrtype: dns.TypeURI, topPriority: true,
	example: `5 "https://example.com/path" (weight, target), with priority: 10`,
	fields:  []field{{name: "weight", form: number(65535)}, {name: "target", form: longText}},
}
