package dnsemu

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// LOC leaves out parts of its text that are zero, so its content is read as a whole; its
// data has all parts by name.
var kindLOC = recordKind{
	name: "LOC", rrtype: dns.TypeLOC,
	example: `"51 30 12.748 N 0 7 39.612 W 10m 1m 100m 10m"`,
	fields: []field{
		{name: "lat_degrees", form: number(90)}, {name: "lat_minutes", form: number(59)}, {name: "lat_seconds", form: decimal(0, 59.999, "")}, {name: "lat_direction", form: letter("N", "S")},
		{name: "long_degrees", form: number(180)}, {name: "long_minutes", form: number(59)}, {name: "long_seconds", form: decimal(0, 59.999, "")}, {name: "long_direction", form: letter("E", "W")},
		{name: "altitude", form: decimal(-100000, 42849672.95, "m")}, {name: "size", form: decimal(0, 90000000, "m")},
		{name: "precision_horz", form: decimal(0, 90000000, "m")}, {name: "precision_vert", form: decimal(0, 90000000, "m")},
	},
	content: func(r *record, f *faults) []string {
		s := strings.ToUpper(strings.Join(strings.Fields(r.doc.Content), " "))
		if s == "" || strings.Trim(s, "0123456789.- NSEWM") != "" {
			f.add(&FieldError{Field: "content", Found: quote(r.doc.Content), Allowed: "as in " + r.kind.example, Hint: "or give data: " + r.kind.keys()})
		}
		return []string{strings.ReplaceAll(s, "M", "m")}
	},
}

func decimal(low, high float64, unit string) form {
	return form{fmt.Sprintf("a number from %s to %s", strconv.FormatFloat(low, 'f', -1, 64), strconv.FormatFloat(high, 'f', -1, 64)), func(s string) (string, bool) {
		n, err := strconv.ParseFloat(s, 64)
		return strconv.FormatFloat(n, 'f', -1, 64) + unit, err == nil && n >= low && n <= high
	}}
}

func letter(one, other string) form {
	return form{strconv.Quote(one) + " or " + strconv.Quote(other), func(s string) (string, bool) { return s, s == one || s == other }}
}
