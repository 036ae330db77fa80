package dnsemu

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func TestRecordFaults(t *testing.T) {
	z := world(t, `
zone example.com
  www.example.com  A     203.0.113.1
  al.example.com   CNAME www.example.com
  text.example.com TXT   same
`)
	names := `"@", a name in example.com or one relative to it: labels of 1 to 63 letters, digits, hyphens, underscores or stars, 253 characters in all`
	types := "A, AAAA, CAA, CERT, CNAME, DNSKEY, DS, HTTPS, LOC, MX, NAPTR, NS, OPENPGPKEY, PTR, SMIMEA, SRV, SSHFP, SVCB, TLSA, TXT or URI"
	for _, tt := range []struct {
		name string
		r    Record
		want []string
	}{
		{"type: nobody has it", Record{Type: "HINFO", Name: "@", Content: "x y"}, []string{`type: found "HINFO", allowed: ` + types + ` (the real service does not take HINFO records either)`}},
		{"type: SPF", Record{Type: "SPF", Name: "@", Content: "v=spf1"}, []string{`type: found "SPF", allowed: ` + types + ` (use TXT, which is where SPF is read from)`}},
		{"type: lower case", Record{Type: "cname", Name: "x", Content: "www.example.com"}, []string{`type: found "cname", allowed: ` + types + ` (did you mean "CNAME"?)`}},
		{"type: SOA", Record{Type: "SOA", Name: "@"}, []string{`type: found "SOA", allowed: ` + types + ` (the zone's SOA record is made by the server)`}},
		{"type: another service's", Record{Type: "ALIAS", Name: "@"}, []string{`type: found "ALIAS", allowed: ` + types + ` (use CNAME, which is flattened at the apex)`}},
		{"type: none", Record{Name: "x"}, []string{`type: found "", allowed: ` + types}},
		{"A: a host name", Record{Type: "A", Name: "x", Content: "app.example.net"}, []string{`content: found "app.example.net", allowed: an IPv4 address, such as "203.0.113.10" (a host name goes into a CNAME record)`}},
		{"A: IPv6", Record{Type: "A", Name: "x", Content: "::1"}, []string{`content: found "::1", allowed: an IPv4 address, such as "203.0.113.10" (an IPv6 address goes into an AAAA record)`}},
		{"A: leading zero", Record{Type: "A", Name: "x", Content: "203.0.113.010"}, []string{`content: found "203.0.113.010", allowed: an IPv4 address, such as "203.0.113.10"`}},
		{"AAAA: IPv4", Record{Type: "AAAA", Name: "x", Content: "203.0.113.1"}, []string{`content: found "203.0.113.1", allowed: an IPv6 address without a zone, such as "2001:db8::10" (an IPv4 address goes into an A record)`}},
		{"AAAA: zone", Record{Type: "AAAA", Name: "x", Content: "fe80::1%eth0"}, []string{`content: found "fe80::1%eth0", allowed: an IPv6 address without a zone, such as "2001:db8::10" (an IPv6 address goes into an AAAA record)`}},
		{"CNAME: an address", Record{Type: "CNAME", Name: "x", Content: "203.0.113.1"}, []string{`content: found "203.0.113.1", allowed: a host name, such as "app.example.net" (an IPv4 address goes into an A record)`}},
		{"CNAME: a URL", Record{Type: "CNAME", Name: "x", Content: "https://app.example.net"}, []string{`content: found "https://app.example.net", allowed: a host name, such as "app.example.net" (a URL's scheme and path do not belong in DNS)`}},
		{"CNAME: itself", Record{Type: "CNAME", Name: "x", Content: "X.example.com."}, []string{`content: found "X.example.com.", allowed: another name than the record's own (the record points to itself)`}},
		{"TXT: empty", Record{Type: "TXT", Name: "x"}, []string{`content: found "", allowed: text, or strings in double quotes with blanks between them (the content is empty)`}},
		{"TXT: quote left open", Record{Type: "TXT", Name: "x", Content: `"a" "b`}, []string{`content: found "\"a\" \"b", allowed: text, or strings in double quotes with blanks between them (the closing quote is missing)`}},
		{"TXT: text after a quote", Record{Type: "TXT", Name: "x", Content: `"a"b`}, []string{`content: found "\"a\"b", allowed: text, or strings in double quotes with blanks between them (after a closing quote comes 'b')`}},
		{"TXT: bad escape", Record{Type: "TXT", Name: "x", Content: `"\999"`}, []string{`content: found "\"\\999\"", allowed: text, or strings in double quotes with blanks between them (a backslash stands before three digits up to 255, or before the character it protects)`}},
		{"TXT: proxied", Record{Type: "TXT", Name: "x", Content: "a", Proxied: true}, []string{`proxied: found true, allowed: false: only A, AAAA and CNAME records can be proxied`}},
		{"TXT: too long", Record{Type: "TXT", Name: "x", Content: strings.Repeat("x", 5000)}, []string{`content: found a record of 5045 bytes on the wire, allowed: at most 4096`}},
		{"TTL", Record{Type: "A", Name: "x", Content: "203.0.113.2", TTL: 29}, []string{`ttl: found 29, allowed: 1 (automatic) or 30 to 86400 seconds`}},
		{"name: empty", Record{Type: "A", Content: "203.0.113.2"}, []string{`name: found "", allowed: ` + names}},
		{"name: outside", Record{Type: "A", Name: "www.example.net.", Content: "203.0.113.2"}, []string{`name: found "www.example.net.", allowed: ` + names + ` (a name that ends with a dot is absolute, and this one is outside the zone)`}},
		{"name: empty label", Record{Type: "A", Name: "a..b", Content: "203.0.113.2"}, []string{`name: found "a..b", allowed: ` + names}},
		{"name: blank", Record{Type: "A", Name: "a b", Content: "203.0.113.2"}, []string{`name: found "a b", allowed: ` + names}},
		{"name: label of 64", Record{Type: "A", Name: strings.Repeat("a", 64), Content: "203.0.113.2"}, []string{`name: found "` + strings.Repeat("a", 64) + `", allowed: ` + names}},
		{"name: too long only with the zone", Record{Type: "A", Name: strings.Repeat("abcdefg.", 31), Content: "203.0.113.2"}, []string{`name: found "` + strings.Repeat("abcdefg.", 10) + `"… (248 bytes), allowed: ` + names + ` (a name that ends with a dot is absolute, and this one is outside the zone)`}},
		{"CNAME beside A", Record{ID: "r", Type: "CNAME", Name: "www", Content: "app.example.net"}, []string{"name: found a CNAME record beside the A record of www.example.com, allowed: either one CNAME record or A and AAAA records at a name (record ID is in the way)"}},
		{"AAAA beside CNAME", Record{ID: "r", Type: "AAAA", Name: "al", Content: "::2"}, []string{"name: found an AAAA record beside the CNAME record of al.example.com, allowed: either one CNAME record or A and AAAA records at a name (record ID is in the way)"}},
		{"second CNAME", Record{ID: "r", Type: "CNAME", Name: "al", Content: "app.example.net"}, []string{"name: found a CNAME record beside the CNAME record of al.example.com, allowed: either one CNAME record or A and AAAA records at a name (record ID is in the way)"}},
		{"identical", Record{ID: "r", Type: "TXT", Name: "TEXT", Content: `"same"`}, []string{`content: found a second TXT record of text.example.com with the content "\"same\"", allowed: one record for each name, type and content (record ID is identical)`}},
		{"everything at once", Record{Type: "A", Name: "a b", Content: "x", TTL: -1}, []string{
			`name: found "a b", allowed: ` + names,
			`ttl: found -1, allowed: 1 (automatic) or 30 to 86400 seconds`,
			`content: found "x", allowed: an IPv4 address, such as "203.0.113.10"`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tx := z.Txn()
			err := fmt.Errorf("wrapped: %w", tx.PutRecord("example.com", tt.r))
			var got []string
			for _, e := range FieldErrors(err) {
				for r := range z.Records("example.com") {
					e.Hint = strings.ReplaceAll(e.Hint, r.ID, "ID")
				}
				got = append(got, e.Error())
			}
			diff(t, tt.want, got)
			if d := cmp.Diff(contents(z), contents(tx.Commit())); d != "" {
				t.Errorf("a record that was refused changed the zone: %s", d)
			}
		})
	}
}

func TestZoneFaults(t *testing.T) {
	z := world(t, "zone example.com")
	for _, tt := range []struct {
		doc  Zone
		want []string
	}{
		{Zone{Name: "com"}, []string{`name: found "com", allowed: a domain name of at least two labels, such as "example.com"`}},
		{Zone{Name: "*.example.com"}, []string{`name: found "*.example.com", allowed: a domain name of at least two labels, such as "example.com"`}},
		{Zone{ID: "other", Name: "Example.COM."}, []string{`name: found "Example.COM.", allowed: a name that no other zone has (zone example.com has it)`}},
		{Zone{Name: "", NameServers: []string{"ada.ns.cloudflare.com", "a b"}}, []string{
			`name: found "", allowed: a domain name of at least two labels, such as "example.com"`,
			`name_servers[1]: found "a b", allowed: a host name, such as "ada.ns.cloudflare.com"`,
		}},
		{Zone{Name: "example.net", NameServers: []string{}}, []string{`name_servers: found an empty list, allowed: at least one host name, or no such field`}},
	} {
		var got []string
		for _, e := range FieldErrors(z.Txn().PutZone(tt.doc)) {
			got = append(got, e.Error())
		}
		diff(t, tt.want, got)
	}
	err := z.Txn().PutRecord("nowhere", Record{Type: "A", Name: "@", Content: "203.0.113.1"})
	var field *FieldError
	if !errors.As(err, &field) || field.Field != "zone_id" {
		t.Errorf("unknown zone: %v", err)
	}
}

func TestTotalContent(t *testing.T) {
	tx := world(t, "zone example.com").Txn()
	for i := range 3 {
		err := tx.PutRecord("example.com", Record{ID: fmt.Sprint(i), Type: "TXT", Name: "x", Content: strings.Repeat(fmt.Sprint(i), 3000)})
		if (err != nil) != (i == 2) {
			t.Errorf("record %d: %v", i, err)
		}
	}
	// The same record again replaces itself and counts once.
	if err := tx.PutRecord("example.com", Record{ID: "1", Type: "TXT", Name: "x", Content: strings.Repeat("y", 3500)}); err != nil {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"@", "example.com"},
		{"example.com", "example.com"},
		{"Example.Com.", "example.com"},
		{"www", "www.example.com"},
		{"www.EXAMPLE.com", "www.example.com"},
		{"www.example.com.", "www.example.com"},
		{"notexample.com", "notexample.com.example.com"},
		{"*", "*.example.com"},
		{"_acme-challenge.www", "_acme-challenge.www.example.com"},
		{"bücher", "xn--bcher-kva.example.com"},
		{"*.Bücher", "*.xn--bcher-kva.example.com"},
	} {
		got, err := ownerName(tt.name, "example.com")
		if got != tt.want || err != nil {
			t.Errorf("%q is %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestTextContent(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, tt := range []struct {
		content string
		want    string
	}{
		{`v=spf1 -all`, `"v=spf1 -all"`},
		{`"v=spf1 -all"`, `"v=spf1 -all"`},
		{`"one" "two"`, `"one" "two"`},
		{`"one""two"`, `"one" "two"`},
		{`back\slash and "quote"`, `"back\\slash and \"quote\""`},
		{`"a\"b\\c\065\000"`, `"a\"b\\cA\000"`},
		{`""`, `""`},
		{"grüße", `"gr\195\188\195\159e"`},
		{long, `"` + long[:255] + `" "` + long[255:] + `"`},
	} {
		tx := world(t, "zone example.com").Txn()
		if err := tx.PutRecord("example.com", Record{Type: "TXT", Name: "x", Content: tt.content}); err != nil {
			t.Errorf("%s: %v", tt.content, err)
			continue
		}
		z := tx.Commit()
		m := ask(t, New(func() *Zones { return z }, Options{}), overTCP, question("x.example.com.", dns.TypeTXT))
		_, got, _ := strings.Cut(m.Answer[0].String(), "TXT\t")
		diff(t, tt.want, got)
	}
}

func TestDefaultNameServers(t *testing.T) {
	got := DefaultNameServers("Example.com.")
	diff(t, DefaultNameServers("example.com"), got)
	if len(got) != 2 || got[0] == got[1] || !strings.HasSuffix(got[0], ".ns.cloudflare.com") || !strings.HasSuffix(got[1], ".ns.cloudflare.com") {
		t.Errorf("got %q", got)
	}
	if cmp.Equal(got, DefaultNameServers("example.net")) && cmp.Equal(got, DefaultNameServers("example.org")) {
		t.Error("all zones have the same")
	}
}
