package dnsemu

import "github.com/miekg/dns"

var kindSSHFP = recordKind{
	name: "SSHFP", rrtype: dns.TypeSSHFP,
	example: `"4 2 123456…" (algorithm, type, fingerprint in hexadecimal)`,
	fields: []field{
		{name: "algorithm", form: number(255)}, {name: "type", form: number(255)}, {name: "fingerprint", form: hexText, rest: true},
	},
}
