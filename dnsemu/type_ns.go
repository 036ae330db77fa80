package dnsemu

import "github.com/miekg/dns"

// An NS record below the apex hands its name, and all below it, to other name servers.
var kindNS = recordKind{
	name: "NS", rrtype: dns.TypeNS, contentOnly: true,
	example: `"ns1.example.net"`,
	fields:  []field{{name: "host", form: host}},
}
