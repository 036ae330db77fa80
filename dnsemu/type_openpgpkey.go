package dnsemu

import "github.com/miekg/dns"

var kindOPENPGPKEY = recordKind{
	name: "OPENPGPKEY", rrtype: dns.TypeOPENPGPKEY, contentOnly: true,
	example: `"mQINBFit2ioB…", the key in base64`,
	fields:  []field{{name: "key", form: base64Text, rest: true}},
}
