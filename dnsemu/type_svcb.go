package dnsemu

import (
	"strings"

	"github.com/miekg/dns"
)

var kindSVCB = recordKind{
	name: "SVCB", rrtype: dns.TypeSVCB,
	example: `1 svc.example.com alpn="h2" (priority, target, value)`,
	fields:  serviceBinding,
}

// serviceBinding is what SVCB and HTTPS share (RFC 9460 section 2.1).
var serviceBinding = []field{{name: "priority", form: number(65535)}, {name: "target", form: host}, {name: "value", form: serviceParams, rest: true}}

// serviceParams stay as they are written; what a zone file gives another meaning than a
// parameter's is refused before the parser sees it.
var serviceParams = form{`parameters as key=value with blanks between them, such as alpn="h2" port=8443`, func(s string) (string, bool) {
	inQuotes := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < ' ' || c > '~':
			return "", false
		case c == '\\':
			i++
		case c == '"':
			inQuotes = !inQuotes
		case !inQuotes && strings.IndexByte(";()", c) >= 0:
			return "", false
		}
	}
	return strings.Join(strings.Fields(s), " "), !inQuotes && !strings.HasSuffix(s, `\`)
}}
