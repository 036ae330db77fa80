package dnsemu

import (
	"strings"

	"github.com/miekg/dns"
)

var kindCAA = recordKind{
	name: "CAA", rrtype: dns.TypeCAA,
	example: `0 issue "ca.example"`,
	fields:  []field{{name: "flags", form: number(255)}, {name: "tag", form: caaTag}, {name: "value", form: caaValue}},
}

// caaTag has letters and digits only (RFC 8659 section 4.1); case means nothing.
var caaTag = form{`a tag of letters and digits, such as "issue", "issuewild" or "iodef"`, func(s string) (string, bool) {
	s = strings.ToLower(s)
	return s, s != "" && len(s) <= maxString && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}}

// caaValue may be empty and may be long: it is all that is left of the record.
var caaValue = form{"a text", func(s string) (string, bool) { return `"` + escapeText([]byte(s)) + `"`, true }}
