package dnsemu

import "github.com/miekg/dns"

var kindMX = recordKind{
	name: "MX", rrtype: dns.TypeMX, topPriority: true, contentOnly: true,
	example: `"mail.example.com", with priority: 10`,
	fields:  []field{{name: "target", form: host}},
}
