package dnsemu

import "github.com/miekg/dns"

var kindHTTPS = recordKind{
	name: "HTTPS", rrtype: dns.TypeHTTPS,
	example: `1 . alpn="h2" (priority, target, value)`,
	fields:  serviceBinding,
}
